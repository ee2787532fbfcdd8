"""Conditions judged in the step that works their features out: of who has rows there, and of who has none."""

from __future__ import annotations

from decimal import Decimal

from regulars.rules import Compiler, Question, When, parse
from tests.rules.world import NOON, UTC_ZONE, World

MANY = 130
"""More than the bits of two numbers."""


def _shop(world: World) -> None:
    """One with three orders and a plan, one without either."""
    world.put("customers", {"customer_id": "none"}, {"customer_id": "some", "plan": "gold"})
    world.put("orders", *({"order_id": str(i), "customer_id": "some", "at": NOON, "total": Decimal(10)}
                          for i in range(3)))


def test_who_has_no_rows_is_judged_as_somebody_without_facts(world: World) -> None:
    _shop(world)
    rules = {f"m{i}": parse(f"count(orders) = {i}") for i in range(MANY)}
    rules |= {f"n{i}": parse(f"not count(orders) = {i}") for i in (0, MANY - 1)}
    answers = world.answers(rules, When(NOON, UTC_ZONE))
    assert {name: who for name, who in answers.items() if who} == {
        "m0": ["none"], "m3": ["some"], "n0": ["some"], f"n{MANY - 1}": ["none", "some"]}


def test_parts_of_several_steps_come_together(world: World) -> None:
    _shop(world)
    assert world.who("plan = 'gold' and count(orders) = 3") == "some"
    assert world.who("not (plan = 'gold' or any(orders)) and no(messages)") == "none"
    assert world.who("plan is not known or sum(orders.total) > 29") == "none some"
    assert world.who("top 50% by sum(orders.total) and not any(messages)") == "some"


def test_features_go_no_further_than_where_they_are_judged(world: World) -> None:
    rule = parse("count(orders) >= 2 and last(orders) before today and plan = 'gold' and top 5% by avg(orders.total)")
    plan = Compiler(world.vocabulary, {"m": Question(rule, When(NOON, UTC_ZONE))}).plan()
    people = next(step.expression for step in plan.steps if step.name == "people")
    carried = {f.name for f in plan.features} & set(people.columns)
    assert carried == {f.name for f in plan.features if f.key == "avg(orders.total)"}
