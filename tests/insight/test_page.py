"""The report's page: what it says, in which language, and that it stands by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from regulars.insight import moves
from regulars.insight.common.charts import Bar, Cell, bars, calendar, curve, heat, line, sparkline, waterfall
from regulars.insight.moves.ground import look
from regulars.insight.page import SECTIONS, kinds, moment_for, newest_fact, page, read, written
from regulars.insight.page.carriers import section as carriers
from regulars.insight.page.moves import section as section_of_moves
from regulars.insight.page.numbers import section as numbers
from regulars.insight.page.parts import Card, Reading, Section, Spoken
from regulars.insight.page.recency import section as recency
from regulars.insight.page.together import section as together
from regulars.insight.page.when import section as when
from regulars.insight.page.worth import section as worth
from regulars.insight.personas import Personas, sentence
from regulars.insight.value.telling import caveats_of_fit
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES, NO_CURRENCY, Settings
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW
from tests.little_shop import NOW as LITTLE_NOW

HERE = NOW.replace(tzinfo=None)
VOID = {"meta", "link", "br", "img", "path", "line", "rect", "circle"}


class Read(HTMLParser):
    """Holds a page to its form: every tag closed in order; what it would load; its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.root: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "html":
            self.root = said
        self.ids += [said["id"] or ""] if "id" in said else []
        self.loads += [v for k, v in said.items() if k in ("src", "href", "srcset", "action") and v
                       and not v.startswith(("#", "data:"))]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.wrong.append(f"{tag} closes itself")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{tag} closes something else")


@pytest.fixture(scope="module")
def reading(demo_shop: Shop) -> Reading:
    return Reading(demo_shop, HERE, Figures(demo_shop.settings, "en"))


@pytest.fixture(scope="module")
def sections(reading: Reading) -> list[Section]:
    return read(reading)


@pytest.fixture(scope="module")
def english(reading: Reading, sections: list[Section]) -> str:
    return written(reading, sections)


def test_it_is_whole_and_loads_nothing(english: str) -> None:
    found = Read(english)
    assert found.wrong == [] and found.open == []
    assert found.loads == []
    assert len(set(found.ids)) == len(found.ids)
    assert not re.search(r"https?://|url\(|@import|<script", english)
    assert found.root == {"lang": "en", "dir": "ltr"}


def test_every_section_says_something_of_a_full_shop(sections: list[Section]) -> None:
    assert len(sections) == len(SECTIONS)
    for section in sections:
        assert section.title and not section.missing, section.key
        assert section.tiles or section.pictures or section.cards or section.tables, section.key


