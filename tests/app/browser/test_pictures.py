"""Pictures that are touched: a region of the grid by mouse, by finger and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.shop.demo import make_demo_shop
from tests.app.browser.conftest import Opened, Server, serve, sign_in
from tests.app.browser.test_looks import problems


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A shop of 60 customers whose scores are kept."""
    folder: Path = tmp_path_factory.mktemp("pictures") / "shop"
    with make_demo_shop(folder, now=datetime(2026, 11, 22, 14), customers=60, seed=2) as shop:
        shop.keep(shop.insight("rfm", "2026-11-22T14:00"))
    running = serve(folder)
    yield running
    running.stop()


def middle(page: Page, cell: str) -> tuple[float, float]:
    box = page.locator(f"label:has([value='{cell}'])").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def picked(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("[name=cell]:checked", "all => all.map(each => each.value).sort()")
    return found


def test_a_region_drawn_by_mouse_becomes_a_segment(open_page: Opened, server: Server) -> None:
    page = open_page()
    page.goto(f"{server.address}/buckets/")
    page.mouse.move(*middle(page, "5.4"))
    page.mouse.down()
    page.mouse.move(*middle(page, "4.4"), steps=3)
    page.mouse.move(*middle(page, "4.5"), steps=3)
    page.mouse.up()
    assert picked(page) == ["4.4", "4.5", "5.4", "5.5"]
    expect(page.locator("#picked")).to_contain_text("RFM recency score is at least 4")
    page.get_by_role("button", name="Make it a segment").first.click()
    expect(page.locator("#id_rule")).to_have_value("rfm.recency >= 4 and rfm.frequency >= 4")
    page.go_back()
    page.locator("label:has([value='1.1'])").click()
    assert "1.1" in picked(page)


def test_a_region_by_keyboard(open_page: Opened, server: Server) -> None:
    page = open_page()
    page.goto(f"{server.address}/buckets/")
    page.focus("[value='5.1']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert picked(page) == ["3.2", "4.1", "4.2"]
    page.keyboard.press("Space")
    assert picked(page) == ["4.1", "4.2"]
    expect(page.locator("#picked")).to_contain_text("of those who have bought")


def test_a_region_of_the_map_becomes_a_segment(open_page: Opened, server: Server) -> None:
    """Drawn over the whole map everybody on it is in; a click takes one place out again."""
    page = open_page()
    page.goto(f"{server.address}/customers/map/")
    box = page.locator("svg.map").bounding_box()
    assert box is not None
    spots = page.locator("circle.spot").count()
    page.mouse.move(box["x"] + 1, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40, steps=2)
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=3)
    page.mouse.up()
    assert page.locator("[name=place]:checked").count() == spots > 5
    expect(page.locator("#picked")).to_contain_text("of all")
    page.locator("circle.spot").last.click()
    assert page.locator("[name=place]:checked").count() == spots - 1
    page.get_by_role("button", name="Make it a segment").click()
    expect(page.locator("#id_rule")).to_have_value(re.compile(r"^city in \('"))


def test_a_region_by_finger(browser: Browser, server: Server) -> None:
    """A tap picks a field, another gives it up."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True, locale="en")
    page = context.new_page()
    sign_in(page, server)
    page.goto(f"{server.address}/buckets/")
    page.locator("label:has([value='5.5'])").tap()
    page.locator("label:has([value='4.5'])").tap()
    assert picked(page) == ["4.5", "5.5"]
    page.locator("label:has([value='5.5'])").tap()
    assert picked(page) == ["4.5"]
    expect(page.locator("#picked")).to_contain_text("of those who have bought")
    context.close()


def test_without_a_script_it_is_a_form(open_page: Opened, server: Server) -> None:
    page = open_page(script=False)
    page.goto(f"{server.address}/buckets/")
    page.check("[value='5.5']")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("#picked")).to_contain_text("of those who have bought")
    assert picked(page) == ["5.5"]


def test_axe_finds_nothing_serious(open_page: Opened, server: Server) -> None:
    page = open_page(language="ur", dark=True)
    for address in ("/buckets/?cell=5.5&cell=1.2", "/customers/map/"):
        page.goto(server.address + address)
        assert problems(page) == [], address
