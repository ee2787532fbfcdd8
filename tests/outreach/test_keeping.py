"""What was sent outlives backups, upgrades and erasures, as the facts do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import Refused
from regulars.outreach import queue, suppression
from regulars.shop import Shop
from tests.outreach.conftest import NOW, PEOPLE, Clock, by_mail, campaign
from tests.outreach.postbox import Postbox


def sent(shop: Shop, **said: object) -> None:
    shop.campaigns.add(campaign(**said), now=NOW)
    shop.campaigns.send("Hello", NOW)
    shop.campaigns.drive(Clock())


def test_a_shop_that_was_restored_sends_nothing_by_itself(mailing: Shop, tmp_path: Path, box: Postbox) -> None:
    """What went out after the copy was made is not known to it."""
    mailing.campaigns.set("email", {"password": "geheim"})
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.campaigns.send("Hello", NOW)
    mailing.backup(tmp_path / "copy.zip", now=NOW)
    mailing.campaigns.drive(Clock())
    Shop.restore(tmp_path / "copy.zip", tmp_path / "back")
    with Shop.open(tmp_path / "back") as back:
        back.campaigns.drive(Clock())
        assert len(box.taken) == PEOPLE
        standing = back.campaigns.progress("Hello")
        assert (standing.campaign.state, standing.campaign.why) == ("paused", "restored")
        assert standing.deliveries == {"queued": PEOPLE}
        assert back.campaigns.settings("email")["password"] is False
        assert back.check().consistent


def test_a_draft_of_a_shop_that_was_restored_waits_until_somebody_says_that_it_was_not_sent(
        mailing: Shop, tmp_path: Path, box: Postbox) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    mailing.backup(tmp_path / "copy.zip", now=NOW)
    mailing.campaigns.send("Hello", NOW)
    mailing.campaigns.drive(Clock())
    Shop.restore(tmp_path / "copy.zip", tmp_path / "back")
    with Shop.open(tmp_path / "back") as back:
        for asked in (back.campaigns.check, back.campaigns.send):
            with pytest.raises(Refused, match="may have been sent"):
                asked("Hello", NOW)
        with pytest.raises(Refused, match="may have been sent"):
            back.campaigns.send(back.campaigns.copy("Hello", now=NOW).name, NOW)
        back.campaigns.resume("Hello", NOW)
        assert back.campaigns.send("Hello", NOW).state == "sending" and len(box.taken) == PEOPLE


def test_a_person_who_is_erased_leaves_no_trace_and_stays_unsubscribed(mailing: Shop) -> None:
    sent(mailing)
    first, second = mailing.campaigns.deliveries("Hello")[:2]
    mailing.customers.merge(first.customer_id, second.customer_id, now=NOW)
    mailing.campaigns.respond(first.id, "clicked", NOW, link="https://shop.example/a", agent="Some Browser of theirs")
    mailing.campaigns.respond(first.id, "unsubscribed", NOW)
    mailing.customers.erase(first.customer_id, now=NOW)
    mailing.campaigns.settle(NOW)
    folder = mailing.folder
    assert mailing.check().consistent
    assert mailing.campaigns.progress("Hello").total == PEOPLE
    assert first.address in {f"p{n}@mail{n % 3}.example" for n in range(1, PEOPLE + 1)}
    assert suppression.known(mailing.campaigns.store, "email").keys() >= {
        suppression.mark(mailing.campaigns.store.seed, "address", first.address)}
    for file in folder.glob("outreach.sqlite*"):
        assert first.address.encode() not in file.read_bytes()
        assert second.address.encode() not in file.read_bytes()
        assert b"Some Browser" not in file.read_bytes()


def test_a_campaign_that_was_under_way_stays(mailing: Shop) -> None:
    sent(mailing)
    with pytest.raises(Refused):
        mailing.campaigns.remove("Hello")
    with pytest.raises(Refused):
        mailing.campaigns.change("Hello", now=NOW, segments=("Big",))
    assert mailing.campaigns.copy("Hello", now=NOW).name == "Hello 2"
    assert mailing.campaigns.copy("Hello 2", now=NOW).name == "Hello 3"
    assert mailing.campaigns.remove("Hello 2").id == 2


def test_settings_that_cannot_be_are_refused(thirty: Shop) -> None:
    for what, said in (("gate", {"quiet_from": 25}), ("gate", {"held_out_share": 0.9}), ("gate", {"nothing": 1}),
                       ("email", {"port": "many"}), ("email", {"colour": "red"}), ("gate", {"public_address": "ftp://x"})):
        with pytest.raises(Refused):
            thirty.campaigns.set(what, said)
    by_mail(thirty, 25, password="geheim")
    assert thirty.campaigns.settings("email")["password"] is True
    assert b"geheim" not in (thirty.folder / "outreach.sqlite").read_bytes()
    assert (thirty.folder / ".outreach.json").stat().st_mode & 0o077 == 0


def test_after_a_loss_of_power_nothing_that_was_claimed_goes_again(
        mailing: Shop, box: Postbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store, claim, then = mailing.campaigns.store, queue.claim, tmp_path / "then.sqlite"

    def claimed(*said: Any, **more: Any) -> list[queue.Delivery]:
        """What is on the disk for certain when a claim is made: marks that come after it may be lost."""
        found = claim(*said, **more)
        if found and not then.exists():
            with closing(sqlite3.connect(then)) as copy:
                store.connection.backup(copy)
        return found
    monkeypatch.setattr(queue, "claim", claimed)
    sent(mailing)
    assert len(box.taken) == PEOPLE and {d.state for d in mailing.campaigns.deliveries("Hello")} == {"sent"}
    with closing(sqlite3.connect(then)) as copy:
        copy.backup(store.connection)
    assert mailing.campaigns.progress("Hello").deliveries == {"queued": PEOPLE}
    (tmp_path / "boot").write_text("another")
    monkeypatch.setattr(queue, "BOOT", tmp_path / "boot")
    mailing.campaigns.drive(Clock())
    assert len(box.taken) == PEOPLE
    assert mailing.campaigns.progress("Hello").deliveries == {"unknown": PEOPLE}


def test_a_claim_waits_for_the_disk_and_a_mark_does_not(mailing: Shop) -> None:
    """SQLite's levels: 2 (FULL) flushes the log at each commit, 1 (NORMAL) leaves it to the next that does."""
    store = mailing.campaigns.store
    with store.writing() as c:
        assert [c.execute(f"PRAGMA {what}").fetchone()[0] for what in ("synchronous", "journal_mode")] == [2, "wal"]
    with store.writing(durable=False) as c:
        assert c.execute("PRAGMA synchronous").fetchone()[0] == 1
    with store.writing() as c:
        assert c.execute("PRAGMA synchronous").fetchone()[0] == 2
