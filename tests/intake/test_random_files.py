"""Random files about few people: the shop always holds together, a second time adds nothing, and all can be undone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.intake.hand import Hand, at

EMAILS = [f"{c}@x.com" for c in "abcd"]
PHONES = ["020 7946 0958", "+44 20 7946 0959", "020 7946 0960"]
ROUNDS = 4


def somebody(dice: random.Random) -> dict[str, Any]:
    """Whatever a row happens to say of who it is."""
    hints: dict[str, Any] = {}
    if dice.random() < 0.6:
        hints["id_email"] = dice.choice(EMAILS)
    if dice.random() < 0.3:
        hints["id_phone"] = dice.choice(PHONES)
    if dice.random() < 0.3:
        hints["customer_id"] = dice.choice("uvw")
    if dice.random() < 0.2:
        hints["id_platform"] = f"square:{dice.randint(1, 3)}"
    return {h: hints.get(h) for h in ("customer_id", "id_email", "id_phone", "id_platform")}


def a_file(dice: random.Random) -> dict[str, Any]:
    """A few rows of some of the tables."""
    tables: dict[str, Any] = {}
    if dice.random() < 0.5:
        tables["customers"] = [{**somebody(dice), "city": dice.choice(["Bath", "York", None]),
                                "kind": dice.choice([None, "subscriber", "prospect"]),
                                "email_consent": dice.choice([True, False, None]),
                                "email_consent_at": dice.choice([None, at(1), at(20)])} for _ in range(3)]
    if dice.random() < 0.3:
        tables["products"] = [{"product_id": p, "unit_cost": dice.choice([None, 1, 2])} for p in dice.sample("pqr", 2)]
    if dice.random() < 0.7:
        tables["orders"] = [{**somebody(dice), "order_id": str(n), "at": at(dice.randint(1, 25)),
                             "status": dice.choice(["paid", "pending", "cancelled", "refunded", None]),
                             "total": dice.choice([None, 10, 20])} for n in dice.sample(range(8), 3)]
    if dice.random() < 0.7:
        tables["lines"] = [{**somebody(dice), "order_id": str(dice.randint(0, 7)), "at": at(dice.randint(1, 25)),
                            "product_id": dice.choice("pqr"), "quantity": dice.randint(1, 3),
                            "unit_price": dice.randint(1, 4)}
                           for _ in range(6)]
    if dice.random() < 0.6:
        tables["returns"] = [{**somebody(dice), "document": f"C{dice.randint(0, 5)}", "at": at(dice.randint(5, 28)),
                              "product_id": dice.choice("pqr"), "quantity": dice.randint(1, 2), "amount": 3,
                              "of_order": dice.choice([None, None, "1", "2"])} for _ in range(3)]
    tables["messages"] = [{**somebody(dice), "at": at(dice.randint(1, 28)), "type": "opened"} for _ in range(2)]
    return tables


def difference(hand: Hand, one: dict[str, Any], other: dict[str, Any]) -> list[Any]:
    """Rows that only one of two states has, with what they hold."""
    found = []
    for table, rows in one.items():
        names = list(hand.engine.columns(table))
        for side, only in (("now", set(map(repr, rows)) - set(map(repr, other[table]))),
                           ("then", set(map(repr, other[table])) - set(map(repr, rows)))):
            found += [(side, table, {n: v for n, v in zip(names, row, strict=True) if v is not None})
                      for row in (rows if side == "now" else other[table]) if repr(row) in only]
    return found


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_same_files_always_make_the_same_shop(seed: int, tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        dice = random.Random(seed)
        hand = Hand(tmp_path / name)
        for _ in range(4):
            hand.bring(**a_file(dice))
        made.append((hand.state(), hand.imports.receipts()))
        hand.shop.close()
    assert made[0] == made[1]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_files_leave_a_shop_that_holds_together_and_can_be_undone(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    hand = Hand(tmp_path / "shop")
    states = []
    for _ in range(4):
        states.append(hand.state())
        brought = a_file(dice)
        first = hand.bring(**brought)
        hand.consistent()
        assert first.rows.read == first.rows.taken
        after = hand.state()
        again = hand.bring(**brought)
        assert again.customers.merged == again.customers.new == 0
        assert hand.row("SELECT count(*) FROM lines")[0] == len(after["lines"])
        assert {t: len(rows) for t, rows in hand.state().items()} == {t: len(rows) for t, rows in after.items()}
        hand.consistent()
        hand.imports.undo(again.import_id, now=at(1, month=2))
        assert difference(hand, hand.state(), after) == []
    for (import_id,) in hand.rows("SELECT import_id FROM imports WHERE undone_at IS NULL ORDER BY 1 DESC"):
        hand.imports.undo(import_id, now=at(1, month=2))
        hand.consistent()
        found = difference(hand, hand.state(), states.pop())
        assert not found, "\n".join(map(str, found))
    hand.shop.close()
