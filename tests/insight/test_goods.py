"""What products bring, and who is due to buy again: by hand from the lines."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.insight.page import goods, numbers, recency, together
from regulars.insight.page.parts import Reading, Section, Spoken
from regulars.model.figures import Figures
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW

MOMENT = NOW.replace(tzinfo=None)


def reading(shop: Shop, language: str = "en", *, linked: bool = False) -> Reading:
    return Reading(Spoken(shop, language), MOMENT, Figures(shop.settings, language), linked=linked)


@pytest.fixture(scope="module")
def told(demo_shop: Shop) -> Section:
    return goods.section(reading(demo_shop))


def test_products_are_by_what_is_left_of_them(demo_shop: Shop, told: Section) -> None:
    left, people = defaultdict[str, Decimal](Decimal), defaultdict[str, set[str]](set)
    unknown = Counter[str]()
    for product, margin, customer in demo_shop.engine.rows(
            "SELECT coalesce(p.name, l.product_name, l.product_id), l.margin, l.customer_id FROM lines l LEFT JOIN"
            ' products p USING (product_id) WHERE l.counted AND l."at" > ? AND l."at" <= ?',
            [MOMENT - timedelta(days=365), MOMENT]):
        left[product] += margin or 0
        unknown[product] += margin is None
        people[product] |= {customer} - {None}
    best = sorted((p for p in left if not unknown[p]), key=lambda p: (-left[p], p))[:3]
    rows, figures = told.tables[0].rows, Figures(demo_shop.settings, "en")
    assert [row[0] for row in rows[:3]] == best
    assert [row[3] for row in rows[:3]] == [figures.about(left[p]) for p in best]
    assert [row[5] for row in rows[:3]] == [figures.number(len(people[p])) for p in best]
    assert told.lead.startswith(f"{best[0]} leaves most: {figures.about(left[best[0]])} of ")


def test_who_bought_it_is_a_rule_of_just_those(demo_shop: Shop, told: Section) -> None:
    table = told.tables[0]
    assert [Figures(demo_shop.settings, "en").number(demo_shop.count(rule, NOW)) for rule in table.rules] == [
        row[5] for row in table.rows]


def test_who_is_due_again_is_counted_by_the_rule_that_is_offered(demo_shop: Shop) -> None:
    cards = goods.again(reading(demo_shop)).cards
    assert cards
    for card in cards:
        people = demo_shop.count(card.rule, NOW)
        assert card.lines[0].startswith(f"{people} {'person' if people == 1 else 'people'} ")


def test_without_lines_it_says_what_to_bring_in(little_shop: Shop) -> None:
    assert "bring in your orders with their lines" in goods.section(reading(little_shop)).missing
    assert goods.again(reading(little_shop)).cards == []


def test_only_where_it_is_asked_for_do_bars_lead_anywhere(demo_shop: Shop) -> None:
    """A report stands by itself: nothing in it names another host."""
    plain, linked = (recency.section(reading(demo_shop, linked=each)).pictures[1] for each in (False, True))
    assert "<a " not in plain.svg and "vega" not in plain.svg
    assert linked.svg.count("<a ") == len(linked.rows) == len(linked.rules)


def test_a_month_of_those_who_came_back_is_a_rule_of_just_those(demo_shop: Shop) -> None:
    """By hand: whoever has an order of that month, by the shop's calendar, that is not their first."""
    picture = numbers.section(reading(demo_shop, linked=True)).pictures[1]
    months = [re.findall(r"from (\S+) to", rule)[0][:7] for rule in picture.rules]
    seen, again = set[str](), defaultdict[str, set[str]](set)
    for who, month in demo_shop.engine.rows(
            "SELECT customer_id, strftime(timezone(?, timezone('UTC', \"at\")), '%Y-%m') FROM orders WHERE counted AND "
            "customer_id IS NOT NULL ORDER BY \"at\", order_id", [demo_shop.settings.timezone]):
        if who in seen:
            again[month].add(who)
        seen.add(who)
    assert [demo_shop.count(rule, NOW) for rule in picture.rules] == [len(again[month]) for month in months]
    assert picture.svg.count("<a ") == len(picture.rows)


def test_what_a_line_without_an_amount_sold_for_is_not_known(tmp_path: Path) -> None:
    """60 orders of bricks, 40 of them with sand of which no amount is told: nobody knows what it is worth."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(90)])
        for i in range(90):
            items = ["bricks", "sand"] if i < 40 else ["bricks"] if i < 60 else ["glue"]
            hand.order(shop, f"o{i:02}", f"c{i:02}", hand.ago(20), items, total=10)
        shop.engine.execute("UPDATE lines SET amount = NULL, margin = NULL WHERE product_id = 'sand'")
    said = Reading(Spoken(shop, "en"), hand.NOW, Figures(shop.settings, "en"))
    assert "40 order lines of these do not say what was paid: their pieces count, and their sales do not." in (
        goods.section(said).notes)
    (top,) = [tile.value for tile in numbers.section(said).tiles if tile.label == "The top tenth bring"]
    assert top == "10%", "nine of ninety who paid the same"
    assert [row[3] for table in together.section(said).tables[1:] for row in table.rows] == ["not known"]
