"""Rows that only have to exist are asked for by bits, several in one number, and answer as they do alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from regulars.rules import Compiler, Question, When, parse
from tests.rules.world import NOON, UTC_ZONE, World

WHEN = When(NOON, UTC_ZONE)
MANY = 130
"""More than the bits of two numbers."""
RULES = {
    "any(orders where channel = 'store')": ["old", "store"],
    "no(orders where channel = 'store')": ["none", "silent"],
    "any(orders where channel = 'store' in last 30 days)": ["store"],
    "no(orders where channel = 'store' in last 30 days)": ["none", "old", "silent"],
    "count(orders where channel != 'store') >= 1": [],
    "count(orders where channel = 'store' between 30 and 90 days ago) = 0": ["none", "silent", "store"],
    "count(orders where promo_code is known) > 0": ["store"],
    "count(orders where promo_code is known in last 30 days) < 1": ["none", "old", "silent"],
    "count(orders where not promo_code is known) != 0": ["old", "silent"],
    "not count(orders where total > 5) <= 0 and any(orders where channel = 'store')": ["old", "store"],
}


def _shop(world: World) -> None:
    """One without orders, one with an order of which nothing is known, two with orders in a store, one long ago."""
    world.people("none", "silent", "old", "store")
    world.put("orders", {"order_id": "1", "customer_id": "silent", "at": NOON},
              {"order_id": "2", "customer_id": "old", "at": NOON - timedelta(days=60), "channel": "Store",
               "total": Decimal(10)},
              {"order_id": "3", "customer_id": "store", "at": NOON, "channel": "store", "promo_code": "A",
               "total": Decimal(10)})


def _keys(world: World, *rules: str) -> set[str]:
    questions = {f"m{i}": Question(parse(rule), WHEN) for i, rule in enumerate(rules)}
    return {feature.key for feature in Compiler(world.vocabulary, questions).plan().features}


def test_together_they_answer_as_each_alone(world: World) -> None:
    _shop(world)
    asked = {f"m{i}": parse(rule) for i, rule in enumerate(RULES)}
    together = world.answers(asked, WHEN)
    assert {rule: sorted(together[f"m{i}"]) for i, rule in enumerate(RULES)} == RULES
    assert {rule: sorted(world.who(rule).split()) for rule in RULES} == RULES


def test_there_may_be_more_of_them_than_a_number_has_bits(world: World) -> None:
    world.people("first", "last", "none")
    world.put("orders", {"order_id": "1", "customer_id": "first", "at": NOON, "promo_code": "p0"},
              {"order_id": "2", "customer_id": "last", "at": NOON, "promo_code": f"P{MANY - 1}"})
    rules = {f"m{i}": parse(f"any(orders where promo_code = 'p{i}')") for i in range(MANY)}
    answers = world.answers(rules | {"no": parse("no(orders where promo_code = 'p0')")}, WHEN)
    assert {name: sorted(who) for name, who in answers.items() if who} == {
        "m0": ["first"], f"m{MANY - 1}": ["last"], "no": ["last", "none"]}


def test_at_different_moments_each_has_its_own_answer(world: World) -> None:
    _shop(world)
    rule, other = parse("any(orders where channel = 'store')"), parse("no(orders where promo_code is known)")
    earlier = When(NOON - timedelta(days=1), UTC_ZONE)
    assert sorted(world.answers({"a": rule, "b": other}, WHEN)["a"]) == ["old", "store"]
    assert sorted(world.answers({"a": rule, "b": other}, earlier)["a"]) == ["old"]


def test_what_is_worked_out_anyway_says_it_too(world: World) -> None:
    newest = "last(orders) before today"
    assert _keys(world, "any(orders)", "no(orders in last 30 days)", newest) == {"last(orders)"}
    assert _keys(world, "count(orders) >= 1", "count(orders) > 3", "any(orders)", newest) == {
        "count(orders)", "last(orders)"}
    assert _keys(world, "any(orders where total > 5)", "count(orders) = 0", newest) == {
        "any(orders where total > 5)", "any(orders)", "last(orders)"}


def test_one_alone_in_its_pass_stays_what_time_does_not_change(world: World) -> None:
    assert _keys(world, "any(orders in last 30 days)", "no(messages)") == {"last(orders)", "last(messages)"}


def test_all_rows_may_be_asked_for_in_two_ways_at_once(world: World) -> None:
    _shop(world)
    assert world.who("any(orders) and count(orders) >= 1") == "old silent store"
    assert world.who("no(orders) or not count(orders) != 0") == "none"
