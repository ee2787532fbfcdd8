"""How long pages take while a large file comes in: sent by a program, taken in by the same process, understood after.

    python -m benchmarks.upload [--file online_retail.parquet] [--customers 5000] [--clients 4] [--pause 0.5]

``--clients`` people go over the pages of a demo shop with ``--pause`` seconds between two. For each part of the time
(before, while the file is sent and taken in, while segments and analyses are looked at after it) the median, the 95th
percentile and the slowest page.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.realdata import FOLDER

from benchmarks.pages import Page, pages
from benchmarks.served import Browser, Served, served

SLOWEST = 1.0
"""Seconds that no page is to take while a file comes in."""
END = b"benchmark-of-uploads"


@dataclass
class Taken:
    """Every answer people got: in which part of the time, how long it took, of which page."""

    part: str = "before"
    answers: list[tuple[str, float, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def main() -> None:
    """Serve a demo shop, browse, upload, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=FOLDER / "online_retail" / "online_retail.parquet")
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.5)
    parser.add_argument("--before", type=float, default=20.0, help="seconds of browsing before the upload")
    parser.add_argument("--after", type=float, default=20.0, help="seconds of browsing after the import")
    parser.add_argument("--at-once", action="store_true", help="do not wait until what is done each day is done")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, served(Path(scratch) / "shop", options.customers,
                                                          options.clients + 1) as server:
        if not options.at_once:
            server.wait_until_quiet()
        *people, program = server.browsers
        asked = [page for page in pages(program) if page.opened]
        for page in asked:
            page.ask(program)
        tell(browsed(server, people, program, asked, options))


def browsed(server: Served, people: list[Browser], program: Browser, asked: list[Page],
            options: argparse.Namespace) -> Taken:
    """What people got before, while and after ``program`` sent the file."""
    taken = Taken()
    threads = [threading.Thread(target=_browse, args=(each, asked, options.pause, i, taken))
               for i, each in enumerate(people)]
    for thread in threads:
        thread.start()
    time.sleep(options.before)
    taken.part = "coming in"
    began = time.perf_counter()
    job = send(program, options.file)
    while (state := json.loads(program.get(f"/api/v1/jobs/{job}").plain)["state"]) in ("waiting", "running"):
        time.sleep(0.5)
    print(f"{options.file.name} was {state} {time.perf_counter() - began:.1f} s after it was sent")
    taken.part = "after"
    time.sleep(options.after)
    taken.over.set()
    for thread in threads:
        thread.join()
    return taken


def send(program: Browser, file: Path) -> int:
    head = f'--{END.decode()}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    answer = program.ask("POST", "/api/v1/imports", head.encode() + file.read_bytes() + b"\r\n--" + END + b"--\r\n",
                         f"multipart/form-data; boundary={END.decode()}")
    if answer.status != 202:
        raise SystemExit(f"The upload was answered with {answer.status}: {answer.plain[:200]!r}")
    return int(json.loads(answer.plain)["id"])


def _browse(browser: Browser, asked: list[Page], pause: float, seed: int, taken: Taken) -> None:
    order = random.Random(seed)
    while not taken.over.is_set():
        page, part = order.choice(asked), taken.part
        taken.answers.append((part, page.ask(browser).seconds, page.name))
        time.sleep(pause * order.uniform(0.5, 1.5))


def tell(taken: Taken) -> None:
    """A line a part of the time, and the slowest pages while the file came in."""
    for part in ("before", "coming in", "after"):
        seconds = sorted(s for p, s, _ in taken.answers if p == part)
        if len(seconds) > 1:
            worst = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
            print(f"{part:10} {len(seconds):5} pages: median {statistics.median(seconds) * 1000:6.0f} ms, 95th "
                  f"percentile {worst * 1000:6.0f} ms, slowest {seconds[-1] * 1000:6.0f} ms, "
                  f"{sum(s > SLOWEST for s in seconds)} over {SLOWEST:.0f} s")
    for part, took, name in sorted(taken.answers, key=lambda a: -a[1])[:5]:
        print(f"   {took * 1000:6.0f} ms {part}: {name}")


if __name__ == "__main__":
    main()
