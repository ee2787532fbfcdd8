"""Whether results of campaigns hold in made-up shops where the truth is known.

    python -m benchmarks.proof [--runs 500] [--only results|guard]

How often the 95% intervals of conversion and profit hold the truth; how often a winner is called where there is none,
at the end and with weekly looks; how often what leaving out saved and lost lay within the guard's ranges.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tests.outreach.simulated import WEEKS, World, intervals
from tests.outreach.simulated_guard import guarded

from regulars.outreach.guard import Offered

WORLDS = (World(300, 0.15, 0.3, control=0.5), World(300, 0.25, 0.3, 0.05, control=0.3),
          World(3_000, 0.05, 0.3, 0.05, control=0.2), World(3_000, 0.15, 0.5, 0.1, control=0.2),
          World(3_000, 0.1, 0.5, 0.38, control=0.2),
          World(30_000, 0.05, 0.2, 0.05, control=0.1), World(30_000, 0.15, 0.1, control=0.1))
SAME = tuple(World(n, share, control=control) for n, share, control in (
    (300, 0.15, 0.5), (3_000, 0.05, 0.2), (3_000, 0.15, 0.2), (30_000, 0.05, 0.1)))


GUARDED = ((300, Offered("percent", 10)), (3_000, Offered("percent", 10)), (3_000, Offered("amount", 5)))


def results(runs: int) -> Iterator[str]:
    yield f"95% intervals that hold the truth, {runs} runs:"
    for world in WORLDS:
        found = intervals(world, runs, seed=1)
        share, profit = found.holds(found.shares, world.true_share), found.holds(found.profit, world.true_profit)
        yield f"  {world.people:6,} people, {told(world)}: conversion {share:.1%}, profit {profit:.1%}"
    yield f"A winner called where there is none, {runs} runs, at the end and with weekly looks:"
    for world in SAME:
        once, weekly = (intervals(world, runs, seed=2, weeks=weeks) for weeks in ((WEEKS,), range(1, WEEKS + 1)))
        yield (f"  {world.people:6,} people, {told(world)}: conversion {once.calls(once.shares):.1%}, "
               f"{weekly.calls(weekly.shares):.1%}; profit {once.calls(once.profit):.1%}, "
               f"{weekly.calls(weekly.profit):.1%}")


def guard(runs: int) -> Iterator[str]:
    yield f"What leaving out saved and lost lay within its ranges, {runs} runs:"
    for people, offer in GUARDED:
        rng = np.random.default_rng(3)
        held = [guarded(people, offer, rng) for _ in range(runs)]
        saved, lost = (np.mean([ends.low <= came <= ends.high for ends, came in pairs]) for pairs in (
            [(h.weighed.saved, h.saved) for h in held], [(h.weighed.risked, h.risked) for h in held]))
        yield f"  {people:6,} people, {offer.kind} {offer.value:g}: saved {saved:.1%}, lost {lost:.1%}"


PARTS: Mapping[str, Callable[[int], Iterator[str]]] = {"results": results, "guard": guard}


def told(world: World) -> str:
    return (f"{world.ordering:.0%} order, control {world.control:.0%}, lift {world.lift:.0%}, discount "
            f"{world.discount:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--only", choices=tuple(PARTS))
    options = parser.parse_args()
    began = time.process_time()
    for name in (options.only,) if options.only else PARTS:
        for line in PARTS[name](options.runs):
            print(line, flush=True)
    print(f"{time.process_time() - began:.0f} s of processor")


if __name__ == "__main__":
    main()
