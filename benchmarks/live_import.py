"""What a large file that comes in does to live messages: how long each waits to be settled, and to be acknowledged.

    python -m benchmarks.live_import [--file online_retail.parquet] [--rate 200] [--customers 5000]

A demo shop is served; so many messages a second come in by one client in batches of 20, before the file is sent, while
it comes in, and after. Each waits from its acknowledgement until the server has settled it.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.realdata import FOLDER

from benchmarks.live import at, made_key, message, ready
from benchmarks.served import Browser, served
from benchmarks.upload import send

BATCH = 20
POLLED_EVERY = 0.05


@dataclass
class Load:
    """Of each batch when it was acknowledged and in how long; of each look how far the server had settled."""

    port: int
    key: str
    rate: int
    acknowledged: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    settled: list[tuple[float, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self) -> None:
        chance, due, number = random.Random(1), time.perf_counter(), 0
        basic = base64.b64encode(f"{self.key}:".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            time.sleep(max(0.0, due - time.perf_counter()))
            due += BATCH / self.rate
            batch = ",".join(message(f"i{number + k}", chance, 1000) for k in range(BATCH))
            began = time.perf_counter()
            connection.request("POST", "/v1/batch", f'{{"batch":[{batch}]}}'.encode(), headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                number += BATCH
                self.acknowledged.append((time.perf_counter(), time.perf_counter() - began))
            else:
                self.refused += 1

    def watch(self) -> None:
        while not self.over.wait(POLLED_EVERY):
            self.settled.append((time.perf_counter(), int(ready(self.port)["settled"])))

    def waits(self, begin: float, end: float) -> list[float]:
        """Seconds from acknowledged to settled, of the batches that were acknowledged in between, sorted."""
        found, looks = [], iter(self.settled)
        when, upto = next(looks)
        for nth, (moment, _) in enumerate(self.acknowledged, 1):
            while upto < nth * BATCH:
                when, upto = next(looks, (self.settled[-1][0], nth * BATCH))
            if begin <= moment < end:
                found.append(max(0.0, when - moment))
        return sorted(found)


@contextmanager
def loaded(port: int, key: str, rate: int) -> Iterator[Load]:
    load = Load(port, key, rate)
    threads = [threading.Thread(target=load.send), threading.Thread(target=load.watch)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join()


def main() -> None:
    """Serve a demo shop, send messages and a file, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=FOLDER / "online_retail" / "online_retail.parquet")
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--before", type=float, default=15.0, help="seconds before the file is sent, and after it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, served(Path(scratch) / "shop", options.customers, 1) as server:
        server.wait_until_quiet()
        port = server.browsers[0].port
        with loaded(port, made_key(Path(scratch) / "shop", "write"), options.rate) as load:
            moments = _bring_in(server.browsers[0], options)
            last = len(load.acknowledged) * BATCH
            while ready(port)["settled"] < last:
                time.sleep(0.1)
            time.sleep(1)
    tell(load, moments)


def _bring_in(program: Browser, options: argparse.Namespace) -> list[float]:
    """The moments at which the file was sent, was in, and a while after; and one long before."""
    time.sleep(options.before)
    began = time.perf_counter()
    job = send(program, options.file)
    while json.loads(program.get(f"/api/v1/jobs/{job}").plain)["state"] in ("waiting", "running"):
        time.sleep(0.2)
    done = time.perf_counter()
    time.sleep(options.before)
    return [0.0, began, done, time.perf_counter()]


def tell(load: Load, moments: list[float]) -> None:
    """A line a part of the time."""
    print(
        f"the file was in {moments[2] - moments[1]:.1f} s after it began to be sent; load {os.getloadavg()[0]:.1f}; "
        f"{load.refused} batches were not taken"
    )
    for part, begin, end in zip(("before", "coming in", "after"), moments, moments[1:], strict=False):
        acknowledged = sorted(took for moment, took in load.acknowledged if begin <= moment < end)
        waits = load.waits(begin, end)
        print(
            f"{part:10} {len(waits) * BATCH:6} messages: acknowledged in ms: median {at(acknowledged, 0.5):.0f}, 99% "
            f"{at(acknowledged, 0.99):.0f}; settled after s: median {waits[len(waits) // 2]:.2f}, 95% "
            f"{at(waits, 0.95) / 1e3:.2f}, longest {waits[-1]:.2f}"
        )


if __name__ == "__main__":
    main()
