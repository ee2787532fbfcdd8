"""Campaigns that go out by hand: who is in a file made of one, and what came of calls."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from regulars.cli.entry import run
from regulars.errors import NotFound, Refused
from regulars.outreach import reasons, suppression
from regulars.outreach.campaign import Variant
from regulars.shop import Shop
from tests.outreach.conftest import NOW, Clock, campaign

SCRIPT = {"language": "en", "subject": "Call", "blocks": [{"kind": "text", "text": "Ask {{ customer.name }} for tea."}]}


@pytest.fixture
def ten(thirty: Shop) -> Shop:
    """Ten of Thirty may be called."""
    thirty.campaigns.set("gate", {"quiet_from": 0, "quiet_until": 0, "held_out_share": 0, "cap_messages": 1})
    thirty.engine.execute("UPDATE customers SET phone_consent = true, phone = '+316123456' || right(customer_id, 2) "
                          "WHERE customer_id <= 'P10'")
    return thirty


@pytest.fixture
def calling(ten: Shop) -> Shop:
    """They are on the list of Calls."""
    return called(ten, "Calls")


def called(shop: Shop, name: str, **said: Any) -> Shop:
    script = Variant("one", content=SCRIPT)
    shop.campaigns.add(campaign(name=name, channel="phone", variants=(script,), **said), now=NOW)
    shop.campaigns.send(name, NOW)
    shop.campaigns.drive(Clock())
    return shop


def told(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"))))


def test_a_file_tells_of_who_may_still_be_reached_and_keeps_nothing_of_them(calling: Shop) -> None:
    made = calling.lists.make("Calls", "calls.csv", NOW)
    assert (made.rows, made.left_out, calling.lists.size("Calls")) == (10, {}, 10)
    assert told(made.data)[0] | {"delivery": ""} == {
        "delivery": "", "customer_id": "P01", "name": "Person 1", "phone": "+31612345601", "city": "Utrecht",
        "language": "en", "script": "Ask Person 1 for tea.\n", "outcome": "", "called_on": ""}
    calling.engine.execute("UPDATE customers SET phone_consent = false WHERE customer_id = 'P02'")
    suppression.suppress(calling.campaigns.store, "phone", "P03", "", reasons.UNSUBSCRIBED, NOW)
    calling.customers.erase("P04", now=NOW + timedelta(hours=1))
    again = calling.lists.make("Calls", "calls.csv", NOW + timedelta(hours=2))
    assert again.rows == 7 and sum(again.left_out.values()) == 3 and b"Person 4" not in again.data
    with pytest.raises(NotFound):
        calling.lists.make("Calls", "labels.pdf", NOW)


def test_only_who_came_since_is_in_a_file_of_the_new(calling: Shop) -> None:
    made = calling.lists.make("Calls", "calls.csv", NOW)
    assert calling.lists.taken("Calls")["calls.csv"].last == made.last
    assert calling.lists.make("Calls", "calls.csv", NOW, after=made.last).rows == 0


def test_what_came_of_a_call_is_a_fact_and_who_wants_no_more_gets_none(calling: Shop) -> None:
    calls = calling.lists.to_call("Calls", NOW, most=4)
    assert [c.parcel.customer_id for c in calls] == ["P01", "P02", "P03", "P04"] and calls[0].phone == "+31612345601"
    for call, kind in zip(calls, ("replied", "not_reached", "unsubscribed", "bounced"), strict=True):
        calling.lists.outcome("Calls", call.parcel.delivery, kind, NOW)
    left = calling.lists.to_call("Calls", NOW)
    assert [(c.parcel.customer_id, c.outcome) for c in left][-2:] == [("P10", ""), ("P02", "not_reached")]
    assert (len(left), calling.lists.uncalled("Calls")) == (7, 7)
    assert calling.campaigns.settle(NOW) == 14
    assert calling.count("any(messages where type = 'replied' and channel = 'phone')", now=NOW.isoformat() + "Z") == 1
    calling.campaigns.set("gate", {"cap_messages": 0})
    calling.campaigns.add(campaign("More", channel="phone"), now=NOW)
    out = calling.campaigns.audience("More", NOW).by_reason
    assert (out[reasons.UNSUBSCRIBED], out[reasons.BOUNCED]) == (1, 1)
    with pytest.raises(Refused):
        calling.lists.outcome("Calls", calls[0].parcel.delivery, "nice", NOW)
    with pytest.raises(NotFound):
        calling.lists.outcome("Calls", 999, "replied", NOW)


def test_a_list_keeps_whom_nothing_but_itself_takes_out_of_its_segment(ten: Shop) -> None:
    ten.segments.add("Quiet", "no(messages where type = 'sent' in last 60 days) and phone_consent", now=NOW)
    ten.segments.add("Left alone", "in segment 'Quiet' and not name = 'Person 3'", now=NOW)
    ten.segments.add("Called lately", "any(messages where type = 'sent' in last 30 days)", now=NOW)
    ten.segments.refresh(NOW)
    called(ten, "First", segments=("Left alone",), exclude=("Called lately",))
    later = NOW + timedelta(hours=1)
    assert ten.campaigns.settle(later) == 9
    ten.segments.refresh(later)
    assert (ten.segments.get("Left alone").members, ten.segments.get("Called lately").members) == (0, 9)
    ten.engine.execute("UPDATE customers SET phone_consent = false WHERE customer_id = 'P02'")
    told_to = [c.parcel.customer_id for c in ten.lists.to_call("First", later)]
    assert told_to == ["P01", "P04", "P05", "P06", "P07", "P08", "P09", "P10"]


def test_who_talks_on_the_phone_prefers_it_and_segments_follow(calling: Shop) -> None:
    calling.campaigns.set("gate", {"cap_messages": 0})

    def called(days: range, who: str) -> None:
        """A round of calls each day, in which one person talks and all others are not there."""
        for n in days:
            name, at = f"Calls {n}", NOW + timedelta(days=n)
            calling.segments.advance(at)
            calling.campaigns.add(campaign(name, channel="phone", variants=(Variant("one", content=SCRIPT),)), now=at)
            calling.campaigns.send(name, at)
            calling.campaigns.drive(Clock(at))
            for each in calling.campaigns.deliveries(name, state="sent"):
                calling.lists.outcome(name, each.id, "replied" if each.customer_id == who else "not_reached", at)
        assert calling.campaigns.settle(NOW + timedelta(days=days.stop)) > 0
        calling.refresh_scores(NOW + timedelta(days=days.stop))

    called(range(1, 6), "P01")
    calling.segments.add("By phone", "channel.preferred = 'phone'", now=NOW + timedelta(days=6))
    calling.segments.refresh(NOW + timedelta(days=6))
    assert calling.segments.members("By phone")["customer_id"].to_pylist() == ["P01"]
    called(range(6, 8), "P02")
    calling.segments.advance(NOW + timedelta(days=8))
    assert calling.segments.members("By phone")["customer_id"].to_pylist() == ["P01", "P02"]
    assert calling.customers.scores("P02")["channel.preferred"] == "phone"


def test_the_command_line_has_lists_and_automations(calling: Shop, tmp_path: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = str(calling.folder), tmp_path / "calls.html"
    calling.close()
    for command in (["campaign", "files", "Calls"], ["campaign", "file", "Calls", "calls.html", "--out", str(out)],
                    ["campaign", "calls", "Calls"], ["automation", "ready"], ["automation", "adopt", "win-back"],
                    ["automation", "show", "Win back"], ["automation", "list", "--json"],
                    ["automation", "remove", "Win back"]):
        assert run([*command, "--shop", folder]) == 0
    said = capsys.readouterr().out
    assert "10 people are on the list" in said and "+31612345601" in said and "Regulars gone quiet" in said
    assert "Person 10" in out.read_text(encoding="utf-8")
    assert run(["automation", "start", "Nothing", "--shop", folder]) == 1
