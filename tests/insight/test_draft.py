"""A draft is about what is true of half of the people, says so, and speaks every language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.errors import Refused, TooLittleData
from regulars.insight.draft.goods import Goods
from regulars.insight.draft.occasions import OCCASIONS
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.shop import Shop
from tests.insight.conftest import NOW


@pytest.mark.parametrize("segment, occasion", [
    ("no(orders)", "first"), ("count(orders) = 1 and any(orders in last 180 days)", "second"),
    ("count(orders) >= 3 and last(orders) more than 365 days ago", "quiet"),
    ("top 5% by sum(orders.total in last 1 year)", "thanks"), ("anniversary(birth_date) in next 14 days", "birthday"),
    ("any(checkouts where completed = false in last 7 days) and no(orders in last 7 days)", "checkout")])
def test_the_occasion_is_what_is_true_of_them(demo_shop: Shop, segment: str, occasion: str) -> None:
    found = demo_shop.insight("draft", NOW, segment=segment)
    assert (found.numbers["occasion"], found.numbers["share"]) == (occasion, 1.0)
    assert found.n == demo_shop.count(segment, NOW)


def test_it_says_its_reason_with_its_share(demo_shop: Shop) -> None:
    found = demo_shop.insight("draft", NOW, segment="no(orders)")
    assert found.findings[0].say(Figures(demo_shop.settings, "en")) == "100% of them have never ordered."
    reachable = demo_shop.count("no(orders) and email_consent and email is known", NOW)
    assert found.numbers["reachable"] == reachable
    assert found.findings[-1].say(Figures(demo_shop.settings, "ru")).startswith(str(reachable))


def test_what_they_bought_more_than_others_is_spoken_of(demo_shop: Shop) -> None:
    """By hand: of all who bought anything, who bought bricks."""
    segment = "any(lines where category = 'Bricks')"
    said = " ".join(f.say(Figures(demo_shop.settings, "en")) for f in demo_shop.insight(
        "draft", NOW, segment=segment).findings)
    assert "100% of them bought from Bricks, of everybody else 0%" in said


def test_nobody_is_said_to_buy_at_full_price_where_discounts_are_not_written_down(little_shop: Shop) -> None:
    def said() -> str:
        return " ".join(map(str, little_shop.insight("draft", NOW, segment="any(orders)").findings))
    assert "never at a discount" not in said()
    little_shop.engine.execute("UPDATE orders SET discounted = false, discount = 0")
    assert "never at a discount" in said()


def test_there_is_a_message_in_each_language(demo_shop: Shop) -> None:
    rows = demo_shop.insight("draft", NOW, segment="no(orders)").rows.to_pylist()
    assert [row["language"] for row in rows] == list(LANGUAGES)
    assert len({row["subject"] for row in rows}) == len({row["body"] for row in rows}) == len(LANGUAGES)
    assert all(demo_shop.settings.name in row["body"] and "{" not in row["body"] for row in rows)


def test_what_the_shop_knows_stands_in_it_and_leaves_no_gap_to_fill_in_four_languages(demo_shop: Shop) -> None:
    known = Goods.read(demo_shop.insight("draft", NOW, segment="everyone").numbers["goods"])
    assert known.new and known.first
    for occasion in OCCASIONS:
        found = demo_shop.insight("draft", NOW, segment="everyone", occasion=occasion)
        assert "[" not in "".join(found.rows["body"].to_pylist()), occasion
        told = {"first": known.first, "quiet": known.new[0], "news": known.new[0]}.get(occasion, "")
        assert all(told in body for body in found.rows["body"].to_pylist())


def test_names_that_would_be_read_as_marks_are_told_without_and_what_is_new_is_asked_where_nobody_knows(
        little_shop: Shop) -> None:
    body = little_shop.insight("draft", NOW, segment="everyone", occasion="news").rows["body"][0].as_py()
    assert "[what is new]" in body
    little_shop.engine.execute("INSERT INTO products (product_id, name, released_at) VALUES ('n', "
                               "'Lamp [red] {{x}}', ?)", [NOW.replace(tzinfo=None) - timedelta(days=3)])
    body = little_shop.insight("draft", NOW, segment="everyone", occasion="news").rows["body"][0].as_py()
    assert "Lamp (red) ((x))." in body and "[" not in body


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_another_occasion_can_be_asked_for(demo_shop: Shop, occasion: str) -> None:
    found = demo_shop.insight("draft", NOW, segment="gender = 'female'", occasion=occasion)
    assert found.numbers["occasion"] == occasion and found.rows["subject"][0].as_py()


def test_nobody_and_an_occasion_there_is_not_are_refused(demo_shop: Shop) -> None:
    with pytest.raises(TooLittleData):
        demo_shop.insight("draft", NOW, segment="name = 'nobody'")
    with pytest.raises(Refused, match="no occasion called 'easter'"):
        demo_shop.insight("draft", NOW, occasion="easter")
