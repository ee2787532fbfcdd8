"""What to do this week: counted by hand on made-up shops, and sane on the demo shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import TooLittleData
from regulars.insight.common import Measured, among
from regulars.insight.moves import label, todo, why
from regulars.insight.moves.candidates import BY_HAND, CANDIDATES, NONE, Candidate, thought_of
from regulars.insight.moves.ground import look
from regulars.insight.moves.saying import ADVICE, NAMES, WHY
from regulars.insight.moves.worth import reach, usual
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.outreach import suppression
from regulars.outreach.content.blocks import Button, read
from regulars.segments.templates import missing_data, template
from regulars.shop import Shop
from regulars.shop.drafting import draft_content
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW

HERE = datetime(2026, 6, 30)
PEOPLE = """INSERT INTO customers (customer_id, described, email, email_consent, phone, phone_consent)
    SELECT 'c' || i, true, 'c' || i || '@example.org', i < 50, '+31 6 1234 50' || lpad(i::VARCHAR, 2, '0'),
    i < 60 FROM range(100) t(i)"""
ORDERS = """INSERT INTO orders (order_id, customer_id, "at", status, total, counted)
    SELECT 'a' || i, 'c' || i, TIMESTAMP '2026-05-20', 'paid', 40, true FROM range(100) t(i)
    UNION ALL SELECT 'b' || i, 'c' || i, TIMESTAMP '2026-06-10', 'paid', 30, true FROM range(20) t(i)
    UNION ALL SELECT 'd' || i, 'c' || i, TIMESTAMP '2026-06-15', 'paid', 12, true FROM range(20) t(i)"""
"""A hundred order 40 once; three weeks later twenty of them order 30, and then 12."""
RULE = "count(orders) = 1 and last(orders) in last 30 days"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.create(tmp_path / "shop") as made:
        made.engine.execute(PEOPLE)
        made.engine.execute(ORDERS)
        yield made


def test_what_people_do_by_themselves_is_counted_at_earlier_moments(shop: Shop) -> None:
    found, = usual(shop, [Candidate("second order", RULE)], HERE, 30)
    # Only the look of 31 May finds them: a hundred, of whom twenty order within 30 days, 42 each.
    assert found.looked_at == 100
    assert found.share[0] == pytest.approx(0.2)
    assert found.amount[0] == pytest.approx(20 * 42 / 100)
    # Of a share of 20 in 100: ± 1.96 · sqrt(0.2 · 0.8 / 100).
    assert found.share[1] == pytest.approx(0.2 - 0.0784, abs=1e-4)


def test_only_who_agreed_is_reached_and_by_the_cheapest_way(shop: Shop) -> None:
    with among(shop, None, HERE) as everybody:
        found, = reach(shop, [Candidate("second order", "everyone")], everybody, HERE)
    assert (found.people, found.reachable, found.way) == (100, 50, "email")
    assert found.cost == pytest.approx(50 * 0.002)
    assert not (shop.folder / "outreach.sqlite").exists()
    with among(shop, None, HERE) as everybody:
        for count in (50, 49):
            shop.campaigns.set("gate", {"held_out_share": 0})
            if count == 49:
                who = shop.engine.value("SELECT min(customer_id) FROM customers WHERE email_consent")
                suppression.suppress(shop.campaigns.store, "email", who, "", "unsubscribed", HERE)
            assert reach(shop, [Candidate("second order", "everyone")], everybody, HERE)[0].reachable == count


def test_a_call_costs_a_call_and_leaving_out_nothing(shop: Shop) -> None:
    with among(shop, None, HERE) as everybody:
        called, left_out = reach(shop, [Candidate("best gone quiet", "everyone", ways=BY_HAND),
                                        Candidate("no discount", "everyone", ways=NONE)], everybody, HERE)
    assert (called.people, called.reachable, called.cost) == (100, 60, 60 * 4.0)
    assert (left_out.people, left_out.reachable, left_out.cost) == (100, 0, 0)


def test_what_is_left_of_money_is_net_of_tax_of_the_discount_of_the_order_and_of_goods(tmp_path: Path) -> None:
    """24.20 with 21% tax in it, a tenth off: 21.78 paid, 3.78 of it tax, goods 8; and half of one order given back."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, ["a", "b"])
        for who in ("a", "b"):
            hand.order(shop, f"o{who}", who, hand.ago(20), ["bricks", "sand"], price=12.1, cost=4, total=21.78,
                       tax=3.78, discount=2.42, refunded=10.89 if who == "b" else 0)
        shop.engine.execute("UPDATE lines SET amount = 0, margin = 0, returned_quantity = 1"
                            " WHERE order_id = 'ob' AND line = 2")
    assert look(shop, hand.NOW).margin == pytest.approx((18 - 8 + 9 - 4) / (21.78 + 10.89))


