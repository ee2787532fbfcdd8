"""Hashed audience files, held to what Meta and Google publish of how a value is written before it is hashed."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from regulars.outreach.channels import google, meta
from regulars.outreach.channels.meta import hashed
from tests.outreach.channels.parcels import asked, parcel

META_VECTORS = (
    # https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/customer-information-parameters
    (meta.email(" John_Smith@gmail.com "), "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
    (meta.phone("(650)555-1212", {"country": "US"}, "NL"),
     "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
    (meta.name("Mary"), "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
    (meta.name("정"), "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
    (meta.name("Valéry"), "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
    (meta.country_code("US"), "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"),
)


@pytest.mark.parametrize(("value", "published"), META_VECTORS)
def test_metas_published_hashes_come_out(value: str, published: str) -> None:
    assert hashed(value) == published


@pytest.mark.parametrize(("made", "published"), [
    (meta.place("Paris"), "paris"), (meta.place("New York"), "newyork"), (meta.state("AZ", "us"), "az"),
    (meta.state("Nordrhein-Westfalen", "de"), "nordrheinwestfalen"), (meta.state("Arizona", "us"), ""),
    (meta.postcode("94035-1234", "us"), "94035"), (meta.postcode("M1 1AE", "gb"), "m11ae"),
    (meta.postcode("75018", "fr"), "75018"), (meta.country_code("Netherlands"), "")])
def test_places_are_written_as_meta_shows_them(made: str, published: str) -> None:
    assert made == published


@pytest.mark.parametrize(("made", "published"), [
    # https://developers.google.com/data-manager/api/devguides/concepts/formatting
    (google.email("cloudy.sanfrancisco+shopping@gmail.com"), "cloudysanfrancisco@gmail.com"),
    (google.email("user.name+NYC@Example.com"), "user.name+nyc@example.com"),
    (google.email(" A b.c@GoogleMail.com "), "abc@googlemail.com"),
    (google.phone("(800)555-0100", {"country": "US"}, "NL"), "+18005550100"),
    (google.first_name(" Mrs. Ana  María "), "ana maría"), (google.last_name("Davis, Jr."), "davis"),
    (google.postcode("94303-5300", "US"), "94303-5300"), (google.postcode("WC2H 8LG", "GB"), "WC2H 8LG"),
    (google.postcode("943", "US"), "")])
def test_values_are_written_as_google_shows_them(made: str, published: str) -> None:
    assert made == published


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("ascii"))))


PEOPLE = [parcel(1, email="Ada@Example.com", first_name="Ada", last_name="Bloem", postcode="3511 AB"),
          parcel(2, phone="06 12345678"), parcel(3, city="Utrecht", first_name="Bram"), parcel(4)]


def test_a_file_for_meta_tells_nobody_who_is_known_by_a_place_alone_and_nothing_in_the_clear() -> None:
    made = meta.upload(PEOPLE, asked())
    told = rows(made.data)
    assert (made.rows, made.passed_over) == (2, 2) and list(told[0]) == list(meta.COLUMNS)
    assert told[0]["email"] == hashed("ada@example.com") and told[1]["phone"] == hashed("31612345678")
    assert told[0]["country"] == hashed("nl") and told[1]["email"] == ""


def test_a_file_for_google_has_country_and_postcode_in_the_clear_and_only_with_a_name() -> None:
    made = google.upload(PEOPLE, asked())
    told = rows(made.data)
    assert (made.rows, made.passed_over) == (2, 2) and list(told[0]) == list(google.COLUMNS)
    assert told[0] == {"Email": hashed("ada@example.com"), "Phone": "", "First Name": hashed("ada"),
                       "Last Name": hashed("bloem"), "Country": "NL", "Zip": "3511 AB"}
    assert told[1] == dict.fromkeys(google.COLUMNS, "") | {"Phone": hashed("+31612345678")}