def test_every_picture_has_a_title_words_for_it_and_its_table(english: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", english, re.DOTALL)
    assert len(figures) >= 8
    for figure in figures:
        assert re.search(r"<h3>[^<]+</h3>", figure)
        assert re.search(r'<svg role="img" aria-label="[^"]{20,}"', figure)
        assert "<tbody>" in figure and "NaN" not in figure and "undefined" not in figure


def test_five_moves_carry_their_rule_people_amount_and_cost(english: str) -> None:
    moves = english.split('id="moves"')[1].split("</section>")[0]
    assert moves.count("<code>") == 5
    for word in ("For", "May bring", "Costs", "Left after goods and cost"):
        assert moves.count(f"<dt>{word}</dt>") == 5
    assert re.search(r"<dt>Costs</dt><dd>[^<]*\(\u2068?by (e-mail|text message|telephone|post)", moves)


def test_what_a_move_leaves_is_not_called_net_of_goods_whose_cost_nobody_knows(
        small_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "look", lambda shop, now: replace(look(shop, now), margin=None))
    told = section_of_moves(Reading(small_shop, HERE, Figures(small_shop.settings, "en"))).cards
    labels = [label for card in told for label, _ in card.figures if label.startswith("Left")]
    assert "Left after its cost, goods not known" in labels
    assert len(labels) == len(told) > 0


def test_it_is_said_from_right_to_left_in_urdu(small_shop: Shop) -> None:
    urdu = page(small_shop, HERE, Figures(small_shop.settings, "ur"))
    found = Read(urdu)
    assert found.root == {"lang": "ur", "dir": "rtl"} and found.wrong == []
    words = re.sub(r"<style>.*?</style>|<code>.*?</code>|<[^>]+>|\u2068[^\u2069]*\u2069", " ", urdu, flags=re.DOTALL)
    assert not re.search(r"\b(customers|orders|people|Table|Rule|share)\b", words)


def little(shop: Shop) -> dict[str, tuple[str, str]]:
    """The ten numbers of the shop of five people: label -> value and note."""
    now = LITTLE_NOW.astimezone(UTC).replace(tzinfo=None)
    return {t.label: (t.value, t.note) for t in numbers(Reading(shop, now, Figures(shop.settings, "en"))).tiles}


def test_the_ten_numbers_are_those_of_a_count_by_hand(little_shop: Shop) -> None:
    found = little(little_shop)
    assert len(found) == 10
    assert found["Customers known"] == ("5", "4 have bought")
    assert found["Orders, last 12 months"][0] == "12"
    assert found["Sales, last 12 months"][0] == "€246"
    assert found["An order is worth"][0] == "€20.46"
    assert found["New customers, last 12 months"][0] == "3"
    assert found["Came back"] == ("25%", "1 has ordered twice or more")
    assert found["Days between orders"][0] == "30"
    assert found["Bought in the last 3 months"] == ("2", "50% of all who have bought")
    assert found["The top tenth bring"][0] == "–", "a tenth of four is nobody"


def test_a_year_that_is_not_all_there_is_not_compared(little_shop: Shop) -> None:
    assert little(little_shop)["Sales, last 12 months"][1] == "no full year before to compare"
    little_shop.engine.execute("UPDATE orders SET \"at\" = \"at\" - INTERVAL 2 YEAR WHERE order_id = 'E1';"
                               "UPDATE orders SET \"at\" = TIMESTAMP '2025-06-01' WHERE order_id = 'D1'")
    assert little(little_shop)["Orders, last 12 months"] == ("11", "1,000% more than the year before")


@pytest.mark.parametrize("name", ["one order", "3 customers", "30 customers", "nothing but orders", "no amounts"])
def test_of_any_shop_it_is_whole_and_says_what_to_bring_in(odd_shops: dict[str, Shop], name: str) -> None:
    text = page(odd_shops[name], HERE, Figures(odd_shops[name].settings, "en"))
    found = Read(text)
    assert found.wrong == [] and found.open == [] and text.count("<section") == len(SECTIONS)
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not re.search(r"\b(nan|None|null|inf)\b|[{}]", words)
    assert all(len(each.strip()) > 40 for each in re.findall(r'class="missing">([^<]+)<', text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_of_few_people_says_so(small_shop: Shop, language: str) -> None:
    reading = Reading(Spoken(small_shop, language), HERE, Figures(small_shop.settings, language))
    told = Personas().of(reading.shop, HERE, {"few": "sample 4%"}).rows.to_pylist()
    assert 3 <= told[0]["n"] < 20
    few = next(sentence(r).say(reading.figures) for r in told if r["code"] == "few")
    lead = kinds._called(reading, told)
    assert lead.endswith(few) and len(lead) > len(few)


def test_what_people_typed_is_text_and_nothing_else(small_shop: Shop) -> None:
    small_shop.engine.execute("UPDATE products SET name = name || '<img src=x>'; UPDATE lines SET product_name = NULL;"
                              "UPDATE customers SET name = '<b>' || name")
    shop = small_shop
    shop.settings = replace(shop.settings, name="</title><script>alert(1)</script>")
    text = page(shop, HERE, Figures(shop.settings, "en"))
    assert "<script" not in text and "<img" not in text and "<b>" not in text
    assert Read(text).wrong == []


def test_it_says_when_it_is_of_another_day_than_today(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "old") as shop:
        text = page(shop, HERE, Figures(shop.settings, "en"), today=HERE + timedelta(days=400))
        assert "The newest fact is of 22 Nov 2026" in text
        assert "The newest fact is of" not in page(shop, HERE, Figures(shop.settings, "en"), today=HERE)


def test_an_empty_shop_says_what_to_bring_in(tmp_path: Path) -> None:
    with Shop.create(tmp_path / "empty") as shop:
        text = page(shop, HERE, Figures(shop.settings, "en"))
    assert "bring in an export of your orders" in text
    assert text.count('class="missing"') == len(SECTIONS)
    assert Read(text).wrong == []


def test_who_carries_the_shop_is_shown_of_20_who_bought_and_left_something(tmp_path: Path) -> None:
    def missing() -> str:
        return carriers(Reading(shop, hand.NOW, Figures(shop.settings, "en"))).missing

    with hand.written(tmp_path / "few") as shop:
        hand.people(shop, [f"c{i}" for i in range(40)])
        for i in range(19):
            hand.order(shop, f"o{i}", f"c{i}", hand.ago(5), ["vase"], price=100, cost=50)
        hand.order(shop, "old", "c30", hand.ago(500), ["vase"], price=100, cost=50)
    assert "20 customers with an order in the last 12 months" in missing()
    hand.order(shop, "o19", "c19", hand.ago(5), ["vase"], price=100, cost=50)
    assert not missing()
    shop.engine.execute("UPDATE lines SET margin = -10")
    assert "there is nothing to share out" in missing()
    shop.close()


def test_the_busiest_weekday_is_told_by_the_orders_of_its_days(tmp_path: Path) -> None:
    """Of 80 orders in eight weeks 32 come on Saturdays: 4 a day, and 1 on each of the other days."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(80)])
        days = [d for d in range(56) for _ in range(4 if d % 7 == 5 else 1)]  # 2026-05-04 is a Monday
        for i, day in enumerate(days):
            hand.order(shop, f"o{i:02}", f"c{i:02}", datetime(2026, 5, 4, 10) + timedelta(days=day), ["lamp"])
    weekday = when(Reading(shop, datetime(2026, 6, 28, 20), Figures(shop.settings, "en"))).pictures[1]
    assert weekday.title == "Saturday is the busiest: 4 times as many orders a day as otherwise"
    assert weekday.alt.startswith("Orders a day by day of the week") and ">4<" in weekday.svg, "drawn as it is told"


@pytest.mark.parametrize("people", [19, 20])
def test_how_recently_and_how_often_takes_as_many_customers_as_is_said(tmp_path: Path, people: int) -> None:
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(people)])
        for i in range(people):
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(i + 1), ["lamp"])
    found = recency(Reading(shop, hand.NOW, Figures(shop.settings, "en")))
    assert found.missing.startswith("It takes at least 20 customers with an order") == (people < 20)
    assert bool(found.pictures) == (people == 20)


def test_products_go_together_only_where_that_is_more_than_chance(tmp_path: Path) -> None:
    """400 orders of three of twelve items at random: some pairs look it."""
    random = np.random.default_rng(8)
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:03}" for i in range(400)])
        for i in range(400):
            items = [f"item {k}" for k in random.choice(12, 3, replace=False)]
            hand.order(shop, f"o{i:03}", f"c{i:03}", hand.ago(20), items)
    assert shop.insight("basket", hand.NOW).rows.num_rows
    found = together(Reading(shop, hand.NOW, Figures(shop.settings, "en")))
    assert found.lead == "No two products go together more than chance makes them." and not found.tables


def test_a_group_by_degree_is_not_told_its_own_rule(demo_shop: Shop) -> None:
    reading = Reading(demo_shop, HERE, Figures(demo_shop.settings, "en"))
    once, quiet = kinds._by_degree(reading)[1:]

    def told(card: Card) -> str:
        return " ".join([*card.lines, *(line for _, lines in card.more for line in lines)])
    assert "come back after the first order" not in told(once) + told(quiet)
    assert "in the last half-year" in told(once) and "in the last half-year" not in told(quiet)


def test_who_is_active_is_not_told_where_orders_hardly_tell(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = worth(reading)
    found = reading.result("value")
    assert found is not None and found.numbers["fit"]["with_priors"]
    assert "Still active" in [t.label for t in plain.tiles] and not plain.notes
    nearly_all = {**found.numbers["expected"], "active": 0.995 * found.n}
    flat = replace(found, numbers={**found.numbers, "expected": nearly_all},
                   caveats=list(caveats_of_fit("pareto-nbd", SimpleNamespace(
                       with_priors=True, converged=True, sampled=False))))  # type: ignore[arg-type]
    monkeypatch.setattr(Reading, "result", lambda self, name: flat)
    told = worth(reading)
    assert [t.label for t in told.tiles] == [t.label for t in plain.tiles[:-1]]
    assert told.notes == ["The orders alone hardly tell how customers differ: the parameters are held near usual ones."]


def test_old_data_is_judged_as_of_its_newest_fact(demo_shop: Shop) -> None:
    newest = newest_fact(demo_shop, HERE)
    assert newest is not None and newest <= HERE
    assert moment_for(demo_shop, HERE) == HERE
    later = HERE + timedelta(days=400)
    # The end of that day in Amsterdam, an hour ahead of UTC in November.
    assert moment_for(demo_shop, later) == datetime(2026, 11, 22, 22, 59, 59, 999999)


def test_amounts_in_no_currency_stand_without_one() -> None:
    figures = Figures(Settings(currency=NO_CURRENCY), "en")
    assert (figures.money(1234.5), figures.about(98765), figures.compact(1_200_000)) == ("1,234.50", "98,800", "1.2M")
    assert Figures(Settings(currency="GBP"), "en").compact(1_200_000) == "£1.2M"


@pytest.mark.parametrize("rtl", [False, True])
def test_pictures_take_the_colours_of_the_page_and_any_text(rtl: bool) -> None:
    awkward = "It's \\ \"<b>\" گاہک"
    drawn = [bars([Bar(awkward, 3, awkward, 1, 5), Bar("b", 0, "0", marked=False)], rtl=rtl),
             heat([Cell(0, 0, 1, "1"), Cell(1, 0, 0, "0")], [awkward, "2"], ["r"], rtl=rtl),
             curve([(0, 0), (0.5, 1.1), (1, 1)], lambda v: f"{v:.0%}", across=awkward, up="up", rtl=rtl),
             line([("a", 1, 0.5, 2), ("b", 2, 1, 3)], str, rtl=rtl), sparkline([1, 2, 3], rtl=rtl),
             waterfall([("in", 10, "10"), ("out", -4, "-4")], ("left", "6"), rtl=rtl),
             calendar({HERE.date() - timedelta(days=d): d for d in range(60)}, list("MTWTFSS"), str, rtl=rtl)]
    for svg in drawn:
        assert svg.startswith("<svg") and "#0" not in svg and "var(--accent)" in svg
        assert "<b>" not in svg and "http" not in svg
