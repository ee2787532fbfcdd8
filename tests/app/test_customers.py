"""Customers in the browser: found, shown, explained, noted, erased; by the little shop's own counts."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from regulars.app.customers import telling
from regulars.app.customers.models import Note
from regulars.app.doors import roles
from regulars.app.doors.models import Entry
from regulars.app.jobs import running
from regulars.model.figures import Figures
from regulars.shop import Shop
from tests.app.conftest import SignedIn

NOW = datetime(2026, 11, 22, 12)


def words(answer: HttpResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_everybody_stands_there_whoever_ordered_last_first(shop: Shop, owner: Client) -> None:
    said = words(owner.get("/customers/"))
    assert "5 customers, whoever ordered last first" in said
    assert re.search(r"Bram de Wit .* Ada Bloem .* Çiğdem Ünal .* 宮崎 花 .* Eva Smit", said)


@pytest.mark.parametrize("wanted, found", [("ÜNAL", "Çiğdem Ünal"), ("c4", "宮崎 花"), ("ada@example", "Ada Bloem"),
                                          ("B1", "Bram de Wit")])
def test_somebody_is_found_by_whatever_is_known(shop: Shop, owner: Client, wanted: str, found: str) -> None:
    said = words(owner.get("/customers/", {"q": wanted}))
    assert found in said and "1 customer found" in said


def test_who_came_in_since_the_last_search_is_found(shop: Shop, owner: Client, tmp_path: Path) -> None:
    assert "Nobody found" in words(owner.get("/customers/", {"q": "somebody"}))
    file = tmp_path / "customers.csv"
    file.write_text("customer_id,name\n NEW1,Somebody New\n")
    shop.import_file(file)
    assert "Somebody New" in words(owner.get("/customers/", {"q": "somebody"}))


def test_who_is_not_found_is_told_what_to_try(shop: Shop, owner: Client) -> None:
    assert "Nobody found" in words(owner.get("/customers/", {"q": "nobody of this name"}))


def test_a_customer_is_told_whole(shop: Shop, owner: Client) -> None:
    shop.segments.add("VIP", "count(orders) >= 10", now=NOW)
    shop.segments.refresh(NOW)
    said = words(owner.get("/customers/show/C1/"))
    assert "Spent €200.00" in said and "VIP since 22 Nov 2026 13:00 or earlier Why" in said
    assert re.search(r"10 Oct 2026 \d\d:\d\d Order online A10 €20\.00", said)
    assert "E-mail yes" in said and "SMS not asked" in said and "date of birth 1 Mar 1990" in said


def test_whoever_is_at_a_company_is_told_with_it(shop: Shop, owner: Client, tmp_path: Path) -> None:
    companies = "account_id,name,industry,employees,revenue\nA1,Grand Hotel,Hotel,80,5000000\n"
    for name, text in (("accounts.csv", companies), ("customers.csv", "customer_id,account_id\nC1,A1\n")):
        (tmp_path / name).write_text(text)
        shop.import_file(tmp_path / name)
    said = words(owner.get("/customers/show/C1/"))
    assert "name of the company Grand Hotel industry of the company Hotel" in said
    assert "number of employees of the company 80" in said and "€5,000,000" in said


def test_why_somebody_is_in_is_told_by_condition(shop: Shop, owner: Client) -> None:
    shop.segments.add("VIP", "count(orders) >= 10 and city = 'Utrecht'", now=NOW)
    said = words(owner.get("/customers/why/C1/", {"segment": "VIP"}))
    assert "true of them" in said and "The number of orders is at least 10 ✓ yes 10 10 Oct 2026" in said
    assert "not true of them" in words(owner.get("/customers/why/C3/", {"segment": "VIP"}))
    assert owner.get("/customers/why/C1/", {"segment": "VPI"}).status_code in (404, 422)


def test_who_is_not_there_is_a_page_with_the_nearest(shop: Shop, owner: Client) -> None:
    assert owner.get("/customers/show/C99/").status_code == 404


def test_a_note_is_kept_with_who_wrote_it(shop: Shop, owner: Client, as_: SignedIn) -> None:
    owner.post("/customers/note/C1/", {"text": "Likes <b>cement</b>"})
    page = as_(roles.VIEWER).get("/customers/show/C1/").content.decode()
    assert "Likes &lt;b&gt;cement&lt;/b&gt;" in page and "Owner" in page
    assert as_(roles.VIEWER).post("/customers/note/C1/", {"text": "x"}).status_code == 403


def test_erasing_asks_for_the_name_and_leaves_nothing(shop: Shop, owner: Client, as_: SignedIn) -> None:
    owner.post("/customers/note/C1/", {"text": "Likes cement"})
    assert as_(roles.HELPER).post("/customers/erase/C1/", {"name": "Ada Bloem"}).status_code == 403
    assert owner.post("/customers/erase/C1/", {"name": "Ada"}).status_code == 409
    assert owner.post("/customers/erase/C1/", {"name": "Ada Bloem"}).status_code == 302
    assert not shop.engine.rows("SELECT 1 FROM customers WHERE name = 'Ada Bloem'") and not Note.objects.exists()
    assert "Ada" not in str(list(Entry.objects.filter(what="customer.erased").values_list("about", "detail")))


@pytest.mark.parametrize("customer_id", ["C4", "C5"])
def test_of_whom_little_is_known_there_is_a_page_too(shop: Shop, owner: Client, customer_id: str) -> None:
    assert owner.get(f"/customers/show/{customer_id}/").status_code == 200


def test_too_few_are_like_nobody(shop: Shop, owner: Client) -> None:
    assert "Looking for those" in words(owner.get("/customers/alike/C1/"))
    running.drive()
    assert "Who is alike needs at least 30 customers, and there are 5." in words(owner.get("/customers/alike/C1/"))
    assert owner.get("/customers/alike/C9/").status_code == 404


def test_what_happened_is_drawn_with_a_dot_each(shop: Shop, owner: Client) -> None:
    page = owner.get("/customers/show/C1/").content.decode()
    picture = page[page.index('<svg class="plot dots"'):page.index("</svg>", page.index('<svg class="plot dots"'))]
    assert picture.count("<circle") == 10 and "What happened from 10 Jan 2026" in picture
    assert "plot dots" not in owner.get("/customers/show/C5/").content.decode()


def test_places_that_are_picked_are_counted_and_become_a_segment(shop: Shop, owner: Client) -> None:
    page = owner.get("/customers/map/?place=Utrecht&place=Nowhere").content.decode()
    assert 'value="Utrecht" checked' in page and "The place of 1 customer is not known." in words(
        owner.get("/customers/map/"))
    assert page.count('class="spot"') == 2  # Utrecht and Amsterdam, by the gazetteer
    assert "2 customers , 40.0% of all City is “Utrecht”." in words(owner.get("/customers/map/picked/?place=Utrecht"))
    both = owner.get("/customers/map/region/?place=Utrecht&place=Amsterdam").headers["location"]
    assert parse_qs(urlsplit(both).query) == {"rule": ["city in ('Amsterdam', 'Utrecht')"]}
    assert owner.get("/customers/map/region/").headers["location"] == "/customers/map/"


def test_a_place_in_another_country_stands_in_the_list_alone(shop: Shop, owner: Client) -> None:
    shop.engine.execute("UPDATE customers SET city = 'Bandung', country = 'ID' WHERE customer_id = 'C5'")
    page = owner.get("/customers/map/").content.decode()
    assert page.count('class="spot"') == 2 and 'value="Bandung"' in page


def test_without_places_the_map_says_what_to_bring_in(shop: Shop, owner: Client) -> None:
    shop.engine.execute("UPDATE customers SET city = NULL")
    assert "Bring in customers with their city" in words(owner.get("/customers/map/"))


def test_who_costs_more_than_they_bring_is_listed_or_it_is_said_why_not(shop: Shop, owner: Client) -> None:
    """Of every order a fifth is left, but that Bram's goods cost ten more than he paid."""
    assert "Adding up what each customer brings" in words(owner.get("/customers/losing/"))
    running.drive()
    assert "What your goods cost is not known" in words(owner.get("/customers/losing/"))
    with shop.engine.changing_facts():
        shop.engine.execute("""INSERT INTO lines (order_id, line, customer_id, "at", product_name, quantity, amount,
            margin, counted) SELECT order_id, 1, customer_id, "at", 'lamp', 1, total,
            CASE WHEN customer_id = 'C2' THEN -10 ELSE total / 5 END, true FROM orders WHERE counted""")
        shop.engine.execute("UPDATE orders SET items = 1")
        shop.engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    owner.get("/customers/losing/")
    running.drive()
    said = words(owner.get("/customers/losing/"))
    assert "1 customer who bought costs more than they bring, €10 in all" in said
    assert re.search(r"Bram de Wit 1 -€10\.00 €0\.00", said) and "Ada" not in said


def test_a_day_that_has_passed_was_due(shop: Shop) -> None:
    figures, vocabulary = Figures(shop.settings, "en"), shop.segments.evaluator.vocabulary()
    for day, said in ((date(2026, 11, 20), "was due 20 Nov 2026"), (date(2026, 11, 22), "22 Nov 2026")):
        assert telling.scored({"next_order.due": day}, figures, vocabulary, NOW.date())[0][1] == said
