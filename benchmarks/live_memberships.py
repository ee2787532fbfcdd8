"""How fast memberships follow facts and time, beside a look at everybody in the same run.

    python -m benchmarks.live_memberships --customers 1000000 [--changed 1000] [--rounds 3] [--folder DIR]
        [--by-time]

A shop of ten orders, twenty lines and fifty messages a customer, with the fifty rules of rules50.txt saved. In each
round: everybody is looked at, a minute passes, so many customers buy something; a day passes at the end. Beside the
seconds that passed stand those of the processor: on a busy machine those are the ones to go by. "Told" is when
memberships were committed; what is kept for the next look is written after that. With ``--by-time`` rows
lie as they came, and are put in order by customer, as every night; the rounds are before and after that.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from benchmarks.bench_shop import BY_CUSTOMER, NOW, fill
from benchmarks.evaluate import RULES, Spent, median_of, timed
from regulars import Shop
from regulars.intake.in_order import put_in_order
from regulars.segments.advancing import Look
from regulars.segments.standing import standings


def main() -> None:
    """Make the shop (or take the one at ``--folder``), measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--changed", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--by-time", action="store_true")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp()) / "shop"
    began = time.perf_counter()
    shop = Shop.open(folder) if (folder / "shop.toml").exists() else \
        fill(folder, options.customers, by='"at"' if options.by_time else BY_CUSTOMER)
    print(f"shop of {options.customers:,} customers ready in {time.perf_counter() - began:.1f} s", flush=True)
    try:
        Clock(shop, options.changed).measure(options.rounds)
        if options.by_time:
            print(f"rows put in order in {timed(lambda: put_in_order(shop.engine))[0].passed:.0f} s", flush=True)
            Clock(shop, options.changed).measure(options.rounds)
    finally:
        shop.close()
        if not options.folder:
            shutil.rmtree(folder.parent)


class Clock:
    """The moment it is in the shop, and what happens at it."""

    def __init__(self, shop: Shop, changed: int) -> None:
        self.shop = shop
        self.segments = shop.segments
        self.changed = changed
        last = shop.engine.value("SELECT max(refreshed_at) FROM segments")
        self.now: datetime = max(shop.moment(NOW), last + timedelta(seconds=1)) if last else shop.moment(NOW)
        self.keeping = Spent(0, 0)
        self.serial = int(shop.engine.value("SELECT count(*) FROM orders WHERE starts_with(order_id, 'NEW')"))

    def measure(self, rounds: int) -> None:
        known = {s.name for s in self.segments.list()}
        for i, rule in enumerate(RULES):
            if f"s{i}" not in known:
                self.segments.add(f"s{i}", rule, now=self.now)
        first, _ = timed(lambda: self.segments.advance(self.now))
        self._say("a first look at everybody", [first])
        self._say("the nightly rebuild", [timed(lambda: self.segments.rebuild(self.now))[0]])
        spent: dict[str, list[Spent]] = {}
        for _ in range(rounds):
            self._round(spent)
        self._pass(timedelta(days=1))
        self._spend(spent, "a day passed", self._advance)
        for what, taken in spent.items():
            self._say(what, taken, spent["a look at everybody"])
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB", flush=True)

    def _round(self, spent: dict[str, list[Spent]]) -> None:
        # A look at everybody takes the memory that what is kept lay in; looks at few come every few seconds.
        for what, work in (("a look at everybody", self._everybody), ("a minute passed", self._minute),
                           (f"{self.changed:,} customers changed", self._advance)):
            if work == self._advance:
                self._pass(timedelta(seconds=5))
                self._buy()
            self._spend(spent, what, work)

    def _spend(self, spent: dict[str, list[Spent]], what: str, work: Callable[[], object]) -> None:
        taken, _ = timed(work)
        spent.setdefault(what, []).append(taken)
        if work != self._everybody:
            told = Spent(taken.passed - self.keeping.passed, taken.worked - self.keeping.worked)
            spent.setdefault(f"{what}: told", []).append(told)

    def _pass(self, time_passed: timedelta) -> None:
        self.now += time_passed

    def _minute(self) -> int:
        self._pass(timedelta(minutes=1))
        return self._advance()

    def _advance(self) -> int:
        self.keeping = Spent(0, 0)
        with patch.object(Look, "keep_up", self._timing(Look.keep_up)):
            moved = self.segments.advance(self.now)
        return sum(m.entered + m.left for m in moved)

    def _timing(self, keep_up: Callable[[Look], None]) -> Callable[[Look], None]:
        def timed_keep_up(look: Look) -> None:
            self.keeping, _ = timed(lambda: keep_up(look))
        return timed_keep_up

    def _everybody(self) -> int:
        """The same from everybody's facts: it must find nobody to move."""
        with self.shop.engine.transaction():
            look = Look(self.segments.evaluator, self.now)
            found = look.compare(standings(self.shop.engine, self.segments.evaluator, look.vocabulary))
        wrong = [m for m in found if (m.entered or m.left) and "top " not in self.segments.get(m.segment).rule]
        assert not wrong, wrong
        return len(found)

    def _buy(self) -> None:
        """One more order each, of customers from anywhere, as live events would leave it."""
        run, upto = self.shop.engine.execute, self.serial + self.changed
        with self.shop.engine.transaction():
            run("CREATE OR REPLACE TEMP TABLE touched AS SELECT customer_id FROM customers USING SAMPLE "
                f"{self.changed} ROWS (reservoir, {self.serial + 1})")
            run('INSERT INTO orders (order_id, customer_id, "at", status, channel, total, counted, margin, items, '
                f"returned) SELECT 'NEW' || ({self.serial} + row_number() OVER ()), customer_id, ?, 'paid', 'online', "
                "50, true, 20, 1, false FROM touched", [self.now - timedelta(seconds=1)])
            run("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
            run("INSERT INTO changed_customers SELECT (SELECT value::BIGINT FROM meta WHERE key = 'facts_version'), ?, "
                "customer_id, ['orders', 'lines'] FROM touched", [self.now])
        self.serial = upto

    def _say(self, what: str, taken: Sequence[Spent], base: Sequence[Spent] = ()) -> None:
        median = median_of(taken)
        ratio = ""
        if base:
            whole = median_of(base)
            ratio = (f": {whole.passed / median.passed:6.1f} ({whole.worked / median.worked:.1f}) times as fast as a "
                     "look at everybody")
        print(f"{what:32} {median.passed:8.3f} s, {median.worked:8.3f} s of work{ratio}", flush=True)


if __name__ == "__main__":
    main()
