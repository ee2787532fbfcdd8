"""Every text of every page is said in Indonesian, Urdu and Russian."""

from __future__ import annotations

import pytest
from django.utils import translation

from regulars.app.discovery import folders, home
from tests.app.words import LANGUAGES, faults, left_over


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("folder", folders())
def test_nothing_is_untranslated_doubtful_or_empty(folder: str, language: str) -> None:
    assert list(faults(home(folder), language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_over(language: str) -> None:
    assert left_over(language) == []


@pytest.mark.parametrize("language, segments, places", [
    ("id", "Segmen", "di 5 tempat"), ("ur", "سیگمنٹس", "5 جگہوں پر"), ("ru", "Сегменты", "в 5 местах"),
    ("en", "Segments", "at 5 places")])
def test_the_pages_are_given_them_compiled(language: str, segments: str, places: str) -> None:
    with translation.override(language):
        assert translation.gettext("Segments") == segments
        assert translation.ngettext("at %(count)s place", "at %(count)s places", 5) % {"count": 5} == places


def test_russian_counts_in_three_ways() -> None:
    with translation.override("ru"):
        said = [translation.ngettext("%(orders)s order", "%(orders)s orders", n) % {"orders": n} for n in (1, 2, 5, 21)]
    assert said == ["1 заказ", "2 заказа", "5 заказов", "21 заказ"]
