"""Every page in Urdu with nothing left in English, from right to left, on a telephone; figures in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.app.browser.conftest import Opened, Server
from tests.app.test_walk import DOORS

PAGES = sorted({door.address for door in DOORS if not door.named})
"""Every address without a name in it; those that are no page for somebody who is signed in are passed over."""
NAMED = ("/segments/new/?rule=any(orders)", "/segments/new/?rule=age+%3E+gendr", "/segments/ready/vip-10-orders/",
         "/customers/show/C1/", "/customers/?q=ada")
SAID = """() => {
    const skipped = 'script, style, noscript, template, bdi, code, pre, textarea, time, option, svg, '
        + '[dir=auto], [dir=ltr], [aria-hidden=true]';
    const said = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        if (node.textContent.trim() && !node.parentElement.closest(skipped)) said.push(node.textContent.trim());
    for (const element of document.querySelectorAll('[aria-label], [placeholder], [alt]'))
        for (const name of ['aria-label', 'placeholder', 'alt'])
            if (element.getAttribute(name)) said.push(element.getAttribute(name));
    return [...said, document.title];
}"""
OWN = re.compile("\u2068[^\u2069]*\u2069|”[^“]*“|[(][a-z_]+[)]|[a-z]+://[^ ]+")
"""Data, kept apart, in quotes or as a column is called."""
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]{2,}")
NAMES = frozenset(re.findall(r"\S+", """
    Regulars Little shop Demo owner demo example Ada Bloem Bandung CSV vCard JSON lines Excel Parquet zip HTTP https
    API SMS RFM PostgreSQL MySQL MariaDB SQLite Shopify WooCommerce Stripe Segment RudderStack GeoNames English Bahasa
    Indonesia Shift EUR Chrome Linux openapi json api start-up growing stage Google Customer Match Meta Facebook
    Instagram"""))
"""Names, and what is typed as it stands."""


def english(page: Page) -> Iterator[str]:
    """Words of three Latin letters or more in what the page itself says."""
    for text in page.evaluate(SAID):
        yield from (f"{word!r} in {text[:80]!r}" for word in LATIN.findall(OWN.sub("", text)) if word not in NAMES)


def test_the_pages_are_all_there() -> None:
    assert len(PAGES) > 25 and {"/today/", "/segments/", "/settings/", "/people/", "/account/2fa/"} <= {*PAGES}


def test_a_page_in_urdu_says_nothing_in_english_and_runs_from_right_to_left(open_page: Opened, server: Server) -> None:
    page, found = open_page(width=360, language="ur"), set()
    for address in (*PAGES, *NAMED):
        answer = page.request.get(server.address + address)
        if not answer.ok or "<html" not in answer.text() or "logout" in address:
            continue
        page.goto(server.address + address)
        assert page.evaluate("document.documentElement.dir") == "rtl", address
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
        found |= {f"{address}: {words}" for words in english(page)}
    assert "\n".join(sorted(found)) == ""


@pytest.mark.parametrize("language, spent, day", [
    ("en", "€200.00", "10 Oct 2026"), ("id", "€200,00", "10 Okt 2026"), ("ru", "200,00 €", "10 окт. 2026"),
    ("ur", "€200.00", "10 اکتوبر 2026")])
def test_money_and_dates_are_written_as_each_language_does(open_page: Opened, server: Server, language: str, spent: str,
                                                           day: str) -> None:
    page = open_page(language=language)
    page.goto(f"{server.address}/customers/?q=ada")
    row = page.locator("tbody tr").first.inner_text().replace("\xa0", " ")
    assert spent in row and day in row


def test_eastern_arabic_digits_are_a_choice(open_page: Opened, server: Server) -> None:
    page = open_page(language="ur")
    page.goto(f"{server.address}/account/")
    page.check("[name=eastern_digits]")
    page.locator("main form button").first.click()
    page.goto(f"{server.address}/customers/?q=ada")
    row = page.locator("tbody tr").first.inner_text()
    page.goto(f"{server.address}/account/")
    page.uncheck("[name=eastern_digits]")
    page.locator("main form button").first.click()
    assert "۲۰۰" in row and "۲۰۲۶" in row and not re.search("[0-9]", row.replace("C1", ""))