def test_who_needs_much_help_is_called_and_the_call_is_paid(tmp_path: Path) -> None:
    """30 people with an hour of help every ten days, none of whom agreed to calls: helping them is no advertising."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(30)], email="a@example.org", email_consent=True)
        for i in range(30):
            hand.order(shop, f"o{i}", f"c{i:02}", hand.ago(300), ["lamp"])
            for k in range(60):
                hand.add(shop, "tickets", ticket_id=f"t{i}-{k}", customer_id=f"c{i:02}", at=hand.ago(10 * k + 5),
                         minutes=60)
    move, = (m for m in shop.insight("moves", hand.NOW).rows.to_pylist() if m["move"] == "costly to serve")
    assert (move["people"], move["reachable"], float(move["cost"])) == (30, None, 30 * 4.0)
    assert float(move["low"]) == pytest.approx(0.15 * 30 * 3 * shop.settings.service_hour_cost)


def test_who_costs_more_than_they_bring_is_told_of_new_terms_and_never_won_back(tmp_path: Path) -> None:
    """30 people order for 10, goods 4, and need 20 minutes of help each, which cost more than 6."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(31)])
        for i in range(31):
            hand.order(shop, f"o{i}", f"c{i:02}", hand.ago(200), ["lamp"], price=10, cost=4)
        for i in range(30):
            hand.add(shop, "tickets", ticket_id=f"t{i}", customer_id=f"c{i:02}", at=hand.ago(90), minutes=20)
    assert "at a loss" not in shop.insight("moves", hand.NOW, most=20).rows["move"].to_pylist()
    shop.keep(shop.insight("profit", hand.NOW))
    move, = (m for m in shop.insight("moves", hand.NOW, most=20).rows.to_pylist() if m["move"] == "at a loss")
    draft = shop.insight("draft", hand.NOW, segment=move["rule"])
    assert missing_data(template("cost-more-than-they-bring"), shop.engine) == ()
    hour = shop.settings.service_hour_cost
    assert (move["people"], move["lever"], float(move["cost"])) == (30, "self_service", 0)
    assert float(move["amount"]) == pytest.approx(30 * hour / 3 * 0.5 * 30 / 365, abs=0.01)
    assert (draft.numbers["occasion"], draft.numbers["share"], draft.numbers["lever"]) == ("terms", 1, "self_service")
    assert "is now answered at any hour" in draft.rows["body"][0].as_py()
    buttons = [next(b for b in said.blocks if isinstance(b, Button)) for said in read(draft_content(
        draft, shop.settings, home="https://shop.example/")).messages]
    assert (buttons[0].text, {b.link for b in buttons}, len(buttons)) == ("To the answers", {""}, 4)


def test_too_few_orders_are_refused(shop: Shop) -> None:
    with pytest.raises(TooLittleData, match="at least 20 orders"):
        shop.insight("moves", datetime(2026, 5, 1))


def test_a_year_of_orders_is_not_enough_to_speak_of_last_year(shop: Shop) -> None:
    codes = {c.code for c in thought_of(look(shop, HERE), {}, {}, 30)}
    assert "same season last year" not in codes and "second order" not in codes


@pytest.fixture(scope="module")
def moves(demo_shop: Shop) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = demo_shop.insight("moves", NOW, most=20).rows.to_pylist()
    return rows


