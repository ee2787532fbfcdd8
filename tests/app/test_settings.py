"""Settings: the shop and its costs, keys, backups; for an owner alone."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

import pytest
from django.test import Client

from regulars.app.doors import roles
from regulars.app.doors.models import Entry
from regulars.app.facts import facts
from regulars.app.jobs import running
from regulars.shop import Shop
from tests.app.conftest import SignedIn

SAID = {"name": "Ada's bricks", "country": "ID", "language": "ur", "currency": "USD", "timezone": "UTC",
        "service_hour_cost": "42.5", "payment_fee_percent": "", "shipping_cost": "4.9", "message_email": "0.01",
        "message_sms": "0.1", "message_phone": "3", "message_post": "1"}


def test_what_is_said_is_kept_and_what_orders_were_read_by_stands(shop: Shop, owner: Client) -> None:
    assert owner.post("/settings/", SAID).status_code == 302
    kept = facts().shop().settings
    assert (kept.name, kept.country, kept.language, kept.service_hour_cost) == ("Ada's bricks", "ID", "ur", 42.5)
    assert (kept.payment_fee_percent, kept.shipping_cost, kept.message_costs["sms"]) == (None, 4.9, 0.1)
    assert (kept.currency, kept.timezone) == ("EUR", "Europe/Amsterdam")


@pytest.mark.parametrize("name, wrong", [("service_hour_cost", "-1"), ("payment_fee_percent", "101"),
                                         ("country", "XX"), ("name", "")])
def test_what_cannot_be_is_said_and_nothing_kept(shop: Shop, owner: Client, name: str, wrong: str) -> None:
    answer = owner.post("/settings/", SAID | {name: wrong})
    assert answer.status_code == 200 and "field-error" in answer.content.decode()
    assert facts().shop().settings.name == "Little shop"


def test_a_key_is_shown_once_opens_the_api_and_is_withdrawn(shop: Shop, owner: Client) -> None:
    page = owner.post("/settings/keys/", {"name": "Till", "scopes": ["segments:read"]}).content.decode()
    token = re.search(r'value="(rk_[^"]+)"', page)
    assert token is not None
    program = Client(headers={"authorization": f"Bearer {token[1]}"})
    assert program.get("/api/v1/segments").status_code == 200
    assert token[1] not in owner.get("/settings/keys/").content.decode()
    withdraw = re.search(r"/settings/keys/\d+/withdraw/", page)
    assert withdraw is not None
    owner.post(withdraw[0])
    assert program.get("/api/v1/segments").status_code == 401
    assert list(Entry.objects.values_list("what", flat=True)) == ["key.withdrawn", "key.made"]


def test_a_backup_is_made_beside_the_shop_and_taken_out(shop: Shop, owner: Client) -> None:
    owner.post("/settings/backups/")
    running.drive()
    found = re.search(r"/settings/backups/([^/]+\.zip)/", owner.get("/settings/backups/").content.decode())
    assert found is not None
    whole = b"".join(owner.get(f"/settings/backups/{found[1]}/").streaming_content)  # type: ignore[arg-type]
    assert "facts.duckdb" in zipfile.ZipFile(BytesIO(whole)).namelist()
    assert owner.get("/settings/backups/..%2Fshop.toml/").status_code == 404


@pytest.mark.parametrize("role", [roles.HELPER, roles.VIEWER])
@pytest.mark.parametrize("address", ["/settings/", "/settings/keys/", "/settings/backups/",
                                     "/settings/backups/x.zip/"])
def test_only_an_owner_settles(shop: Shop, as_: SignedIn, role: str, address: str) -> None:
    client = as_(role)
    assert 'href="/settings/"' not in client.get("/segments/").content.decode()
    assert client.get(address).status_code == 403
    assert client.post(address, SAID).status_code == 403
