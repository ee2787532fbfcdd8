"""Where a city lies: checked against coordinates and capitals known from any atlas."""

from __future__ import annotations

import pytest

from regulars.model.places import find, nearest


@pytest.mark.parametrize(("name", "country", "latitude", "longitude"), [
    ("Bandung", "ID", -6.91, 107.61), ("Lahore", "PK", 31.55, 74.34), ("Amsterdam", "NL", 52.37, 4.90),
    ("São Paulo", "BR", -23.55, -46.63), ("Surabaya", "ID", -7.25, 112.75)])
def test_a_city_lies_where_the_atlas_has_it(name: str, country: str, latitude: float, longitude: float) -> None:
    place = find(name, country)
    assert place is not None
    assert (place.latitude, place.longitude) == pytest.approx((latitude, longitude), abs=0.06)
    assert place.country == country


@pytest.mark.parametrize(("name", "meant"), [
    ("München", "Munich"), ("Москва", "Moscow"), ("کراچی", "Karachi"), ("لاہور", "Lahore"), ("東京", "Tokyo"),
    ("Den Haag", "The Hague"), ("Санкт-Петербург", "Saint Petersburg"), ("Djakarta", "Jakarta"),
    ("Solo", "Surakarta")])
def test_it_knows_a_city_by_its_names_in_other_languages_and_scripts(name: str, meant: str) -> None:
    place = find(name, "ID")
    assert place is not None
    assert place.name == meant


@pytest.mark.parametrize("written", ["bandung", " BANDUNG ", "ＢＡＮＤＵＮＧ"])
def test_case_spaces_and_full_width_letters_make_no_difference(written: str) -> None:
    assert find(written, "ID") == find("Bandung", "ID")


@pytest.mark.parametrize(("one", "other"), [
    ("Zürich", "Zurich"), ("Thái Nguyên", "thai nguyen"), ("Xi'an", "Xi’an"), ("Köln", "Koeln"), ("کراچی", "كراچي")])
def test_accents_and_the_signs_of_another_keyboard_make_no_difference(one: str, other: str) -> None:
    assert find(one, "NL") == find(other, "NL") is not None


@pytest.mark.parametrize(("name", "at_home", "abroad"), [
    ("Paris", "US", "FR"), ("St. Petersburg", "US", "RU"), ("Hyderabad", "PK", "IN"), ("London", "CA", "GB")])
def test_the_city_of_the_shops_own_country_goes_first(name: str, at_home: str, abroad: str) -> None:
    found, elsewhere = find(name, at_home), find(name, "ID")
    assert found is not None
    assert elsewhere is not None
    assert (found.country, elsewhere.country) == (at_home, abroad)


def test_the_shops_country_may_be_written_in_small_letters() -> None:
    assert find("Paris", "us") == find("Paris", "US")


@pytest.mark.parametrize(("name", "country"), [("Roma", "IT"), ("Islamabad", "PK"), ("Milano", "IT")])
def test_a_former_or_foreign_name_takes_a_citys_own_only_when_ten_times_as_big(name: str, country: str) -> None:
    place = find(name, "ID")
    assert place is not None
    assert place.country == country


@pytest.mark.parametrize("name", ["", "  ", "Bandng", "no such town", "Bandung\nJakarta", "x" * 1_000_000])
def test_what_is_no_city_is_none(name: str) -> None:
    assert find(name, "ID") is None


@pytest.mark.parametrize(("misspelt", "country", "meant"), [
    ("Bandng", "ID", "Bandung"), ("Surabya", "ID", "Surabaya"), ("Мсква", "RU", "Москва"), ("کراچ", "PK", "کراچی"),
    ("Lahor", "PK", "Lahore"), ("New Yrok", "US", "New York"), ("Amsterdm", "NL", "Amsterdam"),
    ("Muenchn", "ID", "Muenchen")])
def test_it_suggests_the_city_that_was_meant(misspelt: str, country: str, meant: str) -> None:
    assert nearest(misspelt, country)[0] == meant


def test_what_it_suggests_can_be_found() -> None:
    suggested = nearest("Bandng", "ID") + nearest("New Yrok", "US") + nearest("Мсква", "RU")
    assert all(find(name, "ID") for name in suggested)


@pytest.mark.parametrize("name", ["", "qqqqq", "x" * 1_000_000, "\n"])
def test_nothing_is_suggested_for_what_looks_like_no_city(name: str) -> None:
    assert nearest(name, "ID") == ()
