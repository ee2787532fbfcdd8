"""Whoever keeps memberships is told whose facts changed, in the transaction that changed them."""

from __future__ import annotations

import pytest

from regulars.intake import settle
from tests.intake.hand import NOW, Hand, at

ORDER = {"order_id": "1", "customer_id": "a", "at": at(1), "total": 5}


@pytest.fixture
def kept(hand: Hand) -> Hand:
    """A shop that has a segment."""
    hand.shop.segments.add("Buyers", "any(orders)", now=NOW)
    return hand


def changed(hand: Hand) -> list[tuple[int, str]]:
    return [
        (v, c) for v, c in hand.engine.rows("SELECT facts_version, customer_id FROM changed_customers ORDER BY ALL")
    ]


def test_an_import_names_whom_it_touched(kept: Hand) -> None:
    kept.bring(orders=[ORDER, {**ORDER, "order_id": "2", "customer_id": "b"}])
    kept.bring(orders=[{**ORDER, "total": 6}])
    assert changed(kept) == [(1, "a"), (1, "b"), (2, "a")]


def test_an_import_that_adds_nothing_changes_nobody(kept: Hand) -> None:
    kept.bring(orders=[ORDER])
    kept.bring(orders=[ORDER])
    assert changed(kept) == [(1, "a")]


def test_what_is_sold_may_be_in_anybodys_rule(kept: Hand) -> None:
    kept.bring(products=[{"product_id": "p", "category": "Bricks"}])
    assert changed(kept) == [(1, "")]


def test_merging_erasing_and_undoing_name_both_and_all(kept: Hand) -> None:
    receipt = kept.bring(orders=[ORDER, {**ORDER, "order_id": "2", "customer_id": "b"}])
    kept.by_hand.merge("a", "b", now=at(2))
    kept.by_hand.unmerge("b", now=at(3))
    kept.imports.undo(receipt.import_id, now=at(4))
    kept.bring(orders=[ORDER])
    kept.by_hand.erase("a")
    assert [c for v, c in changed(kept) if v > 1] == ["a", "b", "a", "b", "a", "b", "a", "a"]


def test_nobody_is_named_where_there_is_no_segment_and_the_first_is_of_everybody(hand: Hand) -> None:
    hand.bring(orders=[ORDER])
    assert changed(hand) == []
    hand.shop.segments.add("Buyers", "any(orders)", now=NOW)
    hand.bring(orders=[{**ORDER, "order_id": "2", "customer_id": "b"}])
    assert [(m.entered, m.members) for m in hand.shop.segments.advance(NOW)] == [(2, 2)]


def test_a_live_change_names_the_tables_whose_facts_it_may_have_changed(kept: Hand) -> None:
    def tables() -> list[tuple[int, list[str] | None]]:
        return kept.engine.rows("SELECT DISTINCT facts_version, tables FROM changed_customers ORDER BY 1")
    kept.bring(orders=[ORDER])
    for changed in (["products"], ["messages"], ["customers"], ["accounts"], None):
        settle.make_room(kept.engine)
        kept.engine.execute("INSERT INTO touched VALUES ('a')")
        settle.count_change(kept.engine, NOW, changed=changed)
    # What a product costs is in the margin of its lines and of their orders; a file may have changed anything.
    assert [t for _, t in tables()] == [None, ["lines", "orders"], ["messages"], [], None, None]
