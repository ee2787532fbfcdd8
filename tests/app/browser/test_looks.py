"""How the pages look and weigh: on a telephone, in four languages, for screen readers, without another host."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.app.browser.conftest import Opened, Server

PAGES = ("/segments/", "/segments/new/?rule=city+%3D+%27Utrecht%27+and+gendr", "/segments/new/?rule=any(orders)",
         "/segments/ready/", "/segments/ready/vip-10-orders/", "/segments/overlaps/", "/segments/none/", "/people/",
         "/log/", "/account/", "/account/2fa/")
SERIOUS = ("serious", "critical")
HEAVIEST = 300_000


def problems(page: Page) -> list[str]:
    """What axe finds serious or worse, with where."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in SERIOUS]


@pytest.mark.parametrize("language, dark", [("en", False), ("ur", True)])
def test_axe_finds_nothing_serious(open_page: Opened, server: Server, language: str, dark: bool) -> None:
    page = open_page(language=language, dark=dark)
    found = {}
    for address in PAGES:
        page.goto(server.address + address, wait_until="networkidle" if "new" in address else "load")
        found[address] = problems(page)
    assert {address: each for address, each in found.items() if each} == {}


@pytest.mark.parametrize("language", ["ur", "ru"])
def test_nothing_is_wider_than_a_telephone(open_page: Opened, server: Server, language: str) -> None:
    page = open_page(width=320, language=language)
    for address in PAGES:
        page.goto(server.address + address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, address
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ur" else "ltr")


@pytest.mark.parametrize("address", PAGES[:2])
def test_pages_are_light(open_page: Opened, server: Server, address: str) -> None:
    page, answers = open_page(), []
    page.goto("about:blank")
    page.on("response", lambda answer: answers.append(answer))
    page.goto(server.address + address, wait_until="networkidle")
    assert sum(len(answer.body()) for answer in answers if answer.ok) < HEAVIEST
