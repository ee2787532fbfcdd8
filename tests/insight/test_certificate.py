"""Certificates are held to published intervals, to counts by hand, and to segments whose worth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regulars.errors import NotFound, TooLittleData
from regulars.insight.certificate import features_of, sentence
from regulars.insight.certificate.behaviour import hedges, mixedness
from regulars.insight.certificate.counts import _of_discounts
from regulars.insight.certificate.lasting import overwritten, people_needed
from regulars.insight.common import Result
from regulars.insight.common.intervals import newcombe
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.shop import Shop
from tests.insight.conftest import NOW
from tests.insight.shop_by_hand import NOW as NAIVE
from tests.insight.shop_by_hand import add, ago, order, people, written
from tests.insight.test_personas import few_shop

SEGMENTS = ("VIP", "Only with a code", "Occasion gifts in the store", "Birthday in two weeks")


@pytest.fixture(scope="module")
def certified(demo_shop: Shop) -> Result:
    return demo_shop.insight("certificate", NOW, segments=SEGMENTS)


def own_of(result: Result, segment: str | None) -> dict[str, dict[str, Any]]:
    return {r["test"]: r for r in result.rows.to_pylist() if r["segment"] == segment}


def test_a_rule_is_called_by_its_segment_or_else_said_in_the_reader_s_language(demo_shop: Shop) -> None:
    def first(analysis: str, rule: str, language: str) -> str:
        return demo_shop.insight(analysis, NOW, segment=rule).findings[0].say(Figures(demo_shop.settings, language))

    assert first("certificate", "count( orders ) >= 10", "en").startswith("VIP passes ")
    assert first("personas", "in segment 'vip'", "ru").startswith("VIP: ")
    assert first("certificate", "count(orders) >= 11", "ru").startswith("«Число заказов не меньше 11»: ")


def test_a_birthday_says_nothing_of_how_somebody_buys(certified: Result) -> None:
    own = own_of(certified, "Birthday in two weeks")
    assert own["distinct"]["verdict"] == "fail"
    assert own["lasting"]["verdict"] == "fail", "nobody's birthday is in two weeks for a quarter of a year"
    assert own["actionable"]["verdict"] != "pass"


def test_bargain_hunters_are_distinct_and_lost_to_any_rival_with_a_code(certified: Result) -> None:
    own = own_of(certified, "Only with a code")
    assert own["distinct"]["verdict"] == "pass" and own["distinct"]["count"] >= 2
    assert (own["discounts"]["verdict"], own["discounts"]["value"]) == ("fail", 1.0)
    assert own["prices"]["reason"] == "pay_less" and own["prices"]["high"] < 0.95


def test_gift_buyers_ignore_mail_and_the_test_of_response_says_so(certified: Result) -> None:
    own = own_of(certified, "Occasion gifts in the store")["actionable"]
    assert (own["verdict"], own["reason"]) == ("pass", "responds_less")
    assert own["value"] < 0.1 < own["other"] and own["high"] < 0


def test_ten_orders_are_never_undone_and_the_best_customers_bring_more_than_their_share(certified: Result) -> None:
    own = own_of(certified, "VIP")
    assert (own["lasting"]["value"], own["lasting"]["verdict"]) == (1.0, "pass")
    assert own["money"]["value"] > 2 * own["money"]["other"] and own["money"]["low"] > own["money"]["other"]


def test_what_the_rule_asks_itself_does_not_make_it_distinct(demo_shop: Shop) -> None:
    result = demo_shop.insight("certificate", NOW, segment="share(orders where promo_code is known) >= 0.75")
    assert "promo_code" not in own_of(result, "share(orders where promo_code is known) >= 0.75")["distinct"]["word"]


@pytest.mark.parametrize("rule", ["email_consent", "plan = 'Garden Club'", "count(orders) >= 2 and not in segment "
                                  "'Garden Club'", "top 10% by social_followers", "within 400 km of 'Utrecht'"])
def test_what_is_kept_as_it_is_today_is_not_stable_for_that(demo_shop: Shop, rule: str) -> None:
    own = own_of(demo_shop.insight("certificate", NOW, segment=rule), rule)["lasting"]
    assert (own["verdict"], own["reason"], own["value"]) == ("unknown", "no_history", None)


@pytest.mark.parametrize("rule", ["count(orders where channel = 'store') >= 2", "age >= 40", "in segment 'VIP'"])
def test_what_has_a_history_is_looked_up_in_it(rule: str) -> None:
    assert not overwritten(rule, {"vip": "count(orders) >= 10"})


def test_the_set_is_tested_together(demo_shop: Shop, certified: Result) -> None:
    own = own_of(certified, None)
    anyone = demo_shop.count(" or ".join(f"in segment '{s}'" for s in SEGMENTS), NOW)
    assert own["covered"]["value"] == pytest.approx(anyone / 3000)
    assert own["once"]["n"] == anyone
    assert own["apart"]["n"] == 6, "pairs of four"


def test_everybody_is_too_broad_and_compared_with_nobody(demo_shop: Shop) -> None:
    own = own_of(demo_shop.insight("certificate", NOW, segment="everyone"), "everyone")
    assert (own["breadth"]["verdict"], own["breadth"]["reason"]) == ("fail", "too_broad")
    assert (own["distinct"]["verdict"], own["distinct"]["reason"]) == ("unknown", "everybody")
    assert own["money"]["value"] == 1.0 and own["substantial"]["value"] == 1.0


def test_counts_are_those_done_by_hand_and_what_is_not_recorded_is_not_known(tmp_path: Path) -> None:
    with few_shop(tmp_path) as shop:
        result = shop.insight("certificate", NOW, segment="city = 'Utrecht'")
    own = own_of(result, "city = 'Utrecht'")
    assert own["money"]["value"] == pytest.approx(510 / 990) and own["money"]["other"] == 0.5
    assert own["money"]["low"] < 510 / 990 < own["money"]["high"]
    assert (own["substantial"]["verdict"], own["substantial"]["count"]) == ("fail", 15)
    assert own["breadth"]["reason"] == "too_narrow"
    assert {t for t, r in own.items() if r["verdict"] == "unknown"} == {
        "reachable", "actionable", "discounts", "prices", "lasting"}
    assert any("for want of data" in str(c) for c in result.caveats)


def test_a_share_of_discounts_is_as_sure_as_its_customers_are_many(tmp_path: Path) -> None:
    with few_shop(tmp_path) as shop:
        some = own_of(shop.insight("certificate", NOW, segment="everyone"), "everyone")["discounts"]
        few = own_of(shop.insight("certificate", NOW, segment="city = 'Delft'"), "city = 'Delft'")["discounts"]
    # 12 customers with 2 of 2 orders, 3 with 0 of 2, 15 with 0 of 1: an effect of (48 - 2p·48 + p²·75) / 45 / p(1 - p),
    # with p = 24/45, is 1.619; 45 orders are worth 27.79, and Wilson's interval of 14.82 of those is .355 to .703
    assert (some["value"], some["count"]) == (24 / 45, 45)
    assert (some["low"], some["high"]) == (pytest.approx(0.3554, abs=1e-3), pytest.approx(0.7032, abs=1e-3))
    assert (few["verdict"], few["reason"], few["value"]) == ("unknown", "too_few", None)


def test_no_discount_among_thirty_does_not_prove_that_there_is_none() -> None:
    """Wilson's interval of 0 of 30 is 0 to z² / (30 + z²), however many orders each of them has."""
    own = {"n": 30, "orders": 300, "cut": 0, "cut2": 0, "both": 0, "orders2": 3000}
    told = _of_discounts(own, {**own, "orders": 600, "cut": 10})
    assert (told.value, told.low) == (0, 0) and told.high == pytest.approx(0.1135, abs=1e-4)


