"""A campaign's result, read off a shop's facts and said: counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from regulars.insight.profit.assumptions import assume
from regulars.insight.profit.ledger import Between
from regulars.insight.profit.orders import KNOWN, UNKNOWN, how_known, left_sql
from regulars.model.figures import Figures
from regulars.model.settings import Settings
from regulars.outreach.results import CONTROL, HELD_OUT, MESSAGE, Asked, Assigned, CampaignResult, judge
from regulars.outreach.results.enough import advice
from regulars.outreach.results.judging import ALIKE, EARLY, MORE, NO_CONTROL, PAID, TOO_FEW
from regulars.outreach.results.saying import caveats, findings, tables
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand

SETTINGS = Settings(currency="EUR", timezone="UTC", country="NL", payment_fee_percent=1.0, shipping_cost=4.0)
BEGAN = hand.ago(20)
PEOPLE = [f"C{i:03d}" for i in range(120)]
"""The first 60 got it, of whom 30 ordered for 50 that cost 20; of the others 12 did."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with hand.written(tmp_path_factory.mktemp("results") / "shop", SETTINGS) as made:
        hand.people(made, PEOPLE)
        for i, who in enumerate(PEOPLE):
            if i < 30 or 60 <= i < 72:
                hand.order(made, f"in {who}", who, BEGAN + timedelta(days=1 + i % 10), ["lamp"], price=50, cost=20,
                           channel="online", tax=5)
            hand.order(made, f"before {who}", who, BEGAN, ["lamp"], price=10 + i % 7, cost=5)
            hand.order(made, f"after {who}", who, BEGAN + timedelta(days=14, seconds=1), ["lamp"], price=99, cost=20)
    yield made
    made.close()


def rows(arm: str = CONTROL) -> list[Assigned]:
    return [Assigned(who, MESSAGE if i < 60 else arm, "VIP" if i % 2 else "", "A" if i % 4 < 2 else "B", BEGAN)
            for i, who in enumerate(PEOPLE)]


def asked(shop: Shop, **said: object) -> Asked:
    between = Between(hand.ago(365), hand.NOW)
    plain = Asked("Spring", 14, each=0.5, profits=left_sql(between, assume(shop.engine, shop.settings, hand.ago(365),
                                                                           hand.NOW)))
    return replace(plain, **said)  # type: ignore[arg-type]


def said(result: CampaignResult, language: str = "en") -> list[str]:
    figures = Figures(SETTINGS, language)
    return [each.say(figures) for each in (*findings(result), *caveats(result))]


def test_it_counts_orders_of_the_window_alone_and_takes_every_known_cost_off(shop: Shop) -> None:
    found = judge(shop.engine, asked(shop), rows(), hand.NOW)
    whole = found.whole
    assert (whole.people, whole.others, whole.orderers, whole.other_orderers) == (60, 60, 30, 12)
    assert found.paid == (25.0, 10.0)
    left = 50 - 5 - 20 - 0.5 - 4  # tax, goods, payment, shipping
    assert found.profit == (pytest.approx(left / 2 - 0.5), pytest.approx(left / 5))
    assert (whole.verdict, found.done) == (MORE, 1.0)
    assert said(found)[0].startswith("It paid: €")
    assert "Of 1,000 people 500 ordered with it and 200 without." in said(found)


def test_orders_by_themselves_add_up_to_the_ledger(shop: Shop) -> None:
    between = Between(hand.ago(365), hand.NOW)
    assumed = assume(shop.engine, shop.settings, hand.ago(365), hand.NOW)
    total = shop.engine.value(f"SELECT sum(profit) FROM ({left_sql(between, assumed)})")
    statement = shop.insight("profit", hand.NOW).numbers["statement"]
    assert total == pytest.approx(float(next(r for r in statement if r["group"] == "shop")["profit"]))
    assert how_known(shop.engine, between, assumed) == KNOWN


def test_without_a_control_group_nothing_is_said_to_have_been_brought(shop: Shop) -> None:
    for arm in (HELD_OUT, MESSAGE):
        found = judge(shop.engine, asked(shop), rows(arm), hand.NOW)
        assert found.whole.verdict == NO_CONTROL
        assert said(found)[0].startswith("Nobody was left without it by chance")
        assert not any("profit" in line.lower() and "€" in line for line in said(found))


def test_where_goods_have_no_cost_nothing_is_called_profit(shop: Shop) -> None:
    found = judge(shop.engine, asked(shop, profits=None), rows(), hand.NOW)
    assert (found.whole.goal, found.profit) == (PAID, None)
    assert said(found)[0].startswith("It sold more: €14.97 a person more")
    assert "What goods cost is not known, so nothing here is called profit." in " ".join(said(found))


