"""A shop stands in a country there is."""

from __future__ import annotations

import pytest

from regulars.errors import Refused
from regulars.model.settings import Settings, checked


@pytest.mark.parametrize("code", ["NL", "ID", "id", "PK", "RU", "GB", "XK"])
def test_a_country_there_is_is_taken(code: str) -> None:
    assert checked(Settings(country=code)).country == code


@pytest.mark.parametrize(("code", "meant"), [
    ("ZZ", "ZA (South Africa)"), ("UK", "GB (United Kingdom)"), ("IDN", "ID (Indonesia)"),
    ("Netherland", "NL (The Netherlands)"), ("pakistan", "PK (Pakistan)"), ("", "ID (Indonesia)"),
    ("1", "ID (Indonesia)"),
])
def test_a_country_there_is_not_is_refused_with_the_nearest(code: str, meant: str) -> None:
    with pytest.raises(Refused) as told:
        checked(Settings(country=code))
    assert meant in str(told.value.hint)
