"""The first five minutes of an owner: two exports in, a named segment and its message out; and the pages, looked at."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from regulars.segments.templates import template
from tests.app.browser.conftest import Opened, Server
from tests.app.browser.test_looks import problems

PAGES = ("/today/", "/bring-in/", "/bring-in/receipts/i000001/", "/bring-in/databases/", "/bring-in/live/",
         "/customers/", "/customers/show/C1/", "/customers/map/", "/customers/losing/", "/buckets/", "/personas/",
         "/products/", "/settings/", "/settings/keys/", "/settings/backups/")
CUSTOMERS = "customer_id,name,email,city\n" + "".join(f"N{i},Person {i},p{i}@x.example,Delft\n" for i in range(30))
ORDERS = "order_id,customer_id,at,status,total\n" + "".join(
    f"M{i},N{i % 30},2026-{i % 9 + 1:02}-11 10:00,paid,{20 + i}.00\n" for i in range(90))


class Counted:
    """A person's clicks and keystrokes."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys = page, 0, 0

    def click(self, role: str, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def type(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)


def test_two_exports_to_a_segment_and_its_message_in_five_minutes(open_page: Opened, server: Server,
                                                                  tmp_path: Path) -> None:
    """Stated: one choosing of files, seven clicks, and no keystroke but the segment's own name."""
    page = open_page()
    did, began = Counted(page), time.monotonic()
    ready = template("vip-10-orders", date(2026, 11, 26), "NL").name["en"]
    files = [tmp_path / "customers.csv", tmp_path / "orders.csv"]
    for path, text in zip(files, (CUSTOMERS, ORDERS), strict=True):
        path.write_text(text)
    did.click("link", "Bring in")
    page.set_input_files("#id_dropped", files)
    expect(page.get_by_text("Table of orders").first).to_be_visible(timeout=30_000)
    did.click("button", "Bring in 2 files")
    expect(page.get_by_text("brought in")).to_have_count(2, timeout=90_000)
    did.click("link", "Choose a segment")
    did.click("link", ready)
    did.click("button", "Take it on")
    page.fill("[name=name]", "")
    page.focus("[name=name]")
    did.type("Once, in Delft")
    expect(page.locator("#preview")).to_contain_text("customers", timeout=30_000)
    did.click("button", "Save")
    expect(page.get_by_role("heading", name="Once, in Delft")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Message draft")).to_have_value(re.compile("Kind regards from"), timeout=60_000)
    expect(page.get_by_label("Subject")).not_to_have_value("")
    did.click("button", "Copy the message")
    expect(page.locator("#live")).to_have_text("Copied.")
    assert (did.clicks, did.keys) == (7, len("Once, in Delft"))
    assert time.monotonic() - began < 300


@pytest.mark.parametrize("language", ["id", "ur", "ru"])
def test_a_file_comes_in_and_leads_on_to_segments_in_each_language(open_page: Opened, server: Server, tmp_path: Path,
                                                                   language: str) -> None:
    page, path = open_page(language=language), tmp_path / f"from-{language}.csv"
    path.write_text(f"customer_id,name,email,city\nL{language},Somebody,{language}@x.example,Delft\n")
    page.goto(f"{server.address}/bring-in/")
    page.set_input_files("#id_dropped", path)
    card = page.locator(".file", has_text=path.name)
    card.locator("form[action$='/take/'] button").click(timeout=60_000)
    expect(card.locator("a[href='/segments/ready/']")).to_be_visible(timeout=90_000)
    page.goto(f"{server.address}/bring-in/")
    page.locator("table.list th a", has_text=path.name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(path.name)
    expect(page.locator(".numbers")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == language


def press(page: Page, selector: str) -> None:
    """Go from control to control by the tabulator until one that is meant is reached, and follow it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


@pytest.mark.parametrize("language", ["id", "ur", "ru"])
def test_a_ready_segment_its_message_and_its_people_by_keyboard_in_each_language(open_page: Opened, server: Server,
                                                                                language: str) -> None:
    page, ready = open_page(language=language), template("vip-10-orders", date(2026, 11, 26), "NL")
    page.goto(f"{server.address}/segments/ready/")
    press(page, "[href$='/vip-10-orders/']")
    press(page, "main form[action='/segments/new/'] button")
    expect(page.locator("#id_name")).to_have_value(ready.name[language])
    page.focus("#id_note")
    press(page, "form button:not([type=button], [data-without-script])")
    expect(page.get_by_role("heading", level=1)).to_have_text(ready.name[language])
    expect(page.locator("#draft textarea")).to_have_value(re.compile("Little shop"), timeout=60_000)
    expect(page.locator("#members th a")).to_have_text("Ada Bloem", timeout=30_000)
    press(page, "#members th a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Bloem")
    assert page.evaluate("document.documentElement.lang") == language


@pytest.mark.parametrize("language, dark", [("en", False), ("ur", True)])
def test_axe_finds_nothing_serious(open_page: Opened, server: Server, language: str, dark: bool) -> None:
    page = open_page(language=language, dark=dark)
    found = {}
    for address in PAGES:
        page.goto(server.address + address)
        found[address] = problems(page)
    assert {address: each for address, each in found.items() if each} == {}


def test_nothing_is_wider_than_a_telephone(open_page: Opened, server: Server) -> None:
    page = open_page(width=320, language="ru")
    for address in PAGES:
        page.goto(server.address + address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, address


def test_without_a_script_a_file_comes_in_as_well(open_page: Opened, server: Server, tmp_path: Path) -> None:
    page = open_page(script=False)
    file = tmp_path / "more.csv"
    file.write_text("customer_id,name\nK1,Kim\n")
    page.goto(f"{server.address}/bring-in/")
    page.set_input_files("#id_dropped", file)
    page.get_by_role("button", name="Look at them").click()
    page.get_by_role("button", name="Bring it in").first.click()
    for _ in range(60):
        page.goto(f"{server.address}/bring-in/")
        if page.get_by_role("link", name="Receipt more.csv").count():
            break
        time.sleep(0.5)
    expect(page.get_by_role("link", name="Receipt more.csv")).to_be_visible()
