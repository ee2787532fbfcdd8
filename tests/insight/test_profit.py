"""What customers earn: statements counted by hand, sums that reconcile to the cent, and the demo shop's truth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from regulars.errors import Refused
from regulars.insight.profit import WHAT_IF, label
from regulars.insight.profit.levers import LEVERS
from regulars.insight.profit.service import Z, surely_different
from regulars.model.settings import Settings, dump, load
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW

SETTINGS = Settings(currency="EUR", timezone="UTC", country="NL", service_hour_cost=60, message_costs={"email": 0.5},
                    payment_fee_percent=1.0, shipping_cost=4.0)


def group(result: Any, name: str = "asked") -> dict[str, Any]:
    return next(r for r in result.numbers["statement"] if r["group"] == name)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """ada: an order of 121 (21 of it tax) of goods that cost 40, 10 minutes of service, a mail and half of a campaign;
    bo: an order of 20 in the store at 5 off, of unknown cost, half of it refunded, a ticket of 2 points of effort;
    cy: nothing but the other half of the campaign; nobody: an order of 30 that cost 15."""
    with hand.written(tmp_path_factory.mktemp("books") / "shop", SETTINGS) as shop:
        hand.people(shop, ["ada", "bo", "cy"])
        hand.order(shop, "o1", "ada", hand.ago(10), ["lamp"], price=121, cost=40, channel="online", tax=21)
        hand.order(shop, "o2", "bo", hand.ago(20), ["vase"], price=20, channel="store", discount=5, refunded=10)
        shop.engine.execute("UPDATE lines SET amount = 10, returned_quantity = 0.5 WHERE order_id = 'o2'")
        hand.order(shop, "o3", None, hand.ago(30), ["vase"], price=30, cost=15, channel="store")
        hand.order(shop, "o4", "ada", hand.ago(400), ["lamp"], price=1000, cost=1)
        hand.add(shop, "tickets", ticket_id="t1", customer_id="ada", at=hand.ago(9), minutes=10.0, effort=5,
                 channel="phone")
        hand.add(shop, "tickets", ticket_id="t2", customer_id="bo", at=hand.ago(9), effort=2, channel="social")
        hand.add(shop, "messages", message_id="m1", customer_id="ada", at=hand.ago(8), type="sent", channel="email",
                 campaign="June")
        hand.add(shop, "messages", message_id="m2", customer_id="cy", at=hand.ago(8), type="sent", channel="fax",
                 campaign="june ")
        hand.add(shop, "costs", cost_id="x1", at=hand.ago(8), campaign="JUNE", amount=Decimal("0.0003"))
        hand.add(shop, "costs", cost_id="x2", at=hand.ago(8), campaign="Search", channel="online", amount=Decimal(7))
    yield shop
    shop.close()


def test_each_customer_is_what_a_hand_count_says(books: Shop) -> None:
    rows = {r["customer_id"]: r for r in books.insight("profit", hand.NOW, by="customers").rows.to_pylist()}
    share = Decimal(40 + 15) / Decimal(121 + 30)  # cost over amount of what is known
    ada = 121 - 21 - 40 - Decimal("1.21") - 4 - 10 - Decimal("0.5") - Decimal("0.00015")
    bo = 20 - 10 - 10 * share - Decimal("0.2") - 4
    assert float(rows["ada"]["profit"]) == pytest.approx(float(ada), abs=1e-4)
    assert float(rows["bo"]["profit"]) == pytest.approx(float(bo), abs=1e-4)  # 2 points at 2 minutes, 1 a minute
    assert float(rows["cy"]["profit"]) == pytest.approx(-0.00015, abs=1e-4)
    assert rows["ada"]["revenue"] == 121 and rows["bo"]["returns"] == 10 and rows["bo"]["discounts"] == 5


def test_what_is_nobodys_stands_apart_and_all_of_it_adds_up(books: Shop) -> None:
    found = books.insight("profit", hand.NOW, segment="customer_id = 'ada'")
    nobody, shop = group(found, "nobody"), group(found, "shop")
    assert (nobody["orders"], nobody["net"], nobody["campaigns"]) == (1, 30, 7)
    for column in ("orders", "revenue", "returns", "tax", "discounts", "goods_cost", "payment", "shipping", "service",
                   "messages", "campaigns", "profit", "profit_low", "profit_high"):
        parts = sum(group(found, g)[column] for g in ("asked", "others", "nobody"))
        assert parts == pytest.approx(shop[column], abs=Decimal("0.0004")), column


def test_what_is_not_known_is_counted_and_what_is_assumed_has_a_range(books: Shop) -> None:
    found = books.insight("profit", hand.NOW)
    assert found.numbers["unknown"] == {"goods_of_unknown_cost": 10, "orders_without_amount": 0,
                                        "tickets_without_effort": 0, "messages_without_price": 1,
                                        "discounts_of_unknown_amount": 0}
    asked = group(found)
    assert asked["profit_low"] == asked["profit"] < asked["profit_high"]
    share = found.numbers["assumed"]["goods_cost_share"]  # four fifths of the money is lamps at 40 of 121
    assert (share["low"], share["value"], share["high"]) == pytest.approx((40 / 121, 55 / 151, 55 / 151))


def test_what_if_changes_what_it_says_and_tells_what_would_be_without(books: Shop) -> None:
    before, after = group(books.insight("profit", hand.NOW)), books.insight("profit", hand.NOW, service_hour_cost=120.0)
    assert group(after)["service"] == 2 * before["service"] == 28
    assert after.numbers["without_what_if"] == pytest.approx(before["profit"])
    assert group(after)["profit"] == pytest.approx(before["profit"] - 14)
    cost = group(books.insight("profit", hand.NOW, goods_cost_percent=100.0))["goods_cost"]
    assert cost == 50  # only of the goods whose cost nobody knows


def test_a_discount_of_unknown_amount_is_a_discount_and_is_counted(tmp_path: Path) -> None:
    """ada: 2 of 10 off, a code of unknown worth, and nothing said; bo: a code that took nothing off."""
    with hand.written(tmp_path / "shop", SETTINGS) as shop:
        hand.people(shop, ["ada", "bo"])
        for number, said in enumerate(({"discount": 2}, {"promo_code": "TEN"}, {})):
            hand.order(shop, f"a{number}", "ada", hand.ago(5 + number), ["lamp"], price=10, cost=4, **said)
        hand.order(shop, "b1", "bo", hand.ago(9), ["lamp"], price=10, cost=4, promo_code="HELLO", discount=0)
    found = shop.insight("profit", hand.NOW, by="customers")
    rows = {r["customer_id"]: r for r in found.rows.to_pylist()}
    assert found.scores is not None
    habits = {r["customer_id"]: r["discount.habit"] for r in found.scores.table.to_pylist()}
    assert (rows["ada"]["discounts"], rows["bo"]["discounts"]) == (2, 0)
    assert habits == {"ada": pytest.approx(2 / 3), "bo": 0}
    assert found.numbers["unknown"]["discounts_of_unknown_amount"] == 1
    assert any("how much it took off" in str(c) for c in found.caveats)
    shop.close()


def test_scores_are_of_the_last_12_months(books: Shop) -> None:
    scores = books.insight("profit", hand.NOW).scores
    assert scores is not None
    rows = {r["customer_id"]: r for r in scores.table.to_pylist()}
    assert [rows[c]["discount.habit"] for c in ("ada", "bo", "cy")] == [0.0, 1.0, None]
    assert [rows[c]["service.cost_last_12_months"] for c in ("ada", "bo", "cy")] == [10, 4, 0]
    kept = books.insight("profit", hand.NOW, months=24, segment="customer_id = 'ada'")
    assert group(kept)["revenue"] == 1121


@pytest.mark.parametrize("said", [{"months": 3}, {"months": 24}, *({w: 0.0} for w in WHAT_IF)])
def test_of_other_months_or_what_if_there_are_no_scores(books: Shop, said: dict[str, Any]) -> None:
    """`profit.last_12_months` would be neither profit nor of 12 months."""
    found = books.insight("profit", hand.NOW, **said)
    assert found.scores is None
    with pytest.raises(Refused, match="profit has no scores to keep"):
        books.keep(found)


def test_what_is_listed_or_weighed_changes_no_score(books: Shop) -> None:
    plain, other = (books.insight("profit", hand.NOW, **said).scores for said in (
        {}, {"by": "losing", "top": 1, "delivery_fee": 9.0, "minimum_order": 50.0, "self_service": 0.1, "stay": 0.2}))
    assert plain is not None and other is not None
    assert other.table.equals(plain.table)


@pytest.fixture(scope="module")
def losers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Four who each lose money on one order for a reason of its own, and ten good ones."""
    plain = Settings(currency="EUR", timezone="UTC", country="NL", service_hour_cost=60, shipping_cost=6.0,
                     payment_fee_percent=0.0)
    with hand.written(tmp_path_factory.mktemp("losers") / "shop", plain) as shop:
        hand.people(shop, ["discounted", "far", "small", "asking", *(f"good{i}" for i in range(10))])
        hand.order(shop, "d", "discounted", hand.ago(5), ["vase"], price=60, cost=70, discount=40, channel="store")
        hand.order(shop, "f", "far", hand.ago(5), ["vase"], price=60, cost=57, channel="online")
        hand.order(shop, "s", "small", hand.ago(5), ["vase"], price=8, cost=4, channel="online")
        hand.order(shop, "a", "asking", hand.ago(5), ["vase"], price=60, cost=30, channel="store")
        hand.add(shop, "tickets", ticket_id="t", customer_id="asking", at=hand.ago(4), minutes=50.0, channel="phone")
        for i in range(10):
            hand.order(shop, f"g{i}", f"good{i}", hand.ago(5), ["vase"], price=100, cost=50, channel="pos", shipping=3)
    yield shop
    shop.close()


