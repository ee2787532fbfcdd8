"""A table of lines whose cells want no more than a cast is read where it stands; that it changes nothing."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regulars.intake.generic_select import Reader
from regulars.intake.imports import Imports
from regulars.intake.prepare import prepare
from tests.intake.hand import NOW, Hand

HEADERS = ("order_id", "customer_id", "order_date", "product_id", "product_name", "quantity", "unit_price", "channel",
           "promo_code", "order_total", "customer_city")


def a_table(path: Path, dice: random.Random, rows: int, returns: bool) -> Path:
    """Lines of few orders; what their rows say of an order may differ, or be left out; copies, and blank rows."""
    used = [h for h in HEADERS if h in ("order_id", "product_id", "quantity", "unit_price") or dice.random() < 0.7]
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.DictWriter(file, used, extrasaction="ignore").writerow
        csv.writer(file).writerow(used)
        for _ in range(rows):
            order = dice.randint(1, rows // 3)
            row: dict[str, Any] = {
                "order_id": f"A{order}", "customer_id": dice.choice([f"c{order % 7}", f"c{order % 7}", "", "c9"]),
                "order_date": f"2026-0{1 + order % 9}-1{dice.randint(0, 3)} 10:0{order % 10}:00",
                "product_id": dice.choice("pqr"), "product_name": dice.choice(["Brick", "Sand", ""]),
                "quantity": dice.randint(-1 if returns else 1, 3), "unit_price": f"{dice.randint(0, 900) / 100:.2f}",
                "channel": dice.choice(["online", "store", ""]), "promo_code": dice.choice(["", "SPRING"]),
                "order_total": 10 + order, "customer_city": dice.choice(["Bath", "York"])}
            for _ in range(dice.choice([1, 1, 1, 2])):
                write(row)
            if dice.random() < 0.05:
                file.write("," * (len(used) - 1) + "\r\n")
    return path


@pytest.mark.parametrize("seed", range(4))
def test_both_roads_end_in_the_same_shop(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed)
    first = a_table(tmp_path / "first.csv", dice, 40, seed % 3 == 2)
    second = a_table(tmp_path / "second.csv", dice, 60, seed % 2 == 1)
    ends = []
    for road in ("short", "long"):
        if road == "long":
            monkeypatch.setattr(Reader, "_cast_only", lambda *_: False)
        hand = Hand(tmp_path / road)
        bring = Imports(hand.engine, hand.shop.settings, tmp_path / road / "files").run
        receipts = [bring(file, now=NOW)[0] for file in (first, second, first)]
        assert hand.consistent()
        came = (hand.state(), [replace(r, stored_file=None) for r in receipts])
        hand.imports.undo(receipts[2].import_id, now=NOW)
        hand.imports.undo(receipts[1].import_id, now=NOW)
        ends.append((*came, hand.state()))
        hand.shop.close()
    assert ends[0] == ends[1]


def test_what_is_said_of_nobody_is_no_customer(tmp_path: Path, hand: Hand) -> None:
    file = tmp_path / "lines.csv"
    file.write_text("order_id,order_date,product_id,quantity,unit_price,customer_city\n1,2026-01-02,p,2,3.50,Bath\n")
    [receipt] = hand.imports.run(file, now=NOW)
    assert (receipt.rows.taken, receipt.rows.without_customer, receipt.customers.new) == (1, 1, 0)
    assert hand.row("SELECT count(*), sum(total) FROM orders") == (1, 7)


def test_the_short_road_is_taken(tmp_path: Path) -> None:
    hand = Hand(tmp_path / "shop")
    file = a_table(tmp_path / "plain.csv", random.Random(1), 40, False)
    taken = [bool(p.order_columns) for p in prepare(hand.engine, file, hand.shop.settings)]
    assert taken == [True]
