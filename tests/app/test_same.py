"""Who may be the same person, in the pages and over the API: suggested, decided, joined, taken apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from regulars.app.api import keys
from regulars.app.doors import roles
from regulars.app.doors.models import Entry
from regulars.app.jobs import running
from regulars.shop import Shop
from tests.app.conftest import SignedIn
from tests.app.test_customers import words

PEOPLE = """customer_id,name,email,phone,postcode
M1,Jo Ree,jo.ree@gmail.com,,
M2,Jo Ree,joree+x@gmail.com,,
A1,Kim Poe,,,3511 AB
A2,Kim Poe,,,3511ab
P1,Tom Ek,,06 1234 5987,
P2,Ann Ek,,+31 6 1234 5987,
"""


@pytest.fixture
def twice(shop: Shop, tmp_path: Path) -> Shop:
    """Two pairs, and two people of one household who came in as one."""
    (tmp_path / "more.csv").write_text(PEOPLE)
    shop.import_file(tmp_path / "more.csv")
    return shop


def test_pairs_stand_side_by_side_and_what_is_said_of_them_is_done(twice: Shop, owner: Client) -> None:
    assert "Looking for customers who may be the same person" in words(owner.get("/customers/same/"))
    running.drive()
    said = words(owner.get("/customers/same/"))
    assert "2 pairs may be one person of 10 customers" in said
    assert "The same mailbox, written in another way 1 0 0 Join the 1 that is almost certain" in said
    assert "The same name: speaks strongly for it" in said and "more.csv" in said
    assert "Ann Ek" in said and "phone number +31612345987 names differ" in said
    owner.post("/customers/same/decide/", {"one": "A1", "other": "A2", "what": "join", "keep": "A2", "kind": ""})
    assert twice.customers.id_of("A1", now=twice.moment()) == "A2"
    merge = next(m.merge_id for m in twice.customers.same.joined() if m.absorbed == "A1")
    assert "Take apart" in words(owner.get("/customers/show/A2/"))
    owner.post("/customers/same/joined/", {"merge": merge, "after": "A2"})
    assert words(owner.get("/customers/same/", {"customer": "A1"})).count("Kim Poe") == 0
    assert {e.what for e in Entry.objects.all()} >= {"customers.joined", "customers.taken_apart"}


def test_a_certain_kind_is_joined_at_once_and_from_then_on(twice: Shop, as_: SignedIn, tmp_path: Path) -> None:
    helper, owner = as_(roles.HELPER), as_(roles.OWNER)
    twice.customers.same.look(twice.moment())
    assert as_(roles.VIEWER).post("/customers/same/join-all/", {"of": "mailbox"}).status_code == 403
    assert helper.post("/customers/same/rule/", {"of": "mailbox", "on": "1"}).status_code == 403
    assert owner.post("/customers/same/join-all/", {"of": "address-and-name"}).status_code == 404
    helper.post("/customers/same/join-all/", {"of": "mailbox"})
    assert "Joining them" in words(helper.get("/customers/same/"))
    running.drive()
    assert twice.customers.id_of("M2", now=twice.moment()) == "M1"
    owner.post("/customers/same/rule/", {"of": "mailbox", "on": "1"})
    (tmp_path / "late.csv").write_text("customer_id,name,email\nM3,Jo Ree,jo.r.ee@gmail.com\n")
    twice.import_file(tmp_path / "late.csv")
    running.drive()
    assert twice.customers.id_of("M3", now=twice.moment()) == "M1"
    assert "No more by itself" in words(owner.get("/customers/same/"))


def test_a_merge_of_two_names_is_asked_about_until_it_is_settled(twice: Shop, owner: Client) -> None:
    twice.customers.same.look(twice.moment())
    doubted, = twice.customers.same.joined(doubted=True)
    assert "Joined, but are they one person? " in words(owner.get("/customers/same/"))
    owner.post("/customers/same/joined/", {"merge": doubted.merge_id, "one": "1"})
    assert "are they one person?" not in words(owner.get("/customers/same/"))


def test_a_program_lists_pairs_and_says_what_they_are(twice: Shop) -> None:
    asking = Client(headers={"authorization": f"Bearer {keys.make('t', ['customers:read', 'customers:write'])[1]}"})

    def say(**said: str) -> dict[str, str]:
        answer = asking.post("/api/v1/same-customers", said, content_type="application/json")
        assert answer.status_code == 201, answer.content
        found: dict[str, str] = answer.json()
        return found
    assert asking.get("/api/v1/same-customers").json() == {"looked_at": None, "items": []}
    twice.customers.same.look(twice.moment())
    found = asking.get("/api/v1/same-customers").json()["items"]
    assert [(p["one"], p["other"], p["kind"], p["grade"]) for p in found] == [
        ("M1", "M2", "mailbox", "sure"), ("A1", "A2", "address-and-name", "likely")]
    assert say(one="A1", other="A2", what="apart") == {"what": "apart", "kept": "", "merge_id": ""}
    done = say(one="M2", other="M1", what="join")
    assert done["kept"] == "M1"
    assert asking.get("/api/v1/same-customers").json()["items"] == []
    apart = asking.post("/api/v1/apart-customers", {"merge_id": done["merge_id"]}, content_type="application/json")
    assert apart.json() == {"kept": "M1", "absorbed": "M2"}
    assert asking.get("/api/v1/same-customers?kind=nonsense").status_code == 404
    assert asking.get("/api/v1/same-customers?customer=nobody").status_code == 404