def test_a_shop_without_segments_and_a_segment_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with few_shop(tmp_path) as shop:
        with pytest.raises(TooLittleData, match="needs segments, and there are none"):
            shop.insight("certificate", NOW)
        with pytest.raises(NotFound, match="VIP"):
            shop.insight("certificate", NOW, segments=("VIP",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_row_is_a_sentence_in_every_language(certified: Result, demo_shop: Shop, language: str) -> None:
    features, figures = features_of(certified), Figures(demo_shop.settings, language)
    said = [sentence(row, features).say(figures) for row in certified.rows.to_pylist()]
    word = {"en": "the others", "id": "yang lain", "ur": "دوسروں", "ru": "остальных"}[language]
    assert all(" – " in s and "{" not in s for s in said) and any(word in s for s in said)


def test_the_interval_of_a_difference_is_the_published_one() -> None:
    """Newcombe 1998, Statistics in Medicine 17:873, table II (a), method 10: 56/70 and 48/80."""
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_members_a_campaign_takes_are_the_textbook_s() -> None:
    """Fleiss, Levin & Paik 2003: .10 against .15 with 80% power takes 686 in each of two equal groups."""
    assert people_needed(0.10, 0.5, control=0.5) == pytest.approx(2 * 686, abs=2)


def test_the_effect_size_is_the_one_by_hand() -> None:
    """Means 2 and 5, both variances 1, six degrees of freedom less two: -3 times 1 - 3 / (4 · 4 - 1)."""
    assert hedges(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])) == pytest.approx(-3 * (1 - 3 / 15))
    assert hedges(np.array([1.0, 1]), np.array([1.0, 1])) == 0.0


