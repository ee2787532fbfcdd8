"""Personas tell only what was counted; Joe and Sarah of the demo shop's truth are recognised from their cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from regulars.errors import NotFound, TooLittleData
from regulars.insight import personas as personas_module
from regulars.insight.common import Result
from regulars.insight.personas import cards, drawing, sentence
from regulars.insight.personas.counting import Rate
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW


@pytest.fixture(scope="module")
def personas(demo_shop: Shop) -> Result:
    return demo_shop.insight("personas", NOW, age_and_gender=True)


def bucket_of(shop: Shop, demo_buckets: Result, archetype: str) -> str:
    """The bucket most customers of an archetype are in."""
    truth = pq.read_table(shop.folder / "demo" / "ground_truth.parquet")
    assert demo_buckets.scores is not None
    names = (demo_buckets.scores.table.column(c).to_pylist() for c in ("customer_id", "bucket.name"))
    named = dict(zip(*names, strict=True))
    mine = [named[c] for c, a in zip(*(truth.column(n).to_pylist() for n in ("customer_id", "archetype")), strict=True)
            if a == archetype]
    return Counter(mine).most_common(1)[0][0]


def card(result: Result, persona: str) -> dict[str, dict[str, object]]:
    """The first row of each code."""
    rows: dict[str, dict[str, object]] = {}
    for row in result.rows.to_pylist():
        if row["persona"] == persona:
            rows.setdefault(row["code"], row)
    return rows


def test_joe_buys_gifts_for_occasions_in_the_store_looks_on_a_desktop_and_ignores_mail(
        demo_shop: Shop, demo_buckets: Result, personas: Result) -> None:
    joe = card(personas, bucket_of(demo_shop, demo_buckets, "occasion_gift_buyer"))
    assert (joe["channel"]["word"], joe["channel"]["differs"]) == ("store", "more")
    assert joe["for_occasions"]["value"] > 0.9 and joe["for_occasions"]["differs"] == "more"  # type: ignore[operator]
    assert (joe["category"]["word"], joe["device"]["word"]) == ("Gifts", "desktop")
    assert joe["device"]["differs"] == joe["category"]["differs"] == "more"
    assert joe["reads"]["value"] < 0.4 and joe["reads"]["differs"] == "less"  # type: ignore[operator]
    assert joe["age"]["value"] == pytest.approx(37, abs=3)
    assert joe["gender"]["word"] == "male"
    assert {"before", "no_mail", "no_discount"} <= set(joe)


def test_sarah_is_young_buys_small_things_each_month_on_her_phone_in_the_evening_and_talks_of_it(
        demo_shop: Shop, demo_buckets: Result, personas: Result) -> None:
    sarah = card(personas, bucket_of(demo_shop, demo_buckets, "small_things_online"))
    assert (sarah["channel"]["word"], sarah["device"]["word"]) == ("online", "phone")
    assert (sarah["part_of_day"]["word"], sarah["gender"]["word"]) == ("evening", "female")
    assert 25 <= sarah["gap"]["value"] <= 45 and sarah["gap"]["differs"] == "less"  # type: ignore[operator]
    assert sarah["order"]["value"] < 20 and sarah["order"]["differs"] == "less"  # type: ignore[operator]
    assert sarah["talks"]["value"] > 0.3 and sarah["talks"]["differs"] == "more"  # type: ignore[operator]
    assert sarah["followers"]["differs"] == "more"  # type: ignore[operator]
    assert sarah["age"]["value"] == pytest.approx(19.5, abs=1)
    assert {"spread", "moment", "screen"} <= set(sarah)


def test_each_bucket_has_a_card_and_each_sentence_its_count(personas: Result, demo_buckets: Result) -> None:
    told = cards(personas)
    assert [c.persona for c in told] == demo_buckets.rows.column("name").to_pylist()
    assert sum(c.people for c in told) == 3000
    for row in personas.rows.to_pylist():
        if row["kind"] in ("word", "yes", "rate"):
            assert row["value"] == pytest.approx(row["n"] / row["of"])
            assert row["low"] - 1e-9 <= row["value"] <= row["high"] + 1e-9
            assert f"{row['n']:,} of {row['of']:,}" in str(sentence(row))


def test_nobody_s_name_address_or_number_is_told(personas: Result, demo_shop: Shop) -> None:
    said = " ".join(str(sentence(r)) for r in personas.rows.to_pylist())
    assert "@" not in said and not any(f"C{n:06}" in said for n in range(1, 3001))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_is_invented_fits_the_language_and_says_so(personas: Result, demo_shop: Shop, language: str) -> None:
    figures = Figures(demo_shop.settings, language)
    said = [s.say(figures) for s in personas.findings]
    marks = {"en": "invented", "id": "rekaan", "ur": "فرضی", "ru": "вымышлено"}
    assert sum(marks[language] in s for s in said) == len(cards(personas))


def test_age_and_gender_are_told_only_where_they_are_asked_for(demo_shop: Shop) -> None:
    plain = demo_shop.insight("personas", NOW, segment="count(orders) >= 10")
    assert not {"age", "gender"} & set(plain.rows.column("code").to_pylist())
    assert "women" not in " ".join(map(str, plain.findings))


def test_a_card_of_everybody_compares_with_nobody(demo_shop: Shop) -> None:
    result = demo_shop.insight("personas", NOW, segment="everyone")
    rows = result.rows.to_pylist()
    assert result.caveats == [] and str(result.findings[0]).startswith("Everybody: 3,000 customers")
    assert all(r["others"] is None for r in rows)
    assert all(r["differs"] == "" for r in rows)


def test_saved_segments_are_told_by_name_and_an_unknown_bucket_is_refused(demo_shop: Shop) -> None:
    result = demo_shop.insight("personas", NOW, segments=("VIP", "one-time buyers"))
    assert [c.persona for c in cards(result)] == ["VIP", "One-time buyers"]
    with pytest.raises(NotFound, match="no bucket called 'Nobody'"):
        demo_shop.insight("personas", NOW, bucket="Nobody")


def few_shop(folder: Path) -> Shop:
    """30 customers; the 15 of Utrecht buy twice by phone on Saturday mornings, 12 of them with a code each time."""
    shop = Shop.create(folder / "shop")
    people = "customer_id,name,city\n" + "".join(
        f"C{i:02},Somebody {i},{'Utrecht' if i < 15 else 'Delft'}\n" for i in range(30))
    orders = "order_id,customer_id,at,status,total,channel,promo_code\n" + "".join(
        f"O{i}-{n},C{i:02},2026-10-{day}T{hour}:00,paid,{10 + i},{'phone' if i < 15 else 'store'},"
        f"{'SALE' if i < 12 else ''}\n"
        for i in range(30) for n, (day, hour) in enumerate((("03", "09"), ("10", "09")) if i < 15 else (("07", "15"),)))
    for table, content in (("customers", people), ("orders", orders)):
        (folder / f"{table}.csv").write_text(content)
        shop.import_file(folder / f"{table}.csv", as_=table, now=NOW)
    return shop


def test_counts_are_those_done_by_hand_and_a_small_group_carries_its_warning(tmp_path: Path) -> None:
    with few_shop(tmp_path) as shop:
        result = shop.insight("personas", NOW, segment="city = 'Utrecht'")
        own = card(result, "city = 'Utrecht'")
    assert (own["channel"]["n"], own["channel"]["of"], own["channel"]["others"]) == (15, 15, 0.0)
    assert (own["weekday"]["word"], own["part_of_day"]["word"], own["month"]["word"]) == ("6", "morning", "10")
    assert (own["at_discount"]["n"], own["at_discount"]["of"], own["at_discount"]["value"]) == (24, 30, 0.8)
    assert (own["gap"]["value"], own["gap"]["of"], own["again"]["others"]) == (7.0, 15, 0.0)
    assert (own["order"]["value"], own["order"]["low"], own["order"]["high"]) == (17.0, 13.5, 20.5)
    assert own["few"]["n"] == 15 and any("fewer than 20" in str(c) for c in result.caveats)
    assert "typical" not in own, "nobody is shown of a group so small"


def test_two_people_are_no_persona(tmp_path: Path) -> None:
    with few_shop(tmp_path) as shop, pytest.raises(TooLittleData, match="at least 3 customers"):
        shop.insight("personas", NOW, segment="customer_id in ('C01', 'C02')")


def test_of_a_large_group_some_are_looked_at_which_it_says_and_their_shares_are_those_of_all(
        demo_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "count(orders) >= 2"
    whole = demo_shop.insight("personas", NOW, segment=rule)
    for module in (personas_module, drawing):
        monkeypatch.setattr(module, "MOST", 400)
    some = demo_shop.insight("personas", NOW, segment=rule)
    assert not whole.caveats and "more than 400 customers, 400 of them are looked at" in str(some.caveats[0])
    assert (some.n, some.rows["n"][0]) == (whole.n, whole.rows["n"][0]), "how many there are is still counted of all"
    expected = {(r["code"], r["word"]): r["value"] for r in whole.rows.to_pylist() if r["kind"] in ("word", "yes")}
    told = [(r, expected[r["code"], r["word"]]) for r in some.rows.to_pylist() if (r["code"], r["word"]) in expected]
    assert len(told) > 20 and all(r["of"] <= 400 for r, _ in told)
    assert sum(r["low"] <= value <= r["high"] for r, value in told) >= 0.9 * len(told)


@pytest.fixture(scope="module")
def often_and_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, object]]]:
    """Forty order ten times, eighty once. Of either's orders one in ten comes back and two in ten are reviewed: nearly
    all who order often have done both *ever*. The forty look around on Tuesdays at 20:00, the others on Sundays."""
    with hand.written(tmp_path_factory.mktemp("often") / "shop") as shop:
        hand.people(shop, [f"often{i:02}" for i in range(40)], tags=["often"])
        hand.people(shop, [f"once{i:02}" for i in range(80)])
        bought = [(f"often{i:02}", n) for i in range(40) for n in range(10)] + [(f"once{i:02}", 0) for i in range(80)]
        for number, (name, n) in enumerate(bought):
            at = hand.ago(300 - 28 * n)
            hand.order(shop, f"o{number}", name, at, ["lamp"], returned=number % 10 == 3)
            if number % 10 in (5, 6):
                hand.add(shop, "events", event_id=f"e{number}", customer_id=name, at=at + timedelta(days=9),
                         name="Review Written")
        for i in range(40):
            hand.add(shop, "visits", visit_id=f"v{i}", customer_id=f"often{i:02}", at=datetime(2026, 6, 2, 20),
                     device="phone", category="Lamps", referrer="https://www.pictures.example/lamps?x=1")
            hand.add(shop, "events", event_id=f"l{i}", customer_id=f"once{i:02}", at=datetime(2026, 6, 7, 9),
                     name="Product Viewed")
        rule = "tags contains 'often'"
    yield card(shop.insight("personas", hand.NOW, segment=rule), rule)
    shop.close()


def test_who_orders_more_often_has_not_more_of_each_order_sent_back(
        often_and_once: dict[str, dict[str, object]]) -> None:
    back = often_and_once["returns"]
    assert (back["kind"], back["n"], back["of"], back["others"], back["differs"]) == ("rate", 40, 400, 0.1, "")
    assert "no_surprise" not in often_and_once


def test_who_orders_more_often_does_not_talk_more_of_each_order(often_and_once: dict[str, dict[str, object]]) -> None:
    talks = often_and_once["talks"]
    assert (talks["n"], talks["of"], talks["others"], talks["differs"]) == (80, 400, 0.2, "")
    assert "spread" not in often_and_once


def test_how_they_look_around_is_told_from_pages_and_from_events_that_say_so(
        often_and_once: dict[str, dict[str, object]]) -> None:
    day, part = often_and_once["looks_weekday"], often_and_once["looks_part"]
    assert (day["word"], day["n"], day["of"], day["others"], day["differs"]) == ("2", 40, 40, 0.0, "more")
    assert (part["word"], part["others"], part["differs"]) == ("evening", 0.0, "more")
    assert [often_and_once[code]["word"] for code in ("device", "looks_at", "comes_by")] == [
        "phone", "Lamps", "pictures.example"]


def test_one_rate_of_two_groups_of_clusters_is_taken_for_two_in_one_of_twenty() -> None:
    """Customers with rates of their own and one to nine orders each, the same in both groups."""
    random = np.random.default_rng(7)

    def drawn(people: int) -> Rate:
        of = random.integers(1, 10, people)
        hits = random.binomial(of, random.beta(0.5, 2, people))
        return Rate(people, hits.sum(), of.sum(), (hits**2).sum(), (hits * of).sum(), (of**2).sum())
    wrong = np.mean([drawn(60).differs_from(drawn(200)) < 0.05 for _ in range(1000)])
    assert 0.02 < wrong < 0.08
