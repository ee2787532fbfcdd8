"""What a campaign brought: intervals that hold the truth, and no winner where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.outreach.results import looks, means, power, shares
from regulars.outreach.results.judging import (
    ALIKE,
    EARLY,
    LESS,
    MORE,
    NO_CONTROL,
    ORDERS,
    PAID,
    PROFIT,
    TOO_FEW,
    Look,
    People,
    compare,
)
from regulars.outreach.results.means import Brought
from regulars.outreach.results.pooling import pooled
from tests.outreach.simulated import WEEKS, World, intervals

Z = 1.959963984540054


@pytest.mark.parametrize(("table", "low", "high"), [
    ((56, 70, 48, 80), 0.0528, 0.3382), ((9, 10, 3, 10), 0.1700, 0.8406), ((6, 7, 2, 7), 0.0342, 0.8534),
    ((5, 56, 0, 29), -0.0326, 0.1933), ((0, 10, 0, 20), -0.1658, 0.2844), ((10, 10, 0, 10), 0.6636, 1.0)])
def test_differences_of_shares_are_those_of_the_published_table(table: tuple[int, ...], low: float,
                                                                high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17:873, table II, the method of Miettinen and Nurminen."""
    seen, lower, upper = shares.difference(*table, Z)
    assert float(seen) == pytest.approx(table[0] / table[1] - table[2] / table[3])
    assert (float(lower), float(upper)) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@settings(max_examples=60)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40), st.floats(0.5, 4))
def test_an_interval_of_shares_holds_what_was_seen_and_turns_around(k: int, n: int, j: int, m: int, z: float) -> None:
    k, j = min(k, n), min(j, m)
    seen, low, high = (float(x) for x in shares.difference(k, n, j, m, z))
    back, less, more = (float(x) for x in shares.difference(j, m, k, n, z))
    assert -1 <= low <= seen + 1e-9 and seen - 1e-9 <= high <= 1
    assert (back, less, more) == (pytest.approx(-seen), pytest.approx(-high, abs=1e-6), pytest.approx(-low, abs=1e-6))


def test_pooling_is_that_of_the_published_trials() -> None:
    """Thirteen trials of a vaccine (Colditz et al. 1994), as `metafor` pools them by Paule and Mandel."""
    sick = np.array([4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27])
    well = np.array([119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886])
    others = np.array([11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29])
    others_well = np.array([128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825])
    n, m = sick + well, others + others_well
    found = pooled(np.log(sick / n / (others / m)), np.sqrt(1 / sick - 1 / n + 1 / others - 1 / m))
    assert found.mean == pytest.approx(-0.7150, abs=5e-5)
    assert found.between**2 == pytest.approx(0.3181, abs=5e-5)
    assert found.low < found.mean < found.high < 0
    assert np.ptp(found.each) < np.ptp(np.log(sick / n / (others / m)))


def test_pooled_differences_hold_the_truth_each_and_together() -> None:
    rng, held, each = np.random.default_rng(2), [], []
    for spread in (0.0, 0.5, 1.5) * 150:
        errors = rng.uniform(0.6, 1.6, 6)
        truth = 1 + spread * rng.normal(size=6)
        found = pooled(truth + errors * rng.normal(size=6), errors)
        held.append(found.low <= 1 <= found.high)
        each.append(np.mean((found.each_low <= truth) & (truth <= found.each_high)))
    assert np.mean(held) > 0.93
    assert np.mean(each) > 0.93


def test_all_looks_together_err_in_one_of_twenty() -> None:
    """A random walk that nobody pushes, looked at a hundred times, passes the bounds in 5%."""
    rng = np.random.default_rng(3)
    walks = rng.normal(size=(20_000, 100)).cumsum(1) / 10
    done = np.arange(1, 101) / 100
    passed = (np.abs(walks) / np.sqrt(done) > [looks.bound(part) for part in done]).any(1)
    assert 0.035 < passed.mean() < 0.052
    assert looks.when_over() == pytest.approx(1.982, abs=1e-3)


def test_campaigns_without_an_end_may_be_looked_at_for_ever() -> None:
    rng = np.random.default_rng(4)
    walks = rng.normal(size=(2_000, 1_500)).cumsum(1)
    people = np.arange(1, 1_501)
    bounds = np.array([looks.endless_bound(n) for n in people])
    assert (np.abs(walks) / np.sqrt(people) > bounds).any(1).mean() < 0.05