def test_a_random_half_is_as_mixed_as_everybody() -> None:
    random = np.random.default_rng(7)
    points = random.normal(size=(4000, 5))
    assert mixedness(points, random.random(4000) < 0.5) == pytest.approx(1.0, abs=0.05)
    assert (mixedness(points, points[:, 0] > 1.5) or 1.0) < 0.9


def test_who_is_written_to_more_often_does_not_respond_more_for_that(tmp_path: Path) -> None:
    """One message in five is clicked, whoever gets it: forty people get fifty messages, sixty get five."""
    with written(tmp_path / "shop") as shop:
        people(shop, [f"many{i}" for i in range(40)], tags=["many"])
        people(shop, [f"few{i}" for i in range(60)])
        for name, sent in [*((f"many{i}", 50) for i in range(40)), *((f"few{i}", 5) for i in range(60))]:
            for n in range(sent):
                _mailed(shop, name, n, clicked=n % 5 == 0)
    own = own_of(shop.insight("certificate", NAIVE, segment="tags contains 'many'"), "tags contains 'many'")
    told = own["actionable"]
    assert (told["value"], told["other"], told["n"], told["count"]) == (0.2, 0.2, 40, 400)
    assert (told["verdict"], told["reason"]) == ("fail", "alike")
    shop.close()


def test_a_few_who_click_everything_make_the_interval_of_a_response_wide(tmp_path: Path) -> None:
    """Four of forty click all of ten messages, nobody else any: 40 of 400, worth 40 messages, not 400."""
    with written(tmp_path / "shop") as shop:
        people(shop, [f"many{i}" for i in range(40)], tags=["many"])
        people(shop, [f"few{i}" for i in range(60)])
        for i in range(40):
            for n in range(10):
                _mailed(shop, f"many{i}", n, clicked=i < 4)
        for i in range(60):
            for n in range(10):
                _mailed(shop, f"few{i}", n, clicked=n == 0 and i < 30)
    told = own_of(shop.insight("certificate", NAIVE, segment="tags contains 'many'"), "tags contains 'many'")[
        "actionable"
    ]
    low, high = newcombe(4, 40, 30, 600)
    assert (told["value"], told["other"]) == (0.1, 0.05)
    assert told["low"] == pytest.approx(low, abs=0.005) and told["high"] == pytest.approx(high, abs=0.005)
    assert told["reason"] == "alike"
    shop.close()


def _mailed(shop: Shop, customer: str, n: int, *, clicked: bool) -> None:
    for kind in ("sent", "clicked") if clicked else ("sent",):
        add(
            shop,
            "messages",
            message_id=f"{customer}/{n}/{kind}",
            customer_id=customer,
            at=ago(200 - n),
            type=kind,
            channel="email",
            campaign=f"mailing {n}",
        )


def test_a_price_that_rose_for_everybody_makes_nobody_sensitive_to_prices(tmp_path: Path) -> None:
    """Forty bought a brick a week for ten weeks at 10, forty others for ten weeks after it rose to 14."""
    with written(tmp_path / "shop") as shop:
        people(shop, [f"old{i}" for i in range(40)], tags=["old"])
        people(shop, [f"new{i}" for i in range(40)])
        for i in range(40):
            for week in range(10):
                order(shop, f"a{i}/{week}", f"old{i}", ago(300 - 7 * week), ["brick"], price=10)
                order(shop, f"b{i}/{week}", f"new{i}", ago(230 - 7 * week), ["brick"], price=14)
    told = own_of(shop.insight("certificate", NAIVE, segment="tags contains 'old'"), "tags contains 'old'")["prices"]
    assert (told["verdict"], told["reason"]) == ("unknown", "too_few_prices"), "at any time all pay the same"
    shop.close()


def test_who_pays_less_than_others_at_the_same_time_is_seen_to_after_a_rise_too(tmp_path: Path) -> None:
    """As the price rises by half, twenty always get a tenth off and sixty never do."""
    with written(tmp_path / "shop") as shop:
        people(shop, [f"off{i}" for i in range(30)], tags=["off"])
        people(shop, [f"full{i}" for i in range(60)])
        for week in range(20):
            price = 10 if week < 10 else 15
            for i in range(60):
                order(shop, f"f{i}/{week}", f"full{i}", ago(200 - 7 * week), ["brick"], price=price)
            for i in range(30):
                order(shop, f"o{i}/{week}", f"off{i}", ago(200 - 7 * week), ["brick"], price=price * 0.9)
    told = own_of(shop.insight("certificate", NAIVE, segment="tags contains 'off'"), "tags contains 'off'")["prices"]
    assert (told["value"], told["other"]) == (pytest.approx(0.9), pytest.approx(1.0))
    assert (told["verdict"], told["reason"]) == ("warn", "pay_less")
    shop.close()