def test_the_lever_that_breaks_even_first_is_the_one_that_fits(losers: Shop) -> None:
    found = losers.insight("profit", hand.NOW, delivery_fee=5.0, minimum_order=20.0).numbers["losing"]
    assert {w["customer_id"]: (w["profit"], w["first"]) for w in found["worst"]} == {
        "discounted": (-10, "no_discount"), "far": (-3, "delivery_fee"), "small": (-2, "minimum_order"),
        "asking": (-20, "self_service")}
    worst = {w["customer_id"]: w["needed"] for w in found["worst"]}
    assert worst["discounted"] == {"no_discount": 0.25} and worst["far"] == {"delivery_fee": 0.6}
    assert worst["asking"]["self_service"] == 0.8  # 20 of the 25 that half of 50 minutes cost
    assert found["no_lever"] == 0 and found["customers"] == 4


def test_an_effect_counts_the_orders_that_would_be_lost(losers: Shop) -> None:
    found = losers.insight("profit", hand.NOW, delivery_fee=5.0, minimum_order=20.0).numbers["losing"]
    levers = {v["lever"]: v for v in found["levers"]}
    off = levers["no_discount"]
    assert off["effect"] == pytest.approx(0.8 * (-10 + 40) + 10)  # four in five stay, and the loss of the rest ends
    assert (off["effect_low"], off["effect_high"]) == (pytest.approx(0.6 * 30 + 10), pytest.approx(40))
    fee = levers["delivery_fee"]
    assert fee["customers"] == 2 and fee["effect"] == pytest.approx(0.8 * (-5 + 10) + 5)
    assert all(v["effect_low"] <= v["effect"] <= v["effect_high"] for v in levers.values())


