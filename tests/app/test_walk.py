"""Every address there is, tried by whoever may not: the table is made from the URL conf, so a new page is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from regulars.app.bring_in.models import Upload
from regulars.app.doors import changes, roles
from regulars.app.doors.middleware import OWN
from regulars.app.doors.models import Invitation, Person
from regulars.app.jobs.models import Job
from regulars.shop import Shop
from tests.app.conftest import SignedIn
from tests.little_shop import NOW

SAMPLES = {"name": "VIP", "customer_id": "C1", "import_id": "i000001", "key": "vip-10-orders", "analysis": "rfm",
           "pk": 1, "job_id": 1, "token": "guessed", "uidb36": "1"}
"""What stands in an address, by its name; 1 for a name that is not here."""
WITHOUT_SIGNING_IN = {
    "/health/", "/ready/", "/metrics/",  # for whoever watches the machine, see docs/how-to/use-the-api.md
    "/account/login/", "/account/logout/", "/account/signup/", "/account/inactive/", "/account/2fa/webauthn/login/",
    "/account/2fa/authenticate/", "/account/password/reset/", "/account/password/reset/done/",
    "/account/password/reset/key/done/", "/account/password/reset/key/1-vip-10-orders/",
    "/welcome/guessed/", "/invited/guessed/",
    "/m/o/guessed", "/m/c/guessed", "/m/u/guessed", "/m/p/guessed", "/m/1",  # links of a message, signed for who got it
    "/m/test",  # where links of a test lead
    "/channels/answers/VIP/",  # a provider of texts signs what it tells
    "/pictures/1"}  # whoever got a message sees its pictures
ONLY_LOOKS = {"/account/", "/segments/preview/", "/segments/convert/", "/segments/complete/"}
"""What a viewer may send: their own name and language, and rules to be read."""
EXPORTS = ("text/csv", "text/vcard", "application/zip", "application/octet-stream")


class Door(NamedTuple):
    address: str
    view: Any
    named: bool
    """Whether it speaks of one thing by its name."""

    @property
    def own(self) -> bool:
        """Whether it is about the person's own way in."""
        return str(self.view.__module__).startswith(OWN)


def doors(resolver: URLResolver | None = None, outer: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> Iterator[
        Door]:
    """Every address of the app, the HTTP API aside, which asks for keys; ``named`` is what stands in it so far."""
    for each in (resolver or get_resolver()).url_patterns:
        names = (*named, *each.pattern.regex.groupindex)
        if isinstance(each, URLPattern):
            said = {name: SAMPLES.get(name, 1) for name in names}
            yield Door(reverse(":".join((*outer, each.name or "")), kwargs=said), each.callback, bool(said))
        elif each.namespace != "api":
            yield from doors(each, (*outer, *([each.namespace] if each.namespace else ())), names)


DOORS = sorted({door.address: door for door in doors()}.values())


@pytest.fixture
def full(shop: Shop, owner: Client) -> Shop:
    """The shop with one of everything that an address can name."""
    shop.segments.add("VIP", "count(orders) >= 10", now=NOW)
    owner.post("/bring-in/hand-over/", {"files": SimpleUploadedFile("o.csv", b"order_id,customer_id\nZ1,C1\n")})
    changes.invite("new@shop.example", roles.VIEWER, None)
    Job.objects.create(kind="refresh segments", state="done")
    return shop


def state(shop: Shop) -> tuple[Any, ...]:
    """Whatever somebody could have changed."""
    return (shop.segments.list(), [r.to_json() for r in shop.imports.receipts()], shop.settings,
            shop.engine.rows("SELECT count(*) FROM customers"),
            sorted(Person.objects.values_list("email", "role", "is_active")),
            sorted(Upload.objects.values_list("name")), sorted(Invitation.objects.values_list("email", "used_at")),
            # An analysis that a page waits for is asked by whoever looks.
            sorted(Job.objects.exclude(kind="insight").values_list("kind", "state", "stop_asked")))


def asked(client: Client, door: Door, how: str) -> HttpResponse:
    answer: HttpResponse = getattr(client, how)(door.address)
    return answer


def test_there_are_doors_to_try() -> None:
    assert len(DOORS) > 60


@pytest.mark.parametrize("how", ["get", "post"])
def test_nobody_passes_without_signing_in(full: Shop, how: str) -> None:
    passed, before = set(), state(full)
    for door in DOORS:
        answer = asked(Client(), door, how)
        if answer.status_code not in (401, 403) and "/account/login/?next=" not in answer.headers.get("location", ""):
            passed.add(door.address)
    # A provider of e-mail proves itself by its secret; without one set up these are not there.
    assert {address for address in passed if not address.startswith("/m/anymail/")} <= WITHOUT_SIGNING_IN
    assert state(full) == before


def test_a_viewer_changes_nothing_by_sending(full: Shop, as_: SignedIn) -> None:
    viewer, before, passed = as_(roles.VIEWER), state(full), set()
    for door in DOORS:
        if not door.own and asked(viewer, door, "post").status_code not in (403, 404, 405):
            passed.add(door.address)
    assert passed <= ONLY_LOOKS
    assert state(full) == before


def test_a_viewer_takes_nothing_out_and_changes_nothing_by_looking(full: Shop, as_: SignedIn) -> None:
    viewer, before, taken = as_(roles.VIEWER), state(full), {}
    for door in DOORS:
        answer = viewer.get(door.address)
        if "Content-Disposition" in answer.headers or answer.headers.get("content-type", "").startswith(EXPORTS):
            taken[door.address] = answer.status_code
        assert answer.status_code < 500, door.address
    assert taken == {}
    assert state(full) == before


@pytest.mark.parametrize("role, may", [(roles.OWNER, True), (roles.HELPER, False), (roles.VIEWER, False)])
def test_what_settles_the_shop_is_for_owners(full: Shop, as_: SignedIn, role: str, may: bool) -> None:
    client = as_(role)
    for address in ("/people/", "/log/", "/settings/", "/settings/keys/", "/settings/backups/"):
        assert (client.get(address).status_code == 200) is may, address


@pytest.mark.parametrize("how", ["get", "post"])
def test_a_helper_settles_neither_people_nor_keys(full: Shop, as_: SignedIn, how: str) -> None:
    before, helper = state(full), as_(roles.HELPER)
    for door in DOORS:
        if door.address.startswith(("/people/", "/log/", "/settings/", "/invitations/")):
            assert asked(helper, door, how).status_code in (403, 405), door.address
    assert state(full) == before


@pytest.mark.parametrize("role", [None, roles.VIEWER, roles.OWNER])
def test_every_answer_carries_the_headers(full: Shop, as_: SignedIn, role: str | None) -> None:
    client = as_(role) if role else Client()
    for door in DOORS:
        answer = client.get(door.address)
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src 'self'" in policy and "unsafe" not in policy, door.address
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", door.address
        assert "no-store" in answer.headers.get("Cache-Control", ""), door.address
