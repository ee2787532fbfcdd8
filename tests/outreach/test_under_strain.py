"""Servers that refuse, people who change their mind, and messages that are rewritten: all while a campaign goes out."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import Refused, SegmentStale, UnknownName
from regulars.intake.settle import count_change
from regulars.outreach import sending
from regulars.outreach.audience import Chosen
from regulars.outreach.automations.automation import ENTERED, Letter, Trigger
from regulars.outreach.beginning import Beginning
from regulars.outreach.campaign import Offer, Variant
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.email.mime import message
from regulars.outreach.pace import Pace
from regulars.outreach.store import text_of
from regulars.shop import Shop
from regulars.shop.campaigns import Campaigns, Standing
from tests.outreach.conftest import NOW, PEOPLE, PLAIN, Clock, campaign, lose
from tests.outreach.postbox import Postbox, parsed


def send(shop: Shop, **said: Any) -> Standing:
    shop.campaigns.add(campaign(**said), now=NOW)
    shop.campaigns.send("Hello", NOW)
    shop.campaigns.drive(Clock())
    return shop.campaigns.progress("Hello")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is down is tried again soon."""
    monkeypatch.setattr(sending, "LINE_PAUSES", (0.01, 0.01))


@pytest.mark.usefixtures("hasty")
def test_a_server_that_is_down_pauses_the_campaign_and_loses_nobody(mailing: Shop) -> None:
    mailing.campaigns.set("email", {"port": 1})
    standing = send(mailing)
    assert (standing.campaign.state, standing.deliveries) == ("paused", {"queued": PEOPLE})
    assert "No mail server answers" in standing.campaign.why


@pytest.mark.usefixtures("hasty")
def test_a_server_that_refuses_the_sender_pauses_the_campaign(mailing: Shop, box: Postbox) -> None:
    async def refuse(*_: object) -> str:
        return "530 5.7.0 Authentication required"
    box.handle_MAIL = refuse  # type: ignore[attr-defined]
    standing = send(mailing)
    assert (standing.campaign.state, standing.deliveries) == ("paused", {"queued": PEOPLE})
    assert "Authentication required" in standing.campaign.why


def test_one_address_that_is_put_off_keeps_nobody_else_waiting(mailing: Shop, box: Postbox) -> None:
    box.answer = lambda to: "421 4.7.0 Try again later" if to.startswith("p7@") else "250 OK"
    assert send(mailing).deliveries == {"sent": PEOPLE - 1, "failed_temporary": 1}


def test_segments_are_the_same_in_small_letters(mailing: Shop) -> None:
    found = mailing.campaigns.add(campaign(segments=("all",), exclude=("SMALL",)), now=NOW)
    assert mailing.campaigns.audience(found.name, NOW).by_reason == {"excluded": 19}


def test_what_is_in_hand_when_it_is_written_anew_goes_as_it_is_now(mailing: Shop, box: Postbox) -> None:
    mailing.campaigns.set("email", {"per_second": 40, "connections": 1})
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    began = time.monotonic()
    going = threading.Thread(target=mailing.campaigns.drive,
                             args=(lambda: NOW + timedelta(seconds=time.monotonic() - began),))
    going.start()
    while not box.taken:
        time.sleep(0.005)
    mailing.campaigns.pause("Hello", NOW)
    mailing.campaigns.change("Hello", now=NOW, variants=(Variant("one", content=PLAIN | {"subject": "Mended"}),))
    mailing.campaigns.resume("Hello", NOW)
    going.join()
    mailing.campaigns.drive(Clock(NOW + timedelta(minutes=1)))
    said = Counter(m["subject"] for m in box.messages)
    assert said.total() == PEOPLE and said["Mended"] > PEOPLE // 2


def test_a_slow_campaign_stops_where_the_night_begins(mailing: Shop) -> None:
    mailing.campaigns.set("gate", {"quiet_from": 21, "quiet_until": 8})
    mailing.campaigns.set("email", {"per_second": 20, "connections": 1})
    night = datetime(2026, 11, 26, 20)
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    began = time.monotonic()
    done = mailing.campaigns.drive(lambda: night - timedelta(seconds=0.5) + timedelta(seconds=time.monotonic() - began))
    held = mailing.campaigns.deliveries("Hello", state="queued")
    assert 0 < done.handed < PEOPLE and {d.due_at for d in held} == {datetime(2026, 11, 27, 7)}
    sent = mailing.campaigns.deliveries("Hello", state="sent")
    assert all(d.sent_at and d.sent_at < night for d in sent)


