"""How fast segments are asked: one query each, all in shared passes, and from kept features; alternating, medians.

    python -m benchmarks.evaluate --customers 1000000 [--rounds 3] [--folder DIR]
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench_shop import NOW, fill
from regulars import Shop
from regulars.rules import Compiler, Question, check, parse
from regulars.segments.kept import keep, kept_features

RULES = [line for line in (Path(__file__).parent / "rules50.txt").read_text().splitlines() if not line.startswith("#")]


def main() -> None:
    """Make the shop (or take the one at ``--folder``), measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp()) / "shop"
    began = time.perf_counter()
    shop = Shop.open(folder) if (folder / "shop.toml").exists() else fill(folder, options.customers)
    print(f"shop of {options.customers:,} customers ready in {time.perf_counter() - began:.1f} s")
    try:
        measure(shop, options.rounds)
    finally:
        shop.close()
        if not options.folder:
            shutil.rmtree(folder.parent)


def measure(shop: Shop, rounds: int) -> None:
    """Alternate the three ways, then one rule at a time."""
    ways: dict[str, Callable[[], object]] = {
        "one query a segment": lambda: [_counts(shop, {"m": rule}) for rule in RULES],
        "shared passes": lambda: _counts(shop, _named()),
        "kept features": lambda: _counts(shop, _named(), kept=True),
    }
    vocabulary, now = shop.segments.evaluator.vocabulary(), shop.moment(NOW)
    keeping = timed(lambda: keep(shop.engine, shop.settings, vocabulary, {r: parse(r) for r in RULES}, now))
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(timed(way))
    base = statistics.median(times["one query a segment"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:22} {median:8.3f} s   {base / median:6.1f} times as fast as one query a segment")
    print(f"{'keeping the features':22} {keeping:8.3f} s")
    _previews(shop, rounds)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


def _previews(shop: Shop, rounds: int) -> None:
    from_kept = [timed(lambda r=rule: shop.preview(r, NOW)) for rule in RULES for _ in range(rounds + 1)]
    shop.engine.execute("DELETE FROM kept")
    from_facts = [timed(lambda r=rule: shop.preview(r, NOW)) for rule in RULES for _ in range(rounds + 1)]
    for name, taken in (("preview, kept", from_kept), ("preview, from facts", from_facts)):
        print(f"{name:22} {statistics.median(taken) * 1000:8.1f} ms median, {max(taken) * 1000:.1f} ms slowest")


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


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
