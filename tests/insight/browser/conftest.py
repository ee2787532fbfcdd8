"""The report as a person opens it: a file before a real browser that may ask nobody for anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from regulars.cli.entry import run
from regulars.insight.page import read, written
from regulars.insight.page.parts import Reading, Spoken
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.shop import Shop
from tests.app.browser.conftest import CHROMIUM, QUIET, Seen, _complained
from tests.insight.conftest import NOW


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if CHROMIUM is None and "insight/browser" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason="no Chromium here: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="module")
def reports(small_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Of 300 customers, by language: English as `regulars report` writes it, the others of one looking."""
    folder = tmp_path_factory.mktemp("reports")
    made = {language: folder / f"{language}.html" for language in LANGUAGES}
    assert run(["report", str(small_shop_made), "-o", str(made["en"]), "--as-of", "2026-11-22T15:30"]) == 0
    with Shop.open(small_shop_made) as shop:
        first = Reading(Spoken(shop, "id"), NOW.replace(tzinfo=None), Figures(shop.settings, "id"))
        for language in (each for each in LANGUAGES if each != "en"):
            reading = replace(first, shop=Spoken(shop, language), figures=Figures(shop.settings, language))
            made[language].write_text(written(reading, read(reading)), encoding="utf-8")
    return made


Opened = Callable[..., Page]


@pytest.fixture
def open_report(reports: dict[str, Path], browser: Browser) -> Iterator[Opened]:
    """The report in a browser of some width, language and colours; at the end nothing was complained of or asked for
    but the file itself."""
    contexts, seen = [], Seen([], [])

    def asked(request: Request) -> None:
        if not request.url.startswith((reports["en"].parent.as_uri(), "data:", "about:")):
            seen.elsewhere.append(request.url)

    def opened(language: str = "en", width: int = 1280, dark: bool = False, script: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script,
                                      color_scheme="dark" if dark else "light", offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: _complained(seen, said))
        page.on("request", asked)
        page.goto(reports[language].as_uri())
        return page
    yield opened
    for context in contexts:
        context.close()
    assert seen == Seen([], [])