def test_every_rule_is_true_of_as_many_people_as_are_said(demo_shop: Shop, moves: list[dict[str, Any]]) -> None:
    assert len(moves) >= 8
    for move in moves:
        assert demo_shop.count(move["rule"], NOW) == move["people"] >= (move["reachable"] or 0)


def test_they_come_by_what_is_left_of_them_and_within_their_range(moves: list[dict[str, Any]]) -> None:
    profits = [m["profit"] for m in moves]
    assert profits == sorted(profits, reverse=True) and min(profits) > 0
    assert all(m["low"] <= m["amount"] <= m["high"] for m in moves)
    assert all(m["profit"] <= m["amount"] - m["cost"] for m in moves)


def test_each_move_costs_what_it_asks_for(moves: list[dict[str, Any]]) -> None:
    by_name = {m["move"]: m for m in moves}
    assert by_name["no discount"]["cost"] == 0 and by_name["no discount"]["reachable"] is None
    if quiet := by_name.get("best gone quiet"):
        assert float(quiet["cost"]) >= 1.1 * quiet["reachable"] - 0.01


def test_what_campaigns_have_measured_takes_the_place_of_the_assumption(
        small_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {r["move"]: r for r in small_shop.insight("moves", NOW, most=20).rows.to_pylist()}
    half, none, *_ = (m for m in ("win back", "same season last year", "second order") if m in before)
    monkeypatch.setattr(Shop, "measured_at", lambda shop, what, now: {
        half: Measured(0.05, 0.1, 0.15, 3), none: Measured(-0.2, -0.05, 0.1, 1)})
    found = small_shop.insight("moves", NOW, most=20)
    after = {r["move"]: r for r in found.rows.to_pylist()}
    assert none not in after and before[none]["measured"] is None
    assert after[half]["measured"] == 3
    assert float(after[half]["amount"]) == pytest.approx(float(before[half]["amount"]) / 2, rel=1e-3)
    assert float(after[half]["high"]) == pytest.approx(float(before[half]["high"]) * 0.15 / 0.4, rel=1e-3)
    assert any("10% more orders (5% to 15%), as 3 campaigns with a control group have measured." in str(f)
               for f in found.findings)


def test_a_move_that_looks_back_knows_what_happened(demo_shop: Shop, moves: list[dict[str, Any]]) -> None:
    """The rule asked of 30 days ago, and its people's orders since, by the shop's own count."""
    second = next(m for m in moves if m["move"] == "second order")
    asked = [(NOW - timedelta(days=30 * look)) for look in (1, 2, 3, 4)]
    who = [(t, c) for t in asked for c in demo_shop.members(second["rule"], t)["customer_id"].to_pylist()]
    bought = demo_shop.engine.rows('SELECT customer_id, "at" FROM orders WHERE counted')
    moments: dict[str, list[datetime]] = {}
    for customer, at in bought:
        moments.setdefault(customer, []).append(at)
    hits = sum(any(t.replace(tzinfo=None) < at <= t.replace(tzinfo=None) + timedelta(days=30)
                   for at in moments.get(c, [])) for t, c in who)
    assert second["usual"] == pytest.approx(hits / len(who))


def test_each_says_its_name_its_reason_and_what_to_do_in_each_language(demo_shop: Shop,
                                                                      moves: list[dict[str, Any]]) -> None:
    for language in LANGUAGES:
        figures = Figures(demo_shop.settings, language)
        for move in moves:
            said = [make(move).say(figures) for make in (label, why, todo)]
            assert all(s.strip() and "{" not in s and "None" not in s for s in said)
    assert set(NAMES) == set(WHY) == set(ADVICE) >= {m["move"] for m in moves}


def test_without_consent_nobody_is_called_reachable(small_shop: Shop) -> None:
    small_shop.engine.execute("UPDATE customers SET email_consent = NULL, sms_consent = NULL, phone_consent = NULL,"
                              " post_consent = NULL")
    found = small_shop.insight("moves", NOW)
    assert found.rows.num_rows and found.rows["reachable"].null_count == found.rows.num_rows
    assert any("Nobody's consent is known" in str(c) for c in found.caveats)


def test_no_candidate_is_left_without_words() -> None:
    assert len(CANDIDATES) + 3 == len(NAMES)
