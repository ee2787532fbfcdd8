"""A shop of thirty people who may be written to, with a mail server of its own to write by."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.model.settings import Settings
from regulars.outreach.campaign import Campaign, Variant
from regulars.segments.saved import Segments
from regulars.shop import Shop
from tests.outreach.postbox import Postbox, Running

NOW = datetime(2026, 11, 26, 9, 0)
"""Ten in the morning in the shop."""
SETTINGS = Settings(name="Thirty", timezone="Europe/Amsterdam", country="NL", sender="shop@shop.example")
PEOPLE, FOUR = 30, 4
PLAIN = {"subject": "Hello", "text": "Good day.\n", "html": '<p>Good day. <a href="https://shop.example/new">New</a></p>'}


SEGMENTS = {"All": "everyone", "Big": "sum(orders.total) >= 20", "Small": "sum(orders.total) < 20"}


def person(number: int) -> str:
    return f"P{number:02d}"


def make_people(folder: Path, count: int = PEOPLE) -> Path:
    """Customers P01 … with an address each, who agreed to e-mail; each bought once."""
    customers = folder / "customers.csv"
    rows = [f"{person(n)},Person {n},p{n}@mail{n % 3}.example,yes,2026-01-01,Utrecht,NL" for n in range(1, count + 1)]
    head = "customer_id,name,email,email_consent,email_consent_at,city,country"
    customers.write_text("\n".join([head, *rows]) + "\n")
    orders = folder / "orders.csv"
    orders.write_text("order_id,customer_id,date,total\n" + "".join(
        f"O{n},{person(n)},2026-10-{n % 28 + 1:02d},{n}.00\n" for n in range(1, count + 1)))
    return folder


def make_shop(folder: Path, count: int = PEOPLE, now: datetime = NOW) -> Path:
    """With the segments All, Big (who spent 20 and more) and Small."""
    with Shop.create(folder / "shop", SETTINGS) as shop:
        for file in ("customers.csv", "orders.csv"):
            shop.import_file(make_people(folder, count) / file, now=now.isoformat() + "Z")
        for name, rule in SEGMENTS.items():
            shop.segments.add(name, rule, now=now)
        shop.segments.refresh(now)
    return folder / "shop"


def lose(shop: Shop, segment: str) -> None:
    """Have a segment gone that something asks by, which the shop's own door refuses."""
    Segments(shop.engine, shop.settings).remove(segment, now=NOW)


@pytest.fixture(scope="session")
def thirty_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("thirty"))


@pytest.fixture
def thirty(thirty_made: Path, tmp_path: Path) -> Iterator[Shop]:
    """The shop, open."""
    with Shop.open(Path(shutil.copytree(thirty_made, tmp_path / "shop"))) as shop:
        yield shop


@pytest.fixture
def running() -> Iterator[Running]:
    with Running() as running:
        yield running


@pytest.fixture
def box(running: Running) -> Postbox:
    return running.box


@pytest.fixture
def mailing(thirty: Shop, running: Running) -> Shop:
    """The shop, which sends by the postbox, to everybody at every hour."""
    by_mail(thirty, running.port)
    return thirty


def by_mail(shop: Shop, port: int, **said: Any) -> None:
    shop.campaigns.set("email", {"host": "127.0.0.1", "port": port, "security": "plain",
                                 "sender": "Thirty <shop@shop.example>"} | said)
    shop.campaigns.set("gate", {"public_address": "https://shop.example", "quiet_from": 0, "quiet_until": 0,
                                "held_out_share": 0})


def campaign(name: str = "Hello", **said: Any) -> Campaign:
    """To everybody, without a control group."""
    made: dict[str, Any] = {"name": name, "segments": ("All",), "variants": (Variant("one", content=PLAIN),),
                            "control_share": 0.0}
    return Campaign(**made | said)


class Clock:
    """Goes on by a millisecond at each asking, and by more when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture(scope="module")
def four_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_shop(tmp_path_factory.mktemp("four"), FOUR)
    with Shop.open(made) as shop:
        shop.campaigns.set("gate", {"quiet_from": 0, "quiet_until": 0, "held_out_share": 0, "cap_messages": 0,
                                    "public_address": "https://shop.example"})
    return made


@contextmanager
def opened(made: Path, folder: Path) -> Iterator[Shop]:
    """A copy, whose segments are as fresh as its test says."""
    shutil.rmtree(folder, ignore_errors=True)
    with Shop.open(Path(shutil.copytree(made, folder))) as shop:
        shop.segments.sendable = lambda name, now: shop.segments.get(name)  # type: ignore[method-assign]
        yield shop


@pytest.fixture
def four(four_made: Path, tmp_path: Path) -> Iterator[Shop]:
    with opened(four_made, tmp_path / "shop") as shop:
        yield shop