def test_who_gets_which_message_is_decided_when_it_begins(mailing: Shop) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    mailing.campaigns.pause("Hello", NOW)
    with pytest.raises(Refused, match="is decided"):
        mailing.campaigns.change("Hello", now=NOW, variants=(Variant("other", content=PLAIN),))
    with pytest.raises(Refused, match="is decided"):
        mailing.campaigns.change("Hello", now=NOW, channel="sms")


def test_nothing_goes_on_while_nobody_knows_who_is_in_its_segment(mailing: Shop) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    mailing.campaigns.pause("Hello", NOW)
    with pytest.raises(SegmentStale):
        mailing.campaigns.resume("Hello", NOW + timedelta(days=60))
    lose(mailing, "All")
    with pytest.raises(UnknownName):
        mailing.campaigns.resume("Hello", NOW)


def test_one_scheduled_campaign_that_cannot_begin_keeps_back_no_other(mailing: Shop) -> None:
    soon = NOW + timedelta(minutes=5)
    for name, segment in (("Broken", "Small"), ("Whole", "All")):
        mailing.campaigns.add(campaign(name, segments=(segment,), scheduled_at=soon), now=NOW)
        mailing.campaigns.send(name, NOW)
    lose(mailing, "Small")
    mailing.segments.refresh(soon)
    assert mailing.campaigns.drive(Clock(soon)).handed == PEOPLE
    assert mailing.campaigns.get("Broken").state == "scheduled" and "Small" in mailing.campaigns.get("Broken").why


