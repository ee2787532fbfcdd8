"""What is made of a list: calls, labels, postcodes, a table, areas."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from regulars.errors import Refused
from regulars.outreach.channels import channel, names
from regulars.outreach.channels.lists import ListChannel, cell
from regulars.outreach.channels.local import areas
from regulars.outreach.channels.phone import calls_page, calls_table
from regulars.outreach.channels.post import labels_file, postcodes
from regulars.outreach.channels.post.addresses import lines
from regulars.outreach.channels.post.labels import labels
from regulars.outreach.channels.table import people
from tests.outreach.channels.parcels import asked, parcel

HOSTILE = '=HYPERLINK("http://evil")'


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))


def test_every_list_can_be_had_of_nobody_of_one_and_in_every_language() -> None:
    lists = [c for c in map(channel, names()) if isinstance(c, ListChannel)]
    assert {c.name for c in lists} == {"phone", "post", "table", "meta", "google", "local"}
    for each in lists:
        for form in each.forms:
            for language in ("en", "ur"):
                assert form.make([], asked(language)).rows == 0
            assert form.make([parcel(email="a@b.nl")], asked()).data


def test_calls_have_a_number_to_dial_the_script_and_room_for_what_came_of_it() -> None:
    made = calls_table([parcel(7, "06 12345678", text="Ask for tea.", city="Utrecht")], asked())
    assert rows(made.data) == [{"delivery": "7", "customer_id": "C7", "name": "Ada Bloem", "phone": "+31612345678",
                                "city": "Utrecht", "language": "en", "script": "Ask for tea.", "outcome": "",
                                "called_on": ""}]
    page = calls_page([parcel(7, "06 12345678", name="<b>Eve</b>", text="<script>")], asked("ur")).data.decode()
    assert 'dir="rtl"' in page and "&lt;b&gt;Eve" in page and "&lt;script&gt;" in page and "نہیں" in page


def test_no_cell_is_run_as_a_formula_and_a_number_stays_one() -> None:
    told = rows(people([parcel(1, text=HOSTILE, phone="+31 6", city="@SUM(A1)")], asked()).data)[0]
    assert told["text"] == "'" + HOSTILE and told["city"] == "'@SUM(A1)" and told["phone"] == "+31 6"
    assert cell("-1+cmd|' /C calc'!A0").startswith("'")


def test_an_address_is_written_as_its_country_reads_it() -> None:
    home = {"street": "Oudegracht 12", "city": "Utrecht", "postcode": "3511 AB"}
    assert lines("Ada", home, "NL") == ["Ada", "Oudegracht 12", "3511 AB Utrecht"]
    abroad = {"street": "10 Mall Road", "city": "Lahore", "region": "Punjab", "postcode": "54000", "country": "pk"}
    assert lines("Ali", abroad, "NL") == ["Ali", "10 Mall Road", "Lahore Punjab 54000", "PAKISTAN"]


def test_labels_fill_sheets_in_any_script_and_none_is_lost() -> None:
    people = [parcel(i, name=f"Ю{i}", street="گلی 4", city="Utrecht", postcode="3511 AB") for i in range(22)]
    pages = PdfReader(BytesIO(labels_file(people, asked()).data)).pages
    assert len(pages) == 2 and [round(float(v)) for v in pages[1].mediabox] == [0, 0, 595, 842]
    assert len(PdfReader(BytesIO(labels([["A"]] * 22, "2x8"))).pages) == 2
    with pytest.raises(Refused, match="no sheet"):
        labels([["A"]], "none")


def test_an_address_that_no_typeface_can_write_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="letters of this address: A\U0010fffdb"):
        labels([["Jan"], ["A\U0010fffdb"]])


def test_postcodes_are_counted_and_who_has_none_is_passed_over() -> None:
    made = postcodes([parcel(1, postcode="3511 ab", city="Utrecht"), parcel(2, postcode="3511 AB", city="Utrecht"),
                      parcel(3, postcode="1011 AA"), parcel(4)], asked())
    assert [(r["postcode"], r["people"]) for r in rows(made.data)] == [("3511 AB", "2"), ("1011 AA", "1")]
    assert (made.rows, made.passed_over) == (3, 1)


def test_areas_are_counts_in_which_nobody_can_be_found_and_some_are_left_free_by_chance() -> None:
    crowd = [parcel(i, city=f"City {i % 20}", country="nl") for i in range(200)]
    few = [parcel(300 + i, city="Hamlet", country="NL") for i in range(4)]
    told = rows(areas(crowd + few, asked(seed="s", share=0.25)).data)
    assert sorted(told[0]) == ["advertise", "city", "country", "people", "postcode"]
    assert len(told) == 20 and {r["people"] for r in told} == {"10"} and "Hamlet" not in {r["city"] for r in told}
    assert [r["advertise"] for r in told].count("no") in range(1, 10)
    assert rows(areas(crowd + few * 2, asked(seed="s")).data)[-1]["people"] == "8"
