"""Buckets against the truth of the demo shop: adjusted Rand index by seed, and that a shop of one kind has none.

    python -m benchmarks.buckets [--customers 1500] [--seeds 5]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
from sklearn.metrics import adjusted_rand_score

from regulars import Shop
from regulars.demo import make_demo
from regulars.demo.archetypes import PLAIN
from regulars.insight.common import Result
from regulars.shop.demo import make_demo_shop

NOW = datetime(2026, 11, 22, 12)


def main() -> None:
    """Make the shops, find their buckets, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1500)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    indices = []
    for seed in range(1, options.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            indices.append(behaviours(Path(folder), options.customers, seed))
            one_kind(Path(folder), options.customers, seed)
    print(f"adjusted Rand index: lowest {min(indices):.3f}, median {statistics.median(indices):.3f}")


def behaviours(folder: Path, customers: int, seed: int) -> float:
    """The adjusted Rand index (Hubert & Arabie 1985) of the buckets and the behaviours that made the shop."""
    with make_demo_shop(folder / "kinds", now=NOW, customers=customers, seed=seed) as shop:
        result, seconds = timed(shop)
        truth = pq.read_table(shop.folder / "demo" / "ground_truth.parquet").sort_by("customer_id")
    assert result.scores is not None
    index = float(adjusted_rand_score(truth.column("behaviour").to_pylist(),
                                      result.scores.table.sort_by("customer_id").column("bucket.name").to_pylist()))
    fidelity = result.numbers["fidelity"] or 0.0
    print(f"seed {seed}: {result.rows.num_rows} buckets, adjusted Rand index {index:.3f}, rules {fidelity:.0%} true to "
          f"the groups, score {result.numbers['score']:.3f} against {result.numbers['chance']:.3f} by chance, "
          f"{seconds:.1f} s")
    return index


def one_kind(folder: Path, customers: int, seed: int) -> None:
    """A shop whose customers differ by degree only."""
    demo = make_demo(folder / "files", customers, seed, now=NOW, archetypes=PLAIN)
    with Shop.create(folder / "plain") as shop:
        for table, path in demo.files.items():
            shop.import_file(path, as_=table, now=NOW)
        result, seconds = timed(shop)
    print(f"seed {seed}, one kind: {result.rows.num_rows} buckets, score {result.numbers['score']:.3f} against "
          f"{result.numbers['chance']:.3f} by chance, {seconds:.1f} s")


def timed(shop: Shop) -> tuple[Result, float]:
    began = time.perf_counter()
    result = shop.insight("buckets", NOW)
    return result, time.perf_counter() - began


if __name__ == "__main__":
    main()
