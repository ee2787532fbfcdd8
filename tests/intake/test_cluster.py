"""Facts lie together by customer."""

from __future__ import annotations

from pytest import MonkeyPatch

from regulars.intake import in_order
from tests.intake.hand import Hand, at


def test_a_first_import_lies_together_by_customer(hand: Hand) -> None:
    hand.bring(orders=[{"order_id": str(i), "customer_id": c, "at": at(i + 1)} for i, c in enumerate("bab")])
    assert hand.rows("SELECT customer_id FROM orders ORDER BY rowid") == [("a",), ("b",), ("b",)]


def test_what_came_in_another_order_is_put_by_customer_once_there_is_much_of_it(hand: Hand,
                                                                                 monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(in_order, "FEWEST_BLOCKS", 2)
    hand.engine.execute("INSERT INTO visits (visit_id, customer_id, \"at\", url) SELECT 'v' || i, 'c' || i % 1000, "
                        f"TIMESTAMP '2026-01-01' + to_seconds(i), '/' || i FROM range({3 * in_order.BLOCK}) t(i)")
    hand.engine.execute("CREATE TABLE before AS FROM visits")
    assert in_order.put_in_order(hand.engine) == ["visits"]
    assert in_order.put_in_order(hand.engine) == []
    assert hand.rows("SELECT count(*) FROM (FROM visits EXCEPT ALL FROM before)") == [(0,)]
    assert hand.rows("SELECT count(*) FROM visits") == [(3 * in_order.BLOCK,)]
    assert hand.rows("SELECT count(*) FROM (SELECT customer_id < lag(customer_id) OVER (ORDER BY rowid) AS astray FROM "
                     "visits) WHERE astray") == [(0,)]
