"""How the report looks: alone and offline, on a telephone, on paper, by day and by night, in four languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from regulars.insight.page import SECTIONS
from regulars.model.settings import LANGUAGES
from tests.app.browser.test_looks import problems
from tests.insight.browser.conftest import Opened

WIDTHS = (360, 1280)
OUTSIDE = """() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.wide') && !e.closest('svg') &&
    e.checkVisibility() && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
    ).map(e => e.outerHTML.slice(0, 80))"""
"""What sticks out of the page to a side, tables that scroll by themselves aside."""
LAPPING = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim()).map(
        t => [t.textContent, t.getBoundingClientRect()])
    const over = (p, q) => p.left + 1 < q.right && q.left + 1 < p.right &&
        Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > Math.min(p.height, q.height) / 2
    return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) => over(p, q)).map(
        ([b]) => `${svg.getAttribute('aria-label')}: ${a} | ${b}`))
})"""
"""Words of a picture that lie over each other by half their height: the boxes of Nastaliq are taller than its lines."""


def background(page: Page) -> list[int]:
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return [int(n) for n in re.findall(r"\d+", colour)[:3]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fits_a_telephone_and_a_screen(open_report: Opened, language: str) -> None:
    for width in WIDTHS:
        page = open_report(language, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
            language, "rtl" if language == "ur" else "ltr"]
        assert page.locator("section").count() == len(SECTIONS)
        page.add_style_tag(content="* { letter-spacing: .05em }")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "with a font a little wider"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_of_a_picture_lie_over_each_other(open_report: Opened, language: str) -> None:
    assert open_report(language).evaluate(LAPPING) == []


@pytest.mark.parametrize(("language", "dark", "width"), [("en", False, 1280), ("en", True, 360), ("id", True, 1280),
                                                        ("ru", False, 360), ("ur", True, 1280), ("ur", False, 360)])
def test_axe_finds_nothing_serious(open_report: Opened, language: str, dark: bool, width: int) -> None:
    page = open_report(language, width, dark)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert problems(page) == []


def test_it_is_light_by_day_and_dark_by_night(open_report: Opened) -> None:
    assert min(background(open_report())) > 240
    assert max(background(open_report(dark=True))) < 60


def test_on_paper_it_is_light_whole_and_without_what_only_a_screen_can_do(open_report: Opened) -> None:
    page = open_report(dark=True)
    page.emulate_media(media="print")
    assert background(page) == [255, 255, 255]
    assert not page.locator("nav").is_visible()
    assert page.locator("summary:visible").count() == 0
    for key in page.locator("section").evaluate_all("all => all.map(each => each.id)"):
        assert page.locator(f"#{key} h2").is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and 4 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 30


def test_nothing_in_it_needs_a_script(open_report: Opened) -> None:
    page = open_report(script=False)
    page.locator("#numbers figure summary").first.click()
    assert page.locator("#numbers figure table").first.is_visible()
    page.locator("nav a[href='#together']").click()
    assert page.url.endswith("#together")


def test_it_can_be_read_by_keyboard(open_report: Opened) -> None:
    page = open_report()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') !== null")
    page.locator("#numbers summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#numbers details").first.evaluate("each => each.open")
