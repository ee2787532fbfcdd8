"""Writing a segment as a person does: typing, choosing, building."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.app.browser.conftest import Opened, Server

RULE = "#id_rule"


def start(page: Page, server: Server, rule: str = "") -> None:
    page.goto(f"{server.address}/segments/new/")
    if rule:
        page.fill(RULE, rule)


def test_a_segment_by_keyboard_alone(open_page: Opened, server: Server) -> None:
    page = open_page()
    start(page, server)
    page.focus("[name=name]")
    page.keyboard.type("Regulars of Utrecht")
    page.keyboard.press("Tab")
    page.keyboard.type("count(ord")
    expect(page.get_by_role("option").first).to_have_text(re.compile("orders"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type(") >= 10 and city = ")
    expect(page.get_by_role("option", name="'Utrecht'")).to_be_visible()
    page.keyboard.type("'Utr")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.locator(RULE)).to_have_value("count(orders ) >= 10 and city = 'Utrecht' ")
    expect(page.locator("#preview")).to_contain_text("20.0% of 5 customers")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Tidy it up").click()
    expect(page.locator(RULE)).to_have_value("count(orders) >= 10 and city = 'Utrecht'")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regulars of Utrecht")
    expect(page.locator("main")).to_contain_text("20.0% of 5 customers")
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.locator("#members")).to_contain_text("Ada Bloem")


def test_the_page_is_there_before_it_is_counted_whom_the_rule_holds_of(open_page: Opened, server: Server) -> None:
    page = open_page()
    page.goto(f"{server.address}/segments/new/?rule=any(orders)")
    expect(page.locator("[data-key='root.kind']").first).to_be_visible()
    expect(page.locator("#preview")).to_contain_text("80.0% of 5 customers")


def test_what_is_built_becomes_text_and_what_is_written_is_built(open_page: Opened, server: Server) -> None:
    page = open_page()
    start(page, server)
    page.get_by_role("button", name="Add a condition").click()
    expect(page.locator(RULE)).to_have_value("count(orders) >= 1")
    page.locator("[data-key='root.literal']").fill("10")
    page.locator("[data-key='root.literal']").press("Tab")
    expect(page.locator(RULE)).to_have_value("count(orders) >= 10")
    page.get_by_role("button", name="Add brackets").click()
    page.locator("[data-key='root.1.kind']").select_option("any")
    page.locator("[data-key='root.1.selection.has']").click()
    page.locator("[data-key='root.1.selection.where.value.name']").select_option("channel")
    page.locator("[data-key='root.1.selection.where.literal']").fill("store")
    page.locator("[data-key='root.1.selection.where.literal']").press("Tab")
    expect(page.locator(RULE)).to_have_value("count(orders) >= 10 and any(orders where channel = 'store')")
    page.locator("[data-key='root.kind']").select_option("or")
    expect(page.locator(RULE)).to_have_value("count(orders) >= 10 or any(orders where channel = 'store')")
    expect(page.locator("#preview")).to_contain_text("40.0% of 5 customers")
    page.fill(RULE, "not (gender = 'female' or no(orders in last 1 year))")
    expect(page.locator("[data-key='root.kind']")).to_have_value("not")
    expect(page.locator("[data-key='root.item.1.selection.window.duration.unit']")).to_have_value("year")


def test_what_is_being_built_stands_when_a_look_answers_late(open_page: Opened, server: Server) -> None:
    page = open_page()
    looks: list[Route] = []
    turned: list[Route] = []
    page.route("**/segments/preview/", lambda route: route.continue_() if looks else looks.append(route))
    page.route("**/segments/convert/", lambda route: route.continue_() if turned else turned.append(route))
    start(page, server)
    with page.expect_request("**/segments/preview/"):
        page.evaluate("htmx.trigger('#id_rule', 'look')")
    with page.expect_request("**/segments/convert/"):
        page.get_by_role("button", name="Add a condition").click()
    with page.expect_response("**/segments/preview/"):
        looks[0].continue_()
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling')")
    expect(page.locator("[data-key='root.literal']")).to_be_visible()
    turned[0].continue_()
    expect(page.locator(RULE)).to_have_value("count(orders) >= 1")


EVERY_KIND = ("compare", "between", "in_list", "text_test", "known", "flag", "in_window", "any", "no", "stopped",
              "restarted", "regularly", "sequence", "anniversary", "near", "rank", "sample", "everyone", "and", "or",
              "not")


def test_every_kind_of_condition_can_be_chosen(open_page: Opened, server: Server) -> None:
    page = open_page()
    start(page, server)
    page.get_by_role("button", name="Add a condition").click()
    for kind in EVERY_KIND:
        with page.expect_response("**/segments/convert/") as answer:
            page.locator("[data-key='root.kind']").select_option("everyone" if kind != "everyone" else "compare")
        with page.expect_response("**/segments/convert/") as answer:
            page.locator("[data-key='root.kind']").select_option(kind)
        wrong = answer.value.json()["wrong"]
        assert wrong is None or kind == "near", (kind, wrong)


def test_the_wrong_word_is_underlined(open_page: Opened, server: Server) -> None:
    page = open_page()
    start(page, server, "any(orders) and gendre = 'x'")
    expect(page.locator(".rule-shadow mark")).to_have_text("gendre")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean gender?")
    expect(page.locator(RULE)).to_have_attribute("aria-invalid", "true")


def test_it_works_without_a_script(open_page: Opened, server: Server) -> None:
    page = open_page(script=False)
    start(page, server, "city = 'Amsterdam'")
    page.get_by_role("button", name="Look who it is").click()
    expect(page.locator("#preview")).to_contain_text("40.0% of 5 customers")
    page.fill("[name=name]", "Without a script")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Without a script")
