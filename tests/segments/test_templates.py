"""The library of ready segments: what an owner who picks one relies on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import NotFound, Refused
from regulars.model.settings import LANGUAGES, Settings
from regulars.model.tables import TABLES
from regulars.model.types import Type
from regulars.rules import check, format, parse, to_json, vocabulary
from regulars.rules.scores import SCORES
from regulars.rules.vocabulary import FACTS, OwnName
from regulars.segments.templates import (
    Template,
    choices,
    missing_by_template,
    missing_data,
    needs,
    template,
    templates,
    themes,
)
from regulars.shop import Shop

NOW = datetime(2026, 11, 22, 12)
EVERY_SCORE = vocabulary(tuple(OwnName("scores", name, Type.MONEY, label) for name, label in SCORES.items()),
                         place=lambda name: (0.0, 0.0))
"""A shop in which every analysis has kept its scores."""
ALL = [pytest.param(each, id=each.key) for each in templates()]
SCRIPTS = {"ur": re.compile("[\u0600-\u06ff]"), "ru": re.compile("[\u0400-\u04ff]")}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop.create(tmp_path / "shop", Settings(timezone="UTC", country="ID")) as made:
        yield made


def put(shop: Shop, table: str, *rows: Mapping[str, Any]) -> None:
    """Rows as they stand after an import, their settled columns and the people they belong to included."""
    for row in rows:
        if table != "customers" and "customer_id" in row:
            shop.engine.execute("INSERT INTO customers (customer_id, described) SELECT ?, true WHERE NOT EXISTS"
                                " (FROM customers WHERE customer_id = ?)", [row["customer_id"]] * 2)
        columns = ", ".join(f'"{name}"' for name in row)
        shop.engine.execute(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def order(who: str, days: float, **columns: Any) -> dict[str, Any]:
    return {"order_id": f"{who}/{days}", "customer_id": who, "at": ago(days), "status": "paid", "counted": True,
            "total": 20, "returned": False, "discounted": columns.get("discount", 0) > 0, **columns}


def line(who: str, days: float, product: str) -> dict[str, Any]:
    return {"order_id": f"{who}/{days}", "line": 1, "customer_id": who, "at": ago(days), "product_id": product,
            "quantity": 1, "amount": 20, "returned": False, "counted": True}


def members(shop: Shop, key: str, **values: str | date) -> list[str]:
    rule = template(key, NOW.date()).filled(values).rule
    found: list[str] = shop.members(rule, NOW).column("customer_id").to_pylist()
    return found


def test_there_are_at_least_48_in_14_themes_and_no_two_have_the_same_key() -> None:
    keys = [each.key for each in templates()]
    assert len(keys) == len(set(keys)) >= 48
    assert len(themes()) == 14
    assert {each.theme for each in templates()} == {theme.key for theme in themes()}


@pytest.mark.parametrize("each", ALL)
def test_its_rule_is_read_is_canonical_and_fits_every_shop(each: Template) -> None:
    tree = parse(each.rule)
    assert format(tree) == each.rule
    check(tree, EVERY_SCORE)


@pytest.mark.parametrize("each", ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_name_reason_and_advice_in_every_language(each: Template, language: str) -> None:
    for text in (each.name[language], each.why[language], each.do[language],
                 *(p.label[language] for p in each.parameters)):
        assert text == text.strip() != ""
        assert "{" not in text
        assert "  " not in text
        if language in SCRIPTS:
            assert SCRIPTS[language].search(text)
    assert each.why[language].endswith((".", "۔"))
    assert each.do[language].endswith((".", "۔"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_have_the_same_name(language: str) -> None:
    names = [each.name[language] for each in templates()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_theme_and_every_need_is_said_in_every_language(language: str) -> None:
    assert all(theme.title[language] for theme in themes())
    assert all(need.missing[language] for need in needs().values())


def spoken_of(node: Any, fact: str = "") -> Iterator[tuple[str, str]]:
    """(table, column) of everything a tree in JSON speaks of; the column is empty for rows."""
    if isinstance(node, list):
        for part in node:
            yield from spoken_of(part, fact)
    if not isinstance(node, dict):
        return
    if node["kind"] == "selection":
        fact = node["fact"]
        yield FACTS[fact].table, ""
        if node.get("column"):
            yield FACTS[fact].columns[node["column"]].holder, FACTS[fact].columns[node["column"]].column
    if node["kind"] == "attribute":
        known = FACTS[fact].columns[node["name"]] if fact else EVERY_SCORE.attributes[node["name"]]
        yield known.holder, known.column
    if node["kind"] == "near":
        yield "customers", "latitude"
    for part in node.values():
        yield from spoken_of(part, fact)


@pytest.mark.parametrize("each", ALL)
def test_it_says_that_it_needs_whatever_its_rule_speaks_of(each: Template) -> None:
    asked = [needs()[key] for key in each.needs]
    named = {(need.table, need.column) for need in asked} | {(need.table, "") for need in asked}
    chosen = {tuple(p.column.split(".")) for p in each.parameters if p.kind == "text"}
    assert set(spoken_of(to_json(parse(each.rule)))) <= named | chosen


def test_every_need_is_used_and_is_a_column_of_the_model() -> None:
    used = {key for each in templates() for key in each.needs}
    assert used | {"own-value"} == set(needs())
    for key in used:
        need = needs()[key]
        assert not need.column or need.column in SCORES or TABLES[need.table].column(need.column)


def test_all_of_them_can_be_asked_of_an_empty_shop_together(shop: Shop) -> None:
    put(shop, "customers", {"customer_id": "ann", "described": True, "at": ago(1)})
    found = shop.evaluate({each.key: each.rule for each in templates() if "profit" not in each.needs}, NOW)
    inside = {name for name in found.column_names[1:] if found.column(name).to_pylist()[0]}
    assert inside == {"never-bought"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_shop_lacks_something_for_each_of_them(shop: Shop, language: str) -> None:
    missing = missing_by_template(templates(), shop.engine, language)
    assert all(missing[each.key] for each in templates())
    assert missing["vip-10-orders"] == (needs()["orders"].missing[language],)


def test_an_order_is_all_that_the_vip_template_needs(shop: Shop) -> None:
    put(shop, "orders", order("ann", 1, status="cancelled", counted=False))
    assert missing_data(template("vip-10-orders"), shop.engine) == (
        "There are no paid orders yet: import your order export.",)
    put(shop, "orders", order("ann", 2))
    assert missing_data(template("vip-10-orders"), shop.engine) == ()


def test_of_an_empty_table_only_that_is_said(shop: Shop) -> None:
    assert missing_data(template("costly-to-serve"), shop.engine) == (
        "There are no service cases: import those of your help desk.",)
    put(shop, "tickets", {"ticket_id": "1", "customer_id": "ann", "at": ago(1)})
    assert missing_data(template("costly-to-serve"), shop.engine) == (
        "No service case says how many minutes it took.",)


def test_a_discount_of_nothing_is_no_discount_data(shop: Shop) -> None:
    put(shop, "orders", order("ann", 1, discount=0))
    assert missing_data(template("discount-dependent"), shop.engine, "ru") == (
        "Ни у одного заказа нет скидки: либо вы их не давали, либо в выгрузке заказов их нет.",)
    put(shop, "orders", order("ann", 2, discount=5))
    assert missing_data(template("discount-dependent"), shop.engine, "ru") == ()


def test_sent_messages_alone_are_no_data_about_who_reads(shop: Shop) -> None:
    put(shop, "messages", {"message_id": "1", "customer_id": "ann", "at": ago(1), "type": "sent", "machine": False})
    missing = missing_by_template((template("engaged-30-days"), template("machine-opens-only")), shop.engine)
    assert len(missing["engaged-30-days"]) == 1
    assert len(missing["machine-opens-only"]) == 2
    put(shop, "messages", {"message_id": "2", "customer_id": "ann", "at": ago(1), "type": "opened", "machine": True})
    assert missing_data(template("machine-opens-only"), shop.engine) == ()


def test_a_category_the_shop_does_not_sell_is_said_and_not_a_segment_of_nobody(shop: Shop) -> None:
    put(shop, "orders", order("ann", 1))
    put(shop, "lines", line("ann", 1, "p1"))
    put(shop, "products", {"product_id": "p1", "category": "Tea"})
    favourite = template("favourite-category")
    assert missing_data(favourite, shop.engine) == (
        "“Bricks” does not occur in your shop. Choose one of your own: Category.",)
    assert missing_data(favourite.filled({"category": " TEA "}), shop.engine) == ()


def test_the_choices_for_a_parameter_are_the_shops_own_the_most_frequent_first(shop: Shop) -> None:
    put(shop, "customers", {"customer_id": "a", "city": "Solo", "brands_followed": ["Kapal Api", "Lego"]},
        {"customer_id": "b", "city": "Bandung", "brands_followed": ["Lego"]}, {"customer_id": "c", "city": "Bandung"},
        {"customer_id": "d"})
    assert choices(template("in-a-city").parameters[0], shop.engine) == ("Bandung", "Solo")
    brands = template("brand-followers")
    assert choices(brands.parameters[0], shop.engine) == ("Lego", "Kapal Api")
    assert choices(template("last-december-not-since").parameters[0], shop.engine) == ()
    assert missing_data(brands.filled({"brand": "kapal api"}), shop.engine) == ()


def test_a_place_nobody_has_chosen_yet_has_to_be_one_where_customers_live(shop: Shop) -> None:
    put(shop, "customers", {"customer_id": "a", "city": "Solo", "latitude": -7.56, "longitude": 110.83})
    near = template("within-25-km")
    assert missing_data(near, shop.engine) == (
        "“Bandung” does not occur in your shop. Choose one of your own: City or saved place.",)
    assert missing_data(near.filled({"place": "My store"}), shop.engine) == ()


def test_abroad_is_abroad_from_where_the_shop_is() -> None:
    assert template("abroad", country="NL").rule == "country != 'NL'"
    assert template("abroad", country="NL").name["ru"] == "За границей: не NL"


def test_a_value_with_quotes_stays_a_value() -> None:
    filled = template("favourite-category").filled({"category": "Kids' toys' or everyone --"})
    assert filled.rule == "favourite(lines.category) = 'Kids'' toys'' or everyone --'"
    assert format(parse(filled.rule)) == filled.rule
    assert filled.name["en"] == "Favourite category: “Kids' toys' or everyone --”"


def test_it_refuses_what_does_not_fit() -> None:
    with pytest.raises(NotFound, match="no parameter called 'colour'"):
        template("favourite-category").filled({"colour": "red"})
    with pytest.raises(Refused, match="no text for category"):
        template("favourite-category").filled({"category": date(2026, 1, 1)})
    with pytest.raises(Refused, match="no date for begins"):
        template("last-december-not-since").filled({"begins": "yesterday"})
    with pytest.raises(NotFound, match="no ready segment called 'vips'"):
        template("vips")


@pytest.mark.parametrize(("today", "ends"), [
    (date(2026, 11, 22), "2025-12-31"), (date(2026, 12, 31), "2025-12-31"), (date(2027, 1, 1), "2026-12-31"),
    (date(2024, 2, 29), "2023-12-31")])
def test_last_december_is_the_last_one_that_was_over(today: date, ends: str) -> None:
    year = ends[:4]
    assert template("last-december-not-since", today).rule == (
        f"any(orders from {year}-12-01 to {ends}) and no(orders after {ends})")


def test_purchase_counts_hold_whom_their_names_say(shop: Shop) -> None:
    for who, times in (("ten", 10), ("nine", 9), ("one", 1)):
        put(shop, "orders", *(order(who, 40 + 100 * nth) for nth in range(times)))
    put(shop, "customers", {"customer_id": "nobody", "described": True})
    assert members(shop, "vip-10-orders") == ["ten"]
    assert members(shop, "nearly-vip") == ["nine"]
    assert members(shop, "one-time") == members(shop, "second-order-due") == ["one"]
    assert members(shop, "never-bought") == ["nobody"]


def test_the_top_tenth_never_takes_in_people_who_bought_nothing(shop: Shop) -> None:
    put(shop, "orders", order("big", 10, total=900))
    put(shop, "customers", *({"customer_id": f"prospect{n}", "described": True} for n in range(30)))
    assert members(shop, "top-10-percent") == ["big"]
    assert members(shop, "top-10-percent-this-year") == ["big"]


def test_timing_tells_the_new_the_late_and_the_seasonal_apart(shop: Shop) -> None:
    put(shop, "orders", order("new", 5), order("december", 340), order("late", 60), order("late", 90),
        order("late", 120), order("back", 3), order("back", 300), order("gone", 500))
    assert members(shop, "first-order-last-30-days") == ["new"]
    assert members(shop, "last-december-not-since") == ["december"]
    assert members(shop, "monthly-buyers-late") == ["late"]
    assert members(shop, "back-after-a-pause") == ["back"]
    assert members(shop, "lapsed") == ["gone"]


def test_birthdays_and_sign_up_days_come_round(shop: Shop) -> None:
    put(shop, "customers", {"customer_id": "soon", "described": True, "birth_date": date(1989, 12, 6)},
        {"customer_id": "later", "described": True, "birth_date": date(1989, 12, 7)},
        {"customer_id": "just", "described": True, "signed_up_at": ago(0.1)},
        {"customer_id": "year", "described": True, "signed_up_at": datetime(2025, 11, 25, 8)})
    assert members(shop, "birthday-soon") == ["soon"]
    assert members(shop, "sign-up-anniversary") == ["year"]


def test_bought_a_not_b_looks_at_categories(shop: Shop) -> None:
    put(shop, "products", {"product_id": "b", "category": "Bricks"}, {"product_id": "s", "category": "Sand"})
    put(shop, "orders", order("ann", 10), order("bob", 10), order("bob", 400), order("cem", 70))
    put(shop, "lines", line("ann", 10, "b"), line("bob", 10, "b"), line("bob", 400, "s"), line("cem", 70, "b"))
    assert members(shop, "bought-a-not-b") == ["ann"]
    assert members(shop, "bought-a-not-b", bought="sand", missing="bricks") == []


def test_readers_are_people_and_not_machines(shop: Shop) -> None:
    def message(who: str, days: float, kind: str, machine: bool = False) -> dict[str, Any]:
        return {"message_id": f"{who}{days}{kind}", "customer_id": who, "at": ago(days), "type": kind,
                "machine": machine}
    put(shop, "messages", message("ann", 10, "opened"), message("bot", 10, "opened", True),
        message("cem", 70, "clicked"), message("dil", 200, "opened"), *(message("eve", n, "sent") for n in range(1, 6)))
    assert members(shop, "engaged-15-days") == ["ann"]
    assert members(shop, "semi-engaged-60-to-90-days") == ["cem"]
    assert members(shop, "unengaged-120-days") == ["dil"]
    assert members(shop, "never-opened") == ["eve"]
    assert members(shop, "machine-opens-only") == ["bot"]


def test_discounts_and_codes(shop: Shop) -> None:
    put(shop, "orders", *(order("bargain", n, discount=3 * (n != 1), promo_code="TEN") for n in (1, 2, 3, 4)),
        *(order("full", n, discount=0) for n in (1, 2, 3)),
        order("stayed", 50, promo_code="TEN", discount=2), order("stayed", 5))
    assert members(shop, "discount-dependent") == ["bargain"]
    assert members(shop, "never-used-a-code") == ["full"]
    assert members(shop, "only-with-a-code") == ["bargain"]
    assert members(shop, "came-by-code-stayed") == ["stayed"]


def test_service_tells_the_waiting_from_the_easy(shop: Shop) -> None:
    put(shop, "orders", *(order("easy", n) for n in (1, 2, 3)), order("hurt", 150))
    put(shop, "tickets", {"ticket_id": "1", "customer_id": "hurt", "at": ago(140), "closed": ago(139), "effort": 9},
        {"ticket_id": "2", "customer_id": "waiting", "at": ago(2)})
    assert members(shop, "open-case") == ["waiting"]
    assert members(shop, "easy-customers") == ["easy"]
    assert members(shop, "hard-case-no-order-since") == ["hurt"]


def test_surveys_judge_the_question_that_was_chosen(shop: Shop) -> None:
    def answer(who: str, question: str, number: int) -> dict[str, Any]:
        return {"survey": "s", "respondent": who, "question": question, "customer_id": who, "at": ago(9),
                "value": str(number), "number": number}
    put(shop, "answers", answer("fan", "Recommend us?", 10), answer("foe", "Recommend us?", 6),
        answer("foe", "How old is your bike?", 10))
    assert members(shop, "promoters", question="Recommend us?") == ["fan"]
    assert members(shop, "detractors", question="recommend us?") == ["foe"]


def test_place_checkout_and_plan(shop: Shop) -> None:
    put(shop, "customers",
        {"customer_id": "near", "described": True, "latitude": -6.93, "longitude": 107.62, "country": "ID"},
        {"customer_id": "far", "described": True, "latitude": -6.2, "longitude": 106.8, "country": "NL"},
        {"customer_id": "trial", "described": True, "plan_status": "Trialing", "plan_since": date(2026, 11, 10)})
    put(shop, "checkouts", {"checkout_id": "1", "customer_id": "near", "at": ago(2), "completed": False},
        {"checkout_id": "2", "customer_id": "far", "at": ago(2), "completed": True})
    assert members(shop, "within-25-km") == ["near"]
    assert members(shop, "abroad") == ["far"]
    assert members(shop, "abandoned-checkout") == ["near"]
    assert members(shop, "trial-ending") == ["trial"]
