"""Nobody gets a message after they said no, whatever happens between writing it and sending it, by whatever path."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from regulars.errors import SegmentStale
from regulars.intake import settle
from regulars.outreach import states
from regulars.outreach.campaign import STEP, Campaign, Variant
from regulars.outreach.channels.base import Parcel, Receipt
from regulars.outreach.channels.email import TRANSPORTS
from regulars.shop import Shop
from tests.outreach.conftest import PLAIN, Clock, by_mail, make_shop, person

PEOPLE = 8
SEQUENCES = 5
LONG = 100


@dataclass
class Wire:
    """A way out that keeps what it is given, and lets things happen while a message is under way."""

    sent: list[tuple[int, str]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def __call__(self, settings: Mapping[str, Any], folder: Path) -> Wire:
        return self

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        pass

    def deliver(self, batch: Sequence[Parcel]) -> list[Receipt]:
        self.sent += [(p.delivery, p.customer_id) for p in batch]
        self.meanwhile()
        return [Receipt(p.delivery, states.SENT) for p in batch]


class World:
    """A shop in which people change their minds, and what a person with a notebook would say of each of them."""

    def __init__(self, shop: Shop, wire: Wire, seed: int, clock: Clock) -> None:
        self.shop, self.wire, self.random, self.clock = shop, wire, random.Random(seed), clock
        self.may = {person(n): True for n in range(1, PEOPLE + 1)}
        self.complained: set[str] = set()
        self.wrong: list[tuple[int, str]] = []
        self.names: list[str] = []
        wire.meanwhile = self.meanwhile

    def anybody(self) -> str:
        return self.random.choice(list(self.may))

    def any_delivery(self, who: str) -> int | None:
        rows = self.shop.campaigns.store.rows("SELECT id FROM deliveries WHERE customer_id = ? AND state IN "
                                              "('sent', 'delivered')", [who])
        return self.random.choice(rows)[0] if rows else None

    def meanwhile(self) -> None:
        """Called while a message is under way: it must not be one to somebody who had said no before."""
        delivery, who = self.wire.sent[-1]
        if not self.may[who]:
            self.wrong.append((delivery, who))
        if self.random.random() < 0.3:
            self.change_mind()

    def change_mind(self) -> None:
        self.random.choice([self.unsubscribe, self.complain, self.withdraw, self.agree])(self.anybody())

    def unsubscribe(self, who: str) -> None:
        if delivery := self.any_delivery(who):
            self.shop.campaigns.respond(delivery, "unsubscribed", self.clock())
            self.may[who] = False

    def complain(self, who: str) -> None:
        if (delivery := self.any_delivery(who)) and self.random.random() < 0.3:
            self.shop.campaigns.respond(delivery, "complained", self.clock())
            self.may[who] = False
            self.complained.add(who)

    def withdraw(self, who: str) -> None:
        self.consent(who, False)
        self.may[who] = False

    def agree(self, who: str) -> None:
        """They say yes anew: that counts for all but who complained."""
        self.consent(who, True)
        self.may[who] = who not in self.complained

    def consent(self, who: str, says: bool) -> None:
        engine = self.shop.engine.cursor()
        with engine.changing_facts():
            settle.make_room(engine)
            engine.execute("UPDATE customers SET email_consent = ?, email_consent_at = ? WHERE customer_id = ?",
                           [says, self.clock() + timedelta(milliseconds=1), who])
            engine.execute("INSERT INTO touched VALUES (?)", [who])
            settle.count_change(engine, self.clock())
        engine.close()
        self.clock.now += timedelta(milliseconds=2)

    def begin(self) -> None:
        """A campaign for all, now or later."""
        name = f"C{len(self.names)}"
        self.names.append(name)
        at = self.clock() + timedelta(minutes=5) if self.random.random() < 0.5 else None
        self.shop.campaigns.add(Campaign(name, ("All",), (), (Variant("one", content=PLAIN),), control_share=0,
                                         scheduled_at=at), now=self.clock())
        self.look()
        self.shop.campaigns.send(name, self.clock())

    def step(self) -> None:
        """A step of an automation, for a few, later."""
        if "Step" not in self.names:
            self.names.append("Step")
            self.shop.campaigns.add(Campaign("Step", ("All",), (), (Variant("one", content=PLAIN),), kind=STEP,
                                             control_share=0), now=self.clock())
            self.look()
            self.shop.campaigns.send("Step", self.clock())
        who = self.random.sample(list(self.may), 3)
        self.shop.campaigns.hand_to("Step", who, occasion=f"{self.clock()}", due_at=self.clock() + timedelta(minutes=3),
                                    now=self.clock())

    def look(self) -> None:
        self.shop.segments.advance(self.clock())

    def drive(self) -> None:
        self.look()
        self.shop.campaigns.drive(self.clock)
        if self.random.random() < 0.5:
            self.shop.campaigns.settle(self.clock())

    def pass_time(self) -> None:
        self.clock.now += timedelta(minutes=10)

    def pause(self) -> None:
        for each in self.shop.campaigns.list():
            if each.state == "sending" and self.random.random() < 0.3:
                self.shop.campaigns.pause(each.name, self.clock())
            elif each.state == "paused":
                self.resume(each.name)

    def resume(self, name: str) -> None:
        self.shop.segments.advance(self.clock())
        self.shop.campaigns.resume(name, self.clock())


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    TRANSPORTS["wire"] = wire = Wire()
    yield wire
    del TRANSPORTS["wire"]


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory, wire: Wire) -> Iterator[Shop]:
    with Shop.open(make_shop(tmp_path_factory.mktemp("eight"), PEOPLE)) as shop:
        by_mail(shop, 25, through="wire", connections=1)
        shop.campaigns.set("gate", {"cap_messages": 0})
        yield shop


def forget(shop: Shop) -> Clock:
    """Nothing was ever sent, and everybody agrees; time never goes back."""
    with shop.campaigns.store.writing() as c:
        for table in ("campaigns", "audience", "deliveries", "responses", "suppressed"):
            c.execute(f"DELETE FROM {table}")
    shop.engine.execute("DELETE FROM messages")
    shop.engine.execute("UPDATE customers SET email_consent = true, email_consent_at = TIMESTAMP '2026-01-01'")
    clock = Clock(shop.engine.value("SELECT max(refreshed_at) FROM segments") + timedelta(days=1))
    shop.segments.refresh(clock())
    return clock


def live_through(world: World, steps: int) -> None:
    for _ in range(steps):
        world.random.choice([world.begin, world.step, world.drive, world.drive, world.pass_time, world.pause,
                             world.change_mind])()
    for each in world.shop.campaigns.list():
        if each.state == "paused":
            world.resume(each.name)
    world.pass_time()
    world.drive()


def test_no_message_after_a_no(eight: Shop, wire: Wire, request: pytest.FixtureRequest) -> None:
    sent = 0
    for seed in range(LONG if request.config.getoption("--long") else SEQUENCES):
        wire.sent.clear()
        world = World(eight, wire, seed, forget(eight))
        live_through(world, 12)
        assert world.wrong == [], f"seed {seed}"
        assert all(n == 1 for n in Counter(d for d, _ in wire.sent).values()), f"seed {seed}"
        rows = eight.campaigns.store.rows("SELECT count(*), count(DISTINCT campaign_id || customer_id || occasion), "
                                          "sum(state IN ('queued', 'sending', 'unknown')) FROM deliveries")[0]
        assert rows[0] == rows[1] and not rows[2], f"seed {seed}"
        sent += len(wire.sent)
    assert sent > SEQUENCES * PEOPLE


def test_a_segment_that_is_stale_is_not_sent_to(eight: Shop) -> None:
    clock = forget(eight)
    eight.campaigns.add(Campaign("Late", ("All",), (), (Variant("one", content=PLAIN),)), now=clock())
    with pytest.raises(SegmentStale):
        eight.campaigns.send("Late", clock() + timedelta(days=1))
    assert eight.campaigns.get("Late").state == "draft"
    assert eight.campaigns.deliveries("Late") == []
