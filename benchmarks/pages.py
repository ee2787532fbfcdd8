"""How long every page takes in a large shop, and what it weighs: alone, and with several people at once.

    python -m benchmarks.pages --customers 100000 --folder DIR [--clients 8] [--rounds 5] [--pause 0] [--only WORD]

For each page: the median with one client, the server's processor time a request (on a busy machine the figure to go
by), median and 95th percentile while ``--clients`` people go over all pages at once, each in an order of their own
with ``--pause`` seconds between two pages, and its weight: the page as sent with the styles and scripts it names.
A shop at ``--folder`` is kept and taken again, so that it is made once.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.served import Answer, Browser, Served, served

MEDIAN, WORST, HEAVIEST = 0.2, 0.5, 300_000
"""What pages are to stay under: seconds, seconds at the 95th percentile, bytes."""
DRAFTS = (
    "count(orders) >= 10 and any(engagements in last 30 days)", "any(opens in last {} days)",
    "count(clicks in last {} days) >= 2", "sum(orders.total in last {} days) > 100",
    "any(lines where category contains 'a' in last {} days)", "gender = 'female' and not any(orders in last {} days)",
    "stopped(orders for {} days)", "top 10% by sum(orders.total in last {} days)",
)
"""Rules as somebody writes them; a number is filled in that was not asked before."""
LINKED = re.compile(rb'(?:src|href)="(/static/[^"]+)"')
ANALYSES = ("certificate", "profit", "personas", "interests")
BUNDLE = b"vega"


@dataclass(frozen=True)
class Page:
    """What is asked of a browser, and whether people open it (rather than a program or a script)."""

    name: str
    ask: Callable[[Browser], Answer]
    opened: bool = True


@dataclass(frozen=True)
class Taken:
    """What was measured of one page: seconds, and bytes with all it names."""

    alone: float
    processor: float
    together: Sequence[float]
    weight: int

    @property
    def median(self) -> float:
        return statistics.median(self.together)

    @property
    def worst(self) -> float:
        return statistics.quantiles(self.together, n=20, method="inclusive")[-1]

    @property
    def misses(self) -> bool:
        return self.median > MEDIAN or self.worst > WORST or self.weight > HEAVIEST


def pages(browser: Browser) -> list[Page]:
    """Every page there is, for a segment, a customer and an import the shop has."""
    segment = max(_items(browser, "segments"), key=lambda s: int(s["members"]))
    name = quote(segment["name"])
    who = quote(_items(browser, f"members/{name}?limit=1")[0]["customer_id"])
    receipts = [f"/bring-in/receipts/{each['import_id']}/" for each in _items(browser, "imports?limit=1")]
    opened = (
        "/today/", "/bring-in/", *receipts, "/segments/", "/segments/none/",
        "/segments/overlaps/", "/segments/ready/", f"/segments/show/{name}/", f"/segments/edit/{name}/",
        "/segments/new/", "/buckets/", "/personas/", "/products/", "/customers/", "/customers/?page=1000",
        "/customers/?q=maria", f"/customers/show/{who}/", f"/customers/why/{who}/?segment={name}", "/settings/",
        "/settings/keys/", "/settings/backups/", "/people/", "/account/", "/log/")
    parts = (
        f"/segments/members/{name}/?page=2", f"/segments/outside/{name}/",
        f"/segments/past/?{urlencode({'rule': DRAFTS[0]})}",
        *(f"/insights/{each}/?{urlencode({'segment': segment['rule']})}" for each in ANALYSES),
        *(f"/api/v1/{path}" for path in ("segments", f"segments/{name}", f"members/{name}", "customers",
                                         "customers?q=maria", f"customers/{who}", f"timeline/{who}", "imports",
                                         "insight", "insight/rfm")))
    return [*map(_get, opened), *(_get(path, opened=False) for path in parts), *map(_draft, DRAFTS), _count()]


def _items(browser: Browser, path: str) -> list[dict[str, Any]]:
    answer = browser.get(f"/api/v1/{path}")
    if answer.status != 200:
        raise SystemExit(f"{path} was answered with {answer.status}: {answer.plain[:200]!r}")
    items: list[dict[str, Any]] = json.loads(answer.plain)["items"]
    return items


def _get(path: str, *, opened: bool = True) -> Page:
    return Page(path, lambda browser: browser.get(path), opened)


def _draft(rule: str) -> Page:
    """A live preview: another number each time, so that nothing is known of the rule beforehand."""
    numbers = count(31)
    return Page(f"preview {rule}", lambda browser: browser.post("/segments/preview/", rule=rule.format(next(numbers))),
                opened=False)


def _count() -> Page:
    body = json.dumps({"rule": "count(orders) >= 2"}).encode()
    return Page("/api/v1/count", lambda browser: browser.ask("POST", "/api/v1/count", body, "application/json"),
                opened=False)


def measured(server: Served, asked: Sequence[Page], rounds: int, pause: float) -> dict[str, Taken]:
    """Each page once to warm up, then alone, then by all clients."""
    browser = server.browsers[0]
    weights = {page.name: _weight(browser, page) for page in asked}
    server.wait_until_quiet()
    alone = {page.name: _alone(server, page, rounds) for page in asked}
    together: dict[str, list[float]] = {page.name: [] for page in asked}
    threads = [threading.Thread(target=_go_over, args=(each, asked, rounds, pause, i, together))
               for i, each in enumerate(server.browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {page.name: Taken(*alone[page.name], together[page.name], weights[page.name]) for page in asked}


def _weight(browser: Browser, page: Page) -> int:
    """Bytes of the page and of the styles and scripts it names, as sent; the pictures' bundle is not counted."""
    answer = page.ask(browser)
    if answer.status not in (200, 202):
        raise SystemExit(f"{page.name} was answered with {answer.status}: {answer.plain[:200]!r}")
    named = set(LINKED.findall(answer.plain)) if page.opened else set()
    return len(answer.body) + sum(len(browser.get(path.decode()).body) for path in named if BUNDLE not in path)