@pytest.fixture(scope="module")
def taxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Four who lose money on one order, a sixth of two of them tax and 2% of all a payment fee; and a good one."""
    settings = Settings(currency="EUR", timezone="UTC", country="NL", shipping_cost=5.0, payment_fee_percent=2.0)
    with hand.written(tmp_path_factory.mktemp("taxed") / "shop", settings) as shop:
        hand.people(shop, ["discounted", "small", "paying", "paid", "good"])
        hand.order(shop, "d", "discounted", hand.ago(5), ["vase"], price=60, cost=50, discount=12, tax=10,
                   channel="pos")
        hand.order(shop, "s", "small", hand.ago(5), ["vase"], price=12, cost=10, tax=2,
                   channel="pos")
        hand.order(shop, "p", "paying", hand.ago(5), ["vase"], price=60, cost=60, total=64, shipping=4,
                   channel="online")
        hand.order(shop, "q", "paid", hand.ago(5), ["vase"], price=60, cost=62, total=66, shipping=6,
                   channel="online")
        hand.order(shop, "g", "good", hand.ago(5), ["vase"], price=1000, cost=300, channel="pos")
    yield shop
    shop.close()


def test_what_a_lever_adds_is_taxed_and_paid_for_like_the_rest(taxed: Shop) -> None:
    numbers = taxed.insight("profit", hand.NOW, delivery_fee=6.0, minimum_order=20.0).numbers
    worst = {w["customer_id"]: w for w in numbers["losing"]["worst"]}
    assert worst["discounted"]["profit"] == -1.2 and worst["small"]["profit"] == -0.24
    share = (50 + 10 + 60 + 62 + 300) / (60 + 12 + 60 + 60 + 1000)
    stays = 1 - 1 / 6 - 0.02
    assert worst["discounted"]["needed"] == {"no_discount": pytest.approx(1.2 / (12 * stays), abs=1e-4)}
    assert worst["small"]["needed"] == {"minimum_order": pytest.approx(0.24 / (8 * (stays - share)), abs=1e-4)}


def test_a_delivery_fee_adds_what_is_not_paid_for_delivery_already(taxed: Shop) -> None:
    numbers = taxed.insight("profit", hand.NOW, delivery_fee=6.0, minimum_order=0.0).numbers["losing"]
    worst = {w["customer_id"]: w for w in numbers["worst"]}
    assert worst["paying"]["profit"] == -2.28
    assert worst["paying"]["needed"] == {"delivery_fee": pytest.approx(2.28 / ((6 - 4) * 0.98), abs=1e-4)}
    assert worst["paying"]["first"] is None and worst["paid"]["needed"] == {}
    assert next(v for v in numbers["levers"] if v["lever"] == "delivery_fee")["customers"] == 1


def test_the_terms_to_weigh_come_from_the_shops_own_orders(losers: Shop) -> None:
    settings = losers.insight("profit", hand.NOW).numbers["losing"]["settings"]
    assert settings["delivery_fee"] == 3 and settings["minimum_order"] == 70  # a quarter past 60 of 60 to 100


def test_the_shop_reconciles_to_the_cent(demo_shop: Shop) -> None:
    found = demo_shop.insight("profit", NOW)
    shop, scores = group(found, "shop"), found.scores
    since = "TIMESTAMP '2025-11-22 14:30:00'"
    value = demo_shop.engine.value
    window = f'"at" > {since} AND "at" <= TIMESTAMP \'2026-11-22 14:30:00\''
    assert shop["revenue"] == value(f"SELECT sum(total) FROM orders WHERE counted AND {window}")
    assert shop["returns"] == value(f"SELECT sum(refunded) FROM orders WHERE counted AND {window}")
    assert shop["campaigns"] == value(f"SELECT sum(amount) FROM costs WHERE {window}")
    known = value(f"SELECT sum(amount - margin) FROM lines WHERE counted AND {window}")
    unknown = value(f"SELECT sum(amount) FROM lines WHERE counted AND margin IS NULL AND {window}")
    share = found.numbers["assumed"]["goods_cost_share"]["value"]
    assert float(shop["goods_cost"]) == pytest.approx(float(known) + float(unknown) * share, abs=0.01)
    minutes = value(f"SELECT sum(minutes) FROM tickets WHERE {window}")
    assert shop["service"] > 0 and float(shop["service"]) >= minutes / 60 * 30
    assert scores is not None
    total = sum(r["profit.last_12_months"] for r in scores.table.to_pylist())
    assert total + group(found, "nobody")["profit"] == pytest.approx(shop["profit"], abs=Decimal("0.2"))


def test_a_campaign_is_paid_by_those_it_reached(demo_shop: Shop) -> None:
    catalogue = demo_shop.engine.value("SELECT sum(amount) FROM costs WHERE campaign = 'Gift catalogue 2026'")
    reached = "any(messages where campaign = 'Gift catalogue 2026' and type = 'sent')"
    asked = group(demo_shop.insight("profit", NOW, segment=reached, months=1))
    mailed = demo_shop.engine.value("SELECT count(DISTINCT customer_id) FROM messages WHERE campaign = "
                                    "'Gift catalogue 2026' AND type = 'sent'")
    assert asked["customers"] == mailed == demo_shop.count(reached, NOW)
    assert asked["campaigns"] >= catalogue


def test_a_newsletter_of_two_years_is_paid_by_those_who_got_it_then(tmp_path: Path) -> None:
    """One name, a mail a month: ada has got all 24, bo the last 12 and each of these twice, cy left a year ago."""
    with hand.written(tmp_path / "shop", SETTINGS) as shop:
        hand.people(shop, ["ada", "bo", "cy"])
        hand.order(shop, "o1", "ada", hand.ago(5), ["lamp"], price=10, cost=4)
        for month in range(24):
            got = {"ada": 1, "bo": 2} if month < 12 else {"ada": 1, "cy": 1}
            for name, times in got.items():
                for n in range(times):
                    hand.add(shop, "messages", message_id=f"{name}{month}/{n}", customer_id=name,
                             at=hand.ago(31 * month + 10 + n), type="sent", channel="email", campaign="News")
            hand.add(shop, "costs", cost_id=f"c{month}", at=hand.ago(31 * month + 4), campaign="News",
                     amount=Decimal(30 if month < 12 else 60))
    # the last year holds 12 costs of 30: a third of each is of ada's mail, two thirds of bo's two, none of cy's
    paid = {r["customer_id"]: r["campaigns"] for r in
            shop.insight("profit", hand.NOW, by="customers").rows.to_pylist()}
    assert (paid["ada"], paid["bo"], paid["cy"]) == (120, 240, 0)
    shop.close()


def test_what_nobody_was_reached_by_for_a_quarter_is_paid_by_nobody_known(tmp_path: Path) -> None:
    with hand.written(tmp_path / "shop", SETTINGS) as shop:
        hand.people(shop, ["ada"])
        hand.order(shop, "o1", "ada", hand.ago(5), ["lamp"], price=10, cost=4)
        for days in (10, 300):
            hand.add(shop, "messages", message_id=f"m{days}", customer_id="ada", at=hand.ago(days), type="sent",
                     channel="email", campaign="Spring")
        hand.add(shop, "costs", cost_id="x1", at=hand.ago(150), campaign="Spring", amount=Decimal(7))
    found = shop.insight("profit", hand.NOW)
    assert (group(found)["campaigns"], group(found, "nobody")["campaigns"]) == (0, 7)
    shop.close()


def test_those_made_costly_to_serve_are_found(demo_shop: Shop) -> None:
    truth = pq.read_table(demo_shop.folder / "demo" / "ground_truth.parquet", columns=["customer_id", "behaviour"])
    costly = {r["customer_id"] for r in truth.to_pylist() if r["behaviour"] == "costly"}
    worst = demo_shop.insight("profit", NOW, by="losing", top=20).rows["customer_id"].to_pylist()
    assert len(worst) == 20 and sum(w in costly for w in worst) >= 16


def test_segments_are_compared_with_the_same_columns(demo_shop: Shop) -> None:
    rows = demo_shop.insight("profit", NOW, segments=True).rows.to_pylist()
    each = {r["group"]: float(r["profit"]) / r["customers"] for r in rows if 2 * r["buyers"] > r["customers"]}
    assert min(each, key=each.__getitem__) == "Costly to serve"
    vip = next(r for r in rows if r["group"] == "VIP")
    assert vip["customers"] == demo_shop.count("in segment 'VIP'", NOW)
    assert vip["profit"] == group(demo_shop.insight("profit", NOW, segment="in segment 'VIP'"))["profit"]


def test_the_curve_rises_from_nothing_to_all_of_it(demo_shop: Shop) -> None:
    found = demo_shop.insight("profit", NOW).numbers["concentration"]
    curve = [p["share"] for p in found["curve"]]
    assert found["basis"] == "profit" and curve[0] == 0 and curve[-1] == pytest.approx(1) and found["peak"] > 1
    assert found["losing"] > 0 and 0.2 < found["top"][2]["share"] < 1


def test_who_never_bought_carries_nothing_and_is_not_counted(books: Shop) -> None:
    found = books.insight("profit", hand.NOW, by="carry").numbers["concentration"]
    asked = group(books.insight("profit", hand.NOW))
    assert found["buyers"] == asked["buyers"] == 2 < asked["customers"]
    ada, bo = (float(r["profit"]) for r in books.insight("profit", hand.NOW, by="customers").rows.to_pylist()[:2])
    assert found["losing"] == (bo < 0) and found["total"] == pytest.approx(ada + bo, abs=1e-3)
    assert found["curve"][50] == {"customers": 0.5, "share": pytest.approx(ada / (ada + bo), abs=1e-4)}


def test_shares_are_told_of_no_fewer_than_20_who_bought(tmp_path: Path) -> None:
    with hand.written(tmp_path / "few", SETTINGS) as shop:
        hand.people(shop, [f"c{i}" for i in range(40)])
        for i in range(19):
            hand.order(shop, f"o{i}", f"c{i}", hand.ago(5), ["vase"], price=100, cost=50)
    assert not any("of those who bought" in str(f) for f in shop.insight("profit", hand.NOW).findings)
    with shop.engine.transaction():
        hand.order(shop, "o19", "c19", hand.ago(5), ["vase"], price=100, cost=50)
    assert any("of those who bought" in str(f) for f in shop.insight("profit", hand.NOW).findings)
    shop.close()


def test_service_channels_count_their_tickets(demo_shop: Shop) -> None:
    rows = {r["channel"]: r for r in demo_shop.insight("profit", NOW).numbers["service"]}
    assert set(rows) == {"phone", "email", "chat", "social", None}
    only = "{}(tickets where channel {} 'social' in last 1 year)"
    alone = demo_shop.count(f"{only.format('any', '=')} and {only.format('no', '!=')}", NOW)
    assert rows["social"]["customers"] >= alone > 10
    tickets = "SELECT count(*) FROM tickets WHERE \"at\" > TIMESTAMP '2025-11-22 14:30:00' AND channel = 'social'"
    assert rows["social"]["tickets"] == demo_shop.engine.value(tickets)
    assert all(r["brings_low"] < r["brings"] < r["brings_high"] for r in rows.values())


def channels(means: Any, errors: Any, customers: int) -> list[dict[str, Any]]:
    """Rows of channels as they come, those who bring most first."""
    rows = [{"channel": f"c{i}", "customers": customers, "brings": float(m), "brings_low": float(m - Z * e)}
            for i, (m, e) in enumerate(zip(means, errors, strict=True))]
    return sorted(rows, key=lambda r: -r["brings"])


def test_five_channels_alike_seldom_surely_differ() -> None:
    random, times, customers = np.random.default_rng(3), 1000, 40
    brought = random.normal(100, 30, (times, 5, customers))
    errors = brought.std(axis=2, ddof=1) / np.sqrt(customers)
    found = [surely_different(channels(m, e, customers)) for m, e in zip(brought.mean(axis=2), errors, strict=True)]
    assert sum(f is not None for f in found) <= 0.065 * times  # 5% of all shops, not of all pairs


def test_channels_that_differ_are_told_though_the_furthest_apart_are_unsure() -> None:
    found = surely_different(channels([150, 120, 100, 100], [60, 2, 2, 3], 50))
    assert found is not None
    more, less, low, high = found
    assert (more["channel"], less["brings"]) == ("c1", 100) and 0 < low < 20 < high
    assert low == pytest.approx(20 - stats.t.ppf(1 - 0.025 / 6, 98) * np.sqrt(8))


def test_without_any_cost_of_goods_profit_is_unknown_and_money_is_told(little_shop: Shop) -> None:
    found = little_shop.insight("profit", NOW)
    assert group(found)["profit"] is None and group(found)["net"] == Decimal("245.50")
    assert found.numbers["losing"] is None
    assert found.scores is not None
    assert found.scores.table["profit.last_12_months"].null_count == 5, "of who has no order either: it is not £0"
    assert found.numbers["concentration"]["basis"] == "net"
    assert any("goods_cost_percent" in str(c) for c in found.caveats)
    known = group(little_shop.insight("profit", NOW, goods_cost_percent=60.0))
    assert known["profit"] == Decimal("98.20")


def test_settings_keep_what_is_not_known_unknown(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(dump(Settings()), encoding="utf-8")
    assert load(tmp_path) == Settings() and Settings().payment_fee_percent is None
    (tmp_path / "shop.toml").write_text(dump(SETTINGS), encoding="utf-8")
    assert load(tmp_path) == SETTINGS


@pytest.mark.parametrize("said", [{"months": 0}, {"months": 10**6}, {"stay": 1.5}, {"self_service": -0.1}])
def test_a_parameter_that_cannot_be_is_refused(little_shop: Shop, said: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        little_shop.insight("profit", NOW, **said)


def test_every_code_has_a_name() -> None:
    assert len({str(label(code)) for code in ("asked", "others", "nobody", "shop", *LEVERS)}) == 8


@pytest.mark.parametrize(("by", "column"), [("losing", "needs_self_service"), ("service", "brings_low"),
                                            ("carry", "share"), ("customers", "profit_high")])
def test_each_table_can_be_asked_for(demo_shop: Shop, by: str, column: str) -> None:
    rows = demo_shop.insight("profit", NOW, by=by, top=7).rows
    assert column in rows.column_names and (rows.num_rows == 7 or by in ("service", "carry"))
