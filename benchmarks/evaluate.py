"""How fast segments are asked: one query each, all in shared passes, and from kept features; alternating, medians.

    python -m benchmarks.evaluate --customers 1000000 [--rounds 3] [--folder DIR] [--previews-from-facts]

Beside the seconds that passed stand those of the processor: on a busy machine their ratio is the one to go by. A shop
at ``--folder`` is kept and taken again, so that it is made once.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.bench_shop import NOW, fill
from regulars import Shop
from regulars.rules import Compiler, Question, check, parse
from regulars.segments.kept import keep, kept_features

T = TypeVar("T")
RULES = [line for line in (Path(__file__).parent / "rules50.txt").read_text().splitlines() if not line.startswith("#")]


def main() -> None:
    """Make the shop (or take the one at ``--folder``), measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--previews-from-facts", action="store_true", help="time each rule without kept features too")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp()) / "shop"
    began = time.perf_counter()
    shop = Shop.open(folder) if (folder / "shop.toml").exists() else fill(folder, options.customers)
    print(f"shop of {options.customers:,} customers ready in {time.perf_counter() - began:.1f} s")
    try:
        measure(shop, options.rounds)
        previews(shop, options.previews_from_facts)
    finally:
        shop.close()
        if not options.folder:
            shutil.rmtree(folder.parent)


def measure(shop: Shop, rounds: int) -> None:
    """Alternate the three ways; whichever is taken, the members are the same."""
    ways: dict[str, Callable[[], list[int]]] = {
        "one query a segment": lambda: [_counts(shop, {"m": rule})[0] for rule in RULES],
        "shared passes": lambda: _counts(shop, _named()),
        "kept features": lambda: _counts(shop, _named(), kept=True),
    }
    vocabulary, now = shop.segments.evaluator.vocabulary(), shop.moment(NOW)
    keeping, _ = timed(lambda: keep(shop.engine, shop.settings, vocabulary, {r: parse(r) for r in RULES}, now))
    times: dict[str, list[Spent]] = {name: [] for name in ways}
    for _ in range(rounds):
        found = []
        for name, way in ways.items():
            spent, counts = timed(way)
            times[name].append(spent)
            found.append(counts)
        assert found[0] == found[1] == found[2], "the three ways differ"
    base = median_of(times["one query a segment"])
    for name, taken in times.items():
        median = median_of(taken)
        print(f"{name:22} {median.passed:8.2f} s, {median.worked:8.2f} s of work: {base.passed / median.passed:6.1f} "
              f"({base.worked / median.worked:.1f}) times as fast as one query a segment", flush=True)
    print(f"{'keeping the features':22} {keeping.passed:8.2f} s, {keeping.worked:8.2f} s of work")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB", flush=True)


def previews(shop: Shop, from_facts: bool) -> None:
    """One rule at a time, each once to warm up."""
    _preview_each(shop, "preview, kept")
    if from_facts:
        shop.engine.execute("DELETE FROM kept")
        _preview_each(shop, "preview, from facts")


def _preview_each(shop: Shop, name: str) -> None:
    taken = []
    for rule in RULES:
        shop.preview(rule, NOW)
        taken.append(timed(lambda r=rule: shop.preview(r, NOW))[0])
    slowest = max(taken, key=lambda spent: spent.passed)
    median = median_of(taken)
    print(f"{name:22} {median.passed * 1000:8.1f} ms ({median.worked * 1000:.1f} ms of work) median, "
          f"{slowest.passed * 1000:.1f} ms ({slowest.worked * 1000:.1f}) slowest", flush=True)


def _named() -> dict[str, str]:
    return {f"m{i}": rule for i, rule in enumerate(RULES)}


def _counts(shop: Shop, rules: dict[str, str], *, kept: bool = False) -> list[int]:
    """Members of each rule, with or without what is kept."""
    evaluator = shop.segments.evaluator
    vocabulary, when = evaluator.vocabulary(), evaluator.when(shop.moment(NOW))
    questions = {}
    for name, rule in rules.items():
        tree = parse(rule)
        check(tree, vocabulary)
        questions[name] = Question(tree, when)
    plan = Compiler(vocabulary, questions, kept_features(shop.engine) if kept else frozenset()).plan()
    counts = ", ".join(f"count(*) FILTER (WHERE {name})" for name in rules)
    return list(shop.engine.rows(f"SELECT {counts} FROM ({evaluator.sql(plan)})")[0])


@dataclass(frozen=True)
class Spent:
    """Seconds that passed, and that the processor worked for this process, all its threads together."""

    passed: float
    worked: float


def median_of(taken: Sequence[Spent]) -> Spent:
    return Spent(statistics.median(s.passed for s in taken), statistics.median(s.worked for s in taken))


def timed(work: Callable[[], T]) -> tuple[Spent, T]:
    began, working = time.perf_counter(), time.process_time()
    result = work()
    return Spent(time.perf_counter() - began, time.process_time() - working), result


if __name__ == "__main__":
    main()
