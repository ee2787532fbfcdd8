"""What the shared pass packs into bits holds beyond the bits of one number too; counted by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from regulars.rules import When, parse
from tests.rules.world import NOON, UTC_ZONE, World

KINDS = 130


def _shelves(world: World) -> None:
    """Products p0 … p129 each of a category of its own, p130 without one, and nobody knows p131."""
    world.put("products", *({"product_id": f"p{i}", "category": f"Shelf {i}"} for i in range(KINDS)),
              {"product_id": f"p{KINDS}"})


def _buys(world: World, who: str, products: range, when: datetime = NOON) -> None:
    world.people(who)
    world.put("lines", *({"order_id": who, "line": i, "customer_id": who, "at": when, "product_id": f"p{i}",
                          "quantity": Decimal(1)} for i in products))


def test_values_are_told_apart_however_many_there_are(world: World) -> None:
    _shelves(world)
    _buys(world, "all", range(KINDS + 2))
    _buys(world, "few", range(60, 65))
    _buys(world, "late", range(KINDS - 2, KINDS + 1))
    _buys(world, "unknown", range(KINDS, KINDS + 2))
    world.put("lines", {"order_id": "again", "line": 1, "customer_id": "few", "at": NOON, "product_id": "p60"})
    assert world.who(f"distinct(lines.category) = {KINDS}") == "all"
    assert world.who("distinct(lines.category) = 5") == "few"
    assert world.who("distinct(lines.category) = 2") == "late"
    assert world.who("distinct(lines.category) = 0") == "unknown"
    assert world.who("distinct(lines.category where quantity = 1) = 5") == "few"
    assert world.who("distinct(lines.category where category != 'shelf 60') = 4") == "few"
    assert world.who("distinct(lines.category in last 1 hour) = 5") == "few"


def test_spellings_of_one_value_are_one_value(world: World) -> None:
    world.put("products", *({"product_id": f"p{i}", "brand": brand} for i, brand in enumerate(("Ä", " ä", "A\u0308"))))
    _buys(world, "1", range(3))
    assert world.who("distinct(lines.brand) = 1") == "1"


def test_more_conditions_on_products_than_a_number_has_bits(world: World) -> None:
    _shelves(world)
    _buys(world, "first", range(1))
    _buys(world, "last", range(KINDS - 1, KINDS))
    _buys(world, "none", range(KINDS, KINDS + 2))
    rules = {f"m{i}": parse(f"any(lines where category = 'Shelf {i}')") for i in range(KINDS)}
    rules |= {"not": parse("count(lines where not category = 'Shelf 0') = 2")}
    answers = world.answers(rules, When(NOON, UTC_ZONE))
    assert {name: who for name, who in answers.items() if who} == {
        "m0": ["first"], f"m{KINDS - 1}": ["last"], "not": ["none"]}