def test_before_its_time_is_over_it_says_until_when(shop: Shop) -> None:
    found = judge(shop.engine, asked(shop), rows(), BEGAN + timedelta(days=3))
    assert (found.whole.verdict, round(found.done or 0, 2)) == (EARLY, 0.21)
    assert said(found)[0] == "Look again on 24 Jun 2026 12:00: only then everybody has had their 14 days."
    assert {len(row) for table in tables(found, Figures(SETTINGS, "en")) for row in table.rows} == {3}
    assert judge(shop.engine, asked(shop), rows(), BEGAN - timedelta(days=1)).whole.verdict == TOO_FEW


def test_in_a_campaign_without_an_end_only_those_count_whose_time_is_over(shop: Shop) -> None:
    late = [replace(r, since=hand.ago(5)) if i % 3 == 0 else r for i, r in enumerate(rows())]
    found = judge(shop.engine, asked(shop, endless=True), late, hand.NOW)
    assert (found.waiting, found.whole.people, found.whole.others, found.done) == (40, 40, 40, None)
    assert "40 people are left out whose time is not over." in said(found)
    none = judge(shop.engine, asked(shop, endless=True), [replace(r, since=hand.ago(5)) for r in rows()], hand.NOW)
    assert said(none)[0] == "Nothing can be told yet."


def test_of_several_segments_each_is_told_and_drawn_towards_all(shop: Shop) -> None:
    found = judge(shop.engine, asked(shop), rows(), hand.NOW)
    assert [(p.segment, p.comparison.people, p.comparison.level) for p in found.segments] == \
        [("", 30, 0.025), ("VIP", 30, 0.025)]
    drawn = [p.drawn[0] for p in found.segments if p.drawn]
    plain = [p.comparison.of_goal.value for p in found.segments if p.comparison.of_goal]
    assert max(drawn) - min(drawn) < max(plain) - min(plain) + 1e-9
    assert [(p.segment, p.one, p.other, p.comparison.verdict) for p in found.tests] == \
        [("", "A", "B", ALIKE), ("VIP", "A", "B", ALIKE)] or {p.comparison.verdict for p in found.tests} == {TOO_FEW}


def test_whoever_was_merged_is_one_person_and_across_arms_nobody(shop: Shop) -> None:
    shop.engine.execute("BEGIN")
    try:
        for kept, absorbed in (("C000", "C001"), ("C002", "C070")):
            shop.engine.execute("INSERT INTO merges (merge_id, kept, absorbed) VALUES (?, ?, ?)",
                                [absorbed, kept, absorbed])
            shop.engine.execute("UPDATE orders SET customer_id = ? WHERE customer_id = ?", [kept, absorbed])
            shop.engine.execute("DELETE FROM customers WHERE customer_id = ?", [absorbed])
        shop.engine.execute("DELETE FROM customers WHERE customer_id = 'C119'")
        found = judge(shop.engine, asked(shop), rows(), hand.NOW)
    finally:
        shop.engine.execute("ROLLBACK")
    assert (found.whole.people, found.whole.others, found.lost) == (58, 58, 4)
    assert found.whole.orderers == 28


def test_its_tables_are_texts_in_the_readers_language(shop: Shop) -> None:
    found = judge(shop.engine, asked(shop), rows(), hand.NOW)
    whole, segments, tests = tables(found, Figures(SETTINGS))
    assert whole.rows[1][:4] == ("ordered, of 100 people", "50", "20", "+30")
    assert whole.rows[2][:4] == ("paid a person", "€25.00", "€10.00", "+€14.97")
    assert [r[0] for r in segments.rows] == ["Everybody else", "VIP"]
    assert tests.rows[0][0] == "A beside B"
    for language in ("id", "ur", "ru"):
        assert not set(said(found, language)) & set(said(found))
        assert tables(found, Figures(SETTINGS, language))[0].title != whole.title


def test_advice_says_how_many_to_leave_without_it() -> None:
    said_of = [s.say(Figures(SETTINGS)) for s in advice(300, 0.1, Figures(SETTINGS))]
    assert said_of[0].startswith("Of 300 people leave 50% without it, by chance")
    assert "with 7,800 people" in said_of[1]
    assert len(said_of) == 3 and len(advice(30_000, 0.1, Figures(SETTINGS))) == 2


def test_amounts_nobody_knows_are_said_to_be_missing(shop: Shop) -> None:
    assert how_known(shop.engine, Between(hand.ago(365), hand.NOW), assume(
        shop.engine, shop.settings, hand.ago(365), hand.NOW)) != UNKNOWN
    shop.engine.execute("BEGIN")
    try:
        shop.engine.execute("UPDATE orders SET total = NULL WHERE order_id = 'in C000'")
        found = judge(shop.engine, asked(shop), rows(), hand.NOW)
    finally:
        shop.engine.execute("ROLLBACK")
    assert (found.without_amount, found.whole.goal) == (1, PAID)
    assert "1 order does not say what was paid, and counts as nothing paid." in said(found)