def test_a_scheduled_campaign_that_is_refused_is_tried_again_at_growing_pauses(
        mailing: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    soon, tries = NOW + timedelta(minutes=5), list[datetime]()
    mailing.campaigns.add(campaign(segments=("Small",), scheduled_at=soon), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    lose(mailing, "Small")
    unfit = Beginning.refuse_unfit
    monkeypatch.setattr(Beginning, "refuse_unfit",
                        lambda self, found, now: (tries.append(now), unfit(self, found, now))[1])
    for second in range(160):
        restarted = Campaigns(mailing.engine, mailing.settings, mailing.folder, mailing.segments)
        restarted.begin_due(soon + timedelta(seconds=second))
    assert [(at - soon).total_seconds() for at in tries] == [0, 5, 35, 155]
    assert "Small" in mailing.campaigns.get("Hello").why


def test_a_campaign_that_goes_out_for_days_waits_once_nobody_knows_who_is_in_its_segment(mailing: Shop,
                                                                                          box: Postbox) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    count_change(mailing.engine, None, everybody=True)
    with mailing.campaigns.store.writing() as c:
        c.execute("UPDATE deliveries SET due_at = ? WHERE id > (SELECT min(id) FROM deliveries)",
                  [text_of(NOW + timedelta(days=2))])
    mailing.campaigns.drive(Clock())
    assert (len(box.taken), mailing.campaigns.get("Hello").state) == (1, "sending")
    mailing.engine.execute("UPDATE segments SET failed = 'its column is gone'")
    mailing.campaigns.drive(lambda: NOW + timedelta(days=2, hours=1))
    held = mailing.campaigns.get("Hello")
    assert (len(box.taken), held.state) == (1, "paused") and "its column is gone" in held.why


def unsubscribed(shop: Shop, moments: Sequence[datetime], asked: datetime) -> Chosen:
    """How P01 stands in a second campaign after they left."""
    send(shop)
    first = next(d for d in shop.campaigns.deliveries("Hello") if d.customer_id == "P01")
    for at in moments:
        shop.campaigns.respond(first.id, "unsubscribed", at)
    shop.campaigns.add(campaign("Again"), now=NOW)
    return next(r for r in shop.campaigns.audience("Again", asked).rows if r.customer_id == "P01")


def consent(shop: Shop, folder: Path, at: str) -> None:
    file = folder / "agreed.csv"
    file.write_text(f"customer_id,email,email_consent,email_consent_at\nP01,p1@mail1.example,yes,{at}\n")
    shop.import_file(file, now=NOW.isoformat() + "Z")
    shop.segments.refresh(NOW)


def test_a_consent_of_a_day_to_come_outweighs_no_leaving(mailing: Shop, tmp_path: Path) -> None:
    consent(mailing, tmp_path, "2027-01-01")
    left = NOW + timedelta(minutes=1)
    assert unsubscribed(mailing, [left], left).left_out == "unsubscribed"


def test_a_leaving_that_is_told_again_with_an_older_moment_stands(mailing: Shop, tmp_path: Path) -> None:
    consent(mailing, tmp_path, "2026-11-20")
    left = NOW + timedelta(minutes=1)
    assert unsubscribed(mailing, [left, NOW - timedelta(days=30)], left).left_out == "unsubscribed"


def test_who_left_under_an_address_is_in_no_audience_by_another_id(mailing: Shop) -> None:
    send(mailing)
    first = next(d for d in mailing.campaigns.deliveries("Hello") if d.customer_id == "P01")
    mailing.campaigns.respond(first.id, "unsubscribed", NOW)
    mailing.engine.execute("UPDATE customers SET email = 'p1@mail1.example' WHERE customer_id = 'P02'")
    for channel in ("email", "meta", "google", "table"):
        mailing.campaigns.add(campaign(channel, channel=channel), now=NOW)
        rows = {r.customer_id: r.left_out for r in mailing.campaigns.audience(channel, NOW).rows}
        assert rows["P02"] == rows["P01"] == "unsubscribed", channel


def test_automations_of_a_shop_that_was_restored_begin_nothing_and_forget_who_is_erased(mailing: Shop,
                                                                                     tmp_path: Path) -> None:
    mailing.automations.add("Welcome", Trigger(ENTERED, "All"), [Letter(PLAIN)], now=NOW, present=True)
    mailing.automations.start("Welcome", NOW)
    mailing.customers.erase("P01", now=NOW)
    store = mailing.campaigns.store
    assert store.value("SELECT count(*) FROM enrolments WHERE customer_id = 'P01' OR state = 'ended'") == 1
    assert not mailing.automations.of_customer("P01")
    mailing.backup(tmp_path / "copy.zip", now=NOW)
    Shop.restore(tmp_path / "copy.zip", tmp_path / "back")
    with Shop.open(tmp_path / "back") as back:
        assert back.automations.get("Welcome").state == "paused"
        assert back.automations.look(NOW + timedelta(minutes=1)).handed == 0


@pytest.mark.parametrize(("name", "subject"), [
    ("A" * 2000, "B" * 2000), ('Q"\\\r\nBcc: a@b.example', "hi\r\nBcc: a@b.example"), ("سلام" * 30, "سلام " * 80),
    ("=?utf-8?q?x?=", "=?utf-8?b?Zm9v?="), ("Jo, (x); <y@z>" * 5, "a" * 70 + " " + "b" * 1200), ("😀" * 99, "😀" * 99)])
def test_no_name_and_no_subject_makes_another_header_or_a_line_too_long(name: str, subject: str) -> None:
    parcel = Parcel(1, "c", "a@b.example", name, subject=subject, text="t", message_id="<1.aa@b.example>")
    raw = message(parcel, sender="Shop <s@s.example>", reply_to="")
    found = parsed(raw)
    assert max(map(len, raw.split(b"\r\n"))) <= 100
    assert sorted(found.keys()) == ["Content-Type", "From", "MIME-Version", "Message-ID", "Subject", "To"]
    assert found["subject"] == " ".join(subject.split()) and found["to"].addresses[0].addr_spec == "a@b.example"
    assert "".join(found["to"].addresses[0].display_name.split()) == "".join(name.split())


def test_a_campaign_that_nobody_would_get_does_not_begin(mailing: Shop) -> None:
    mailing.campaigns.add(campaign(segments=("Big",), exclude=("All",)), now=NOW)
    with pytest.raises(Refused, match="Nobody would get 'Hello' now"):
        mailing.campaigns.send("Hello", NOW)
    assert mailing.campaigns.get("Hello").state == "draft"


@pytest.mark.parametrize("address", [
    "https://", "http://a b.example", 'https://a.example/"><x', "https://a.example>, <b"])
def test_no_address_of_the_pages_breaks_out_of_a_header_or_a_link(mailing: Shop, address: str) -> None:
    with pytest.raises(Refused, match="https://"):
        mailing.campaigns.set("gate", {"public_address": address})


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it_to_catch_up() -> None:
    pace = Pace(1, 2)
    for _ in range(2):
        pace.take("a.example", NOW)
    before = NOW - timedelta(hours=1)
    assert pace.room("a.example", before) == 2
    assert pace.take("a.example", before) == timedelta(seconds=1)


def test_a_code_is_redeemed_once_by_the_first_order_that_counts(mailing: Shop) -> None:
    send(mailing, offer=Offer("percent", "10", single=True))
    code = mailing.campaigns.store.value("SELECT code FROM codes WHERE customer_id = 'P01'")
    engine = mailing.engine
    engine.execute("UPDATE orders SET promo_code = ? WHERE order_id IN ('O1', 'O2')", [f" {code.lower()} "])
    assert mailing.campaigns.redeem() == 1
    engine.execute("UPDATE orders SET counted = false WHERE order_id = 'O1'")
    assert mailing.campaigns.redeem() == 0
    assert mailing.campaigns.store.rows("SELECT order_id FROM codes WHERE order_id IS NOT NULL") == [("O2",)]