def _alone(server: Served, page: Page, rounds: int) -> tuple[float, float]:
    """Median seconds, and seconds of the server's processor a request."""
    before = server.processor()
    seconds = [page.ask(server.browsers[0]).seconds for _ in range(rounds)]
    return statistics.median(seconds), (server.processor() - before) / rounds


def _go_over(browser: Browser, asked: Sequence[Page], rounds: int, pause: float, seed: int,
             together: dict[str, list[float]]) -> None:
    order = random.Random(seed)
    for _ in range(rounds):
        for page in order.sample(asked, len(asked)):
            answer = page.ask(browser)
            if answer.status not in (200, 202):
                raise SystemExit(f"{page.name} was answered with {answer.status}.")
            together[page.name].append(answer.seconds)
            time.sleep(pause * order.uniform(0.5, 1.5))


def tell(taken: dict[str, Taken], clients: int) -> None:
    """A line a page, those that miss marked; then all together."""
    print(f"{'alone ms':>9} {'CPU ms':>7} {f'{clients} ms':>7} {'p95 ms':>7} {'kB':>5}")
    for name, each in taken.items():
        print(f"{each.alone * 1000:9.0f} {each.processor * 1000:7.0f} {each.median * 1000:7.0f} "
              f"{each.worst * 1000:7.0f} {each.weight / 1000:5.0f} {'!' if each.misses else ' '} {name[:90]}")
    every = [s for each in taken.values() for s in each.together]
    print(f"All with {clients} clients: median {statistics.median(every) * 1000:.0f} ms, 95th percentile "
          f"{statistics.quantiles(every, n=20)[-1] * 1000:.0f} ms; {sum(t.misses for t in taken.values())} of "
          f"{len(taken)} miss {MEDIAN * 1000:.0f} ms, {WORST * 1000:.0f} ms or {HEAVIEST / 1000:.0f} kB")


def main() -> None:
    """Serve the shop, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--only", default="", help="pages that have this in their address")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch) / "shop"
        with served(folder, options.customers, options.clients) as server:
            server.wait_until_quiet()
            asked = [page for page in pages(server.browsers[0]) if options.only in page.name]
            tell(measured(server, asked, options.rounds, options.pause), options.clients)


if __name__ == "__main__":
    main()
