"""Writing a campaign in the browser: the preview follows what is typed, as a customer gets it, at either width."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from regulars.outreach.campaign import Campaign, Variant
from regulars.shop import Shop
from tests.app.browser.conftest import Opened, Server, serve
from tests.app.browser.test_looks import problems

LINK = "https://little.example/new"
BLOCKS = [{"kind": "text", "text": "Hello"}, {"kind": "columns", "columns": [[{"kind": "text", "text": "Left"}], [
    {"kind": "text", "text": "Right"}]]}, {"kind": "button", "text": "Look", "link": LINK}]


@pytest.fixture(scope="module")
def server(little_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The little shop with a campaign to everybody."""
    folder = Path(shutil.copytree(little_shop_made, tmp_path_factory.mktemp("campaigns") / "shop"))
    now = datetime.now(UTC).replace(tzinfo=None)
    with Shop.open(folder) as shop:
        shop.segments.add("Everybody", "everyone", now=now)
        shop.segments.refresh(now)
        content = {"language": "en", "subject": "Spring", "blocks": BLOCKS}
        shop.campaigns.add(Campaign("Spring", ("Everybody",), variants=(
            Variant("Everybody", "Everybody", content=content),)), now=now)
    running = serve(folder)
    yield running
    running.stop()


@pytest.fixture
def editor(open_page: Opened, server: Server) -> Page:
    page = open_page()
    page.goto(f"{server.address}/campaigns/write/0/Spring/", wait_until="networkidle")
    return page


def test_the_preview_follows_what_is_typed(editor: Page) -> None:
    seen = editor.frame_locator(".preview-frame")
    expect(seen.get_by_text("Hello")).to_be_visible()
    words = editor.locator("textarea[name='b.0.text']")
    words.fill("You are ")
    editor.select_option("[data-inserts]", label="whole name")
    assert words.input_value() == 'You are {{ customer.name | default: "customer" }}'
    expect(seen.get_by_text("You are Ada Bloem")).to_be_visible()
    editor.select_option("[data-customer]", label="Bram de Wit")
    expect(seen.get_by_text("You are Bram de Wit")).to_be_visible()
    editor.click("[data-width=text]")
    expect(seen.locator("pre")).to_contain_text(f"You are Bram de Wit\n\nLeft\n\nRight\n\nLook: {LINK}")
    editor.click("[data-width=phone]")
    left, right = (seen.get_by_text(side, exact=True).bounding_box() for side in ("Left", "Right"))
    assert left and right and right["y"] > left["y"]
    editor.go_back()
    assert "/campaigns/write/" not in editor.url


def test_buttons_keep_what_was_typed_and_work_without_a_script(editor: Page, open_page: Opened, server: Server) -> None:
    editor.fill("[name=subject]", "Kept")
    editor.click("button[value='add.heading']")
    expect(editor.locator("[name='b.3.text']")).to_be_visible()
    editor.click("button[value='up.3']")
    expect(editor.locator("[name='b.2.kind']")).to_have_value("heading")
    plain = open_page(script=False)
    plain.goto(f"{server.address}/campaigns/write/0/Spring/")
    assert plain.input_value("[name=subject]") == "Kept"
    plain.click("button[value='remove.2']")
    expect(plain.locator("[name='b.2.kind']")).to_have_value("button")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ur", 320)])
def test_the_pages_suit_everybody(open_page: Opened, server: Server, language: str, width: int) -> None:
    page = open_page(width=width, language=language)
    for address in ("/campaigns/", "/campaigns/new/", "/campaigns/show/Spring/", "/campaigns/write/0/Spring/"):
        page.goto(server.address + address, wait_until="networkidle")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, address
        assert problems(page) == [], address
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ur" else "ltr")