def test_the_people_it_takes_are_those_of_the_textbook() -> None:
    """From 10% to 15% takes 686 in each of two groups (Fleiss 1981, without a correction for continuity)."""
    assert power.people_for(0.1, 0.5, 0.5, Z) == 2 * 686
    assert power.seen_with(686, 686, 0.1, Z) == pytest.approx(0.05, abs=1e-4)
    assert power.people_for(0.1, 0.5, 0.0, Z) is None and power.people_for(0.6, 1.0, 0.5, Z) is None
    assert power.seen_with(3, 3, 0.5, Z) is None


WORLDS = [(World(300, 0.15, 0.3, control=0.5), 400), (World(300, 0.2, 0.5, 0.35, control=0.5), 400),
          (World(3_000, 0.05, 0.3, 0.05, control=0.2), 80), (World(30_000, 0.05, 0.2, 0.05, control=0.1), 8)]


@pytest.mark.parametrize(("world", "runs"), WORLDS)
def test_intervals_hold_the_truth_in_shops_where_it_is_known(world: World, runs: int) -> None:
    """In 92% to 98% of 500 runs, as `benchmarks/proof.py` shows; of fewer runs by as much more as chance allows."""
    found = intervals(world, runs, seed=5)
    slack = 2 * np.sqrt(0.05 * 0.95) * (runs**-0.5 - 500**-0.5)
    for held in (found.holds(found.shares, world.true_share), found.holds(found.profit, world.true_profit)):
        assert 0.92 - slack <= held <= 0.98 + slack


def test_where_there_is_no_difference_weekly_looks_seldom_call_one() -> None:
    found = intervals(World(300, 0.2, control=0.5), 400, seed=6, weeks=range(1, WEEKS + 1))
    assert found.calls(found.shares) <= 0.05
    assert found.calls(found.profit) <= 0.05


def people(n: int, buyers: int, each: float = 20.0, *, cost: float = 0.0, known: bool = True) -> People:
    gross = np.where(np.arange(n) < buyers, each * (1 + 0.1 * (np.arange(n) % 5)), 0.0)
    profit = Brought(gross * 0.4 - cost, gross, np.zeros(n)) if known else None
    return People(gross > 0, Brought(gross, gross, np.zeros(n)), profit)


def test_it_says_which_of_six_things_may_be_said() -> None:
    assert compare(people(500, 100), people(0, 0), Look()).verdict == NO_CONTROL
    assert compare(people(500, 3), people(50, 0), Look()).verdict == TOO_FEW
    assert compare(people(500, 60), people(500, 50), Look(0.5)).verdict == EARLY
    assert compare(people(500, 60), people(500, 50), Look()).verdict == ALIKE
    assert compare(people(500, 200), people(500, 100), Look()).verdict == MORE
    assert compare(people(500, 200), people(500, 100), Look(0.25)).verdict == MORE
    assert compare(people(500, 105, cost=9.0), people(500, 100), Look()).verdict == LESS


def test_more_orders_that_cost_more_than_they_bring_are_a_loss() -> None:
    found = compare(people(2000, 500, cost=3.0), people(2000, 400), Look())
    assert found.ordered and found.ordered.low > 0
    assert found.verdict == LESS and found.profit and found.profit.high < 0


def test_what_was_paid_is_never_called_profit() -> None:
    found = compare(people(500, 200, known=False), people(500, 100, known=False), Look(), PROFIT)
    assert (found.goal, found.profit) == (PAID, None)
    assert found.of_goal is found.paid


def test_many_questions_at_once_ask_for_more() -> None:
    alone, among = (compare(people(500, 120), people(500, 90), Look(), ORDERS, n) for n in (1, 10))
    assert alone.ordered and among.ordered
    assert (alone.verdict, among.verdict) == (MORE, ALIKE)
    assert among.ordered.low < alone.ordered.low < alone.ordered.high < among.ordered.high


def test_nothing_bought_by_anybody_is_no_interval() -> None:
    nothing = people(500, 0)
    assert means.difference(nothing.paid, nothing.paid, Z) is None
    assert compare(nothing, nothing, Look()).verdict == TOO_FEW
