"""How fast BG/NBD is fitted: from arrays of customers to parameters, beside ``lifetimes`` in the same run.

    python -m benchmarks.value [--customers 1000000] [--beside 100000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from lifetimes import BetaGeoFitter
from numpy.typing import NDArray

from regulars.insight.value.bgnbd import BGNBD
from regulars.insight.value.fitting import Fit, fit
from regulars.insight.value.rows import Rows

TRUTH = (0.6, 8.0, 0.8, 2.5)
WEEK = 7.0
Wholes = NDArray[np.int64]


def made(customers: int) -> tuple[Wholes, Wholes, Wholes]:
    """Customers of the model, watched for half a year to three years, in whole days: x, t_x, T."""
    rng = np.random.default_rng(1)
    until = rng.integers(183, 1096, customers)
    rows = BGNBD().simulate(TRUTH, until / WEEK, rng)
    last = np.minimum(np.ceil(rows.t_x * WEEK).astype(np.int64), until)
    return np.where(last > 0, rows.x, 0), last, until


def ours(x: Wholes, last: Wholes, until: Wholes) -> Fit:
    return fit(BGNBD(), Rows.of(x, last, until, WEEK)[0], 1)


def theirs(x: Wholes, last: Wholes, until: Wholes) -> list[float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = BetaGeoFitter().fit(x, last / WEEK, until / WEEK)
    return [float(found.params_[name]) for name in BGNBD.names]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Print seconds, medians of alternating rounds, the ratio, and both sets of parameters."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--beside", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    many, some = made(options.customers), made(options.beside)
    taken = [timed(lambda: ours(*many)) for _ in range(options.rounds)]
    print(f"BG/NBD of {options.customers:,} customers: {statistics.median(taken):.2f} s")
    pairs = [(timed(lambda: ours(*some)), timed(lambda: theirs(*some))) for _ in range(options.rounds)]
    own, other = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    print(f"BG/NBD of {options.beside:,} customers: {own:.2f} s, lifetimes {other:.2f} s: {other / own:.1f} times "
          "as fast")
    print("parameters", [f"{p:.4g}" for p in ours(*some).parameters])
    print("lifetimes ", [f"{p:.4g}" for p in theirs(*some)])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
