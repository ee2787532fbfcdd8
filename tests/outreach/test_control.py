"""Who is left out so that it can be told what a message brought."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from regulars.outreach.control import assign, held_out, split, strata

PEOPLE = [f"C{i}" for i in range(20_000)]


def test_it_draws_the_same_however_often_and_in_whatever_order_it_is_asked() -> None:
    drawn = dict(zip(PEOPLE, assign("s", "spring", PEOPLE, 0.1), strict=True))
    backwards = PEOPLE[::-1]
    assert dict(zip(backwards, assign("s", "spring", backwards, 0.1), strict=True)) == drawn
    layers = ["a", "b"] * 10_000
    evenly = dict(zip(PEOPLE, assign("s", "spring", PEOPLE, 0.1, layers), strict=True))
    assert dict(zip(backwards, assign("s", "spring", backwards, 0.1, layers[::-1]), strict=True)) == evenly


def test_without_strata_nobody_is_moved_by_those_who_come_later() -> None:
    assert assign("s", "welcome", PEOPLE, 0.2)[:50] == assign("s", "welcome", PEOPLE[:50], 0.2)
    assert [assign("s", "welcome", [one], 0.2)[0] for one in PEOPLE[:50]] == assign("s", "welcome", PEOPLE[:50], 0.2)


def test_a_larger_share_keeps_those_who_were_held_out() -> None:
    small, large = held_out("s", PEOPLE, 0.02), held_out("s", PEOPLE, 0.05)
    assert all(more for less, more in zip(small, large, strict=True) if less)
    assert abs(sum(large) - 1000) < 4 * np.sqrt(950)


def test_draws_of_campaigns_shops_and_everything_are_independent() -> None:
    draws = np.array([assign("s", "spring", PEOPLE, 0.3), assign("s", "summer", PEOPLE, 0.3),
                      assign("t", "spring", PEOPLE, 0.3), held_out("s", PEOPLE, 0.3)], float)
    apart = np.corrcoef(draws) - np.eye(4)
    assert np.abs(apart).max() < 4 / np.sqrt(len(PEOPLE))


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=80), st.floats(0, 0.5), st.text(max_size=5))
def test_each_stratum_gives_its_share_to_within_one(layers: list[str], share: float, campaign: str) -> None:
    drawn = assign("seed", campaign, PEOPLE[:len(layers)], share, layers)
    assert abs(sum(drawn) - share * len(layers)) < 1 + 1e-9
    for layer, people in Counter(layers).items():
        got = sum(d for d, at in zip(drawn, layers, strict=True) if at == layer)
        assert abs(got - share * people) < 1 + 1e-9


def test_everybodys_chance_is_the_share_also_in_the_smallest_shop() -> None:
    layers = ["new", "old", "old", "old", "old", "best", "best"]
    drawn = np.mean([assign("s", f"campaign {i}", PEOPLE[:7], 0.3, layers) for i in range(8000)], axis=0)
    assert np.abs(drawn - 0.3).max() < 4 * np.sqrt(0.21 / 8000)


def test_the_arms_of_a_test_are_as_large_as_each_other_and_cut_across_the_control_group() -> None:
    arms = split("s", "spring", PEOPLE, ["A", "B", "C"])
    control = assign("s", "spring", PEOPLE, 0.5)
    counts = Counter(zip(arms, control, strict=True))
    assert set(arms) == {"A", "B", "C"}
    assert max(abs(n - 20_000 / 6) for n in counts.values()) < 4 * np.sqrt(20_000 / 6)


def test_strata_tell_apart_what_was_spent_within_each_variant() -> None:
    spent = [None, 0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 7.0]
    found = strata(["A"] * 7 + ["B"], spent)
    assert found[0] == found[1] != found[2]
    assert len(set(found[2:7])) == 5
    assert found[7] not in found[:7]
