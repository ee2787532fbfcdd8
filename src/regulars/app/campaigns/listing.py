"""How campaigns are told in lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from regulars.app.facts import the_shop
from regulars.app.outreach.outbox import outbox
from regulars.model.phrases import Said
from regulars.outreach.campaign import SENDING, SENT, Campaign
from regulars.outreach.campaigns import state_said
from regulars.outreach.channels import channel
from regulars.outreach.channels.lists import ListChannel
from regulars.outreach.reasons import said_of_pause
from regulars.outreach.sending import keeps_the_night
from regulars.outreach.settings import Rules
from regulars.outreach.zones import quiet_until
from regulars.shop.campaigns import Campaigns, Standing

TONES = {"sending": "good", "sent": "good", "paused": "warn", "stopped": "bad", "scheduled": "warn"}


@dataclass(frozen=True)
class State:
    """Where it stands, in words, and how that is coloured."""

    said: Said
    tone: str


@dataclass(frozen=True)
class Row:
    """A campaign with how many have it, how many are still to get it, and people who did something."""

    campaign: Campaign
    state: State
    sent: int
    waiting: int
    clicked: int | None
    why: Said | None


HANDED = ("sent", "delivered", "complained", "bounced_hard", "bounced_soft")
"""Handed over, whatever came of it: as messages arrive or come back there are not fewer."""
WAITING = ("queued", "sending", "failed_temporary")


def state(campaign: Campaign) -> State:
    """Of a list that goes out by hand nothing is sent by putting people on it."""
    said = _("on the list") if campaign.state == SENT and by_hand(campaign) else state_said(campaign.state)
    return State(said, TONES.get(campaign.state, ""))


def by_hand(campaign: Campaign) -> bool:
    """Whether it makes a list for people to work through: calls, post, tables, audiences, areas."""
    return isinstance(channel(campaign.channel), ListChannel)


def why(campaign: Campaign) -> Said | None:
    """What paused it, where it paused by itself."""
    return said_of_pause(campaign.why) if campaign.why else None


def quiet(campaign: Campaign) -> Rules | None:
    """The rules whose quiet hours it keeps; None where there are none, or it wakes nobody."""
    rules = the_shop().campaigns.rules
    return rules if keeps_the_night(campaign.channel, rules) else None


def waiting(campaign: Campaign, standing: Standing, now: datetime) -> dict[str, Any]:
    """Until when nothing of it goes, and the quiet hours where it is night in the shop; ``now`` is naive UTC."""
    if standing.next_due is None or standing.next_due <= now:
        return {}
    rules = quiet(campaign)
    night = rules is not None and quiet_until(now, the_shop().settings.zone, rules) is not None
    return {"waits_until": standing.next_due, "quiet": rules if night else None}


def resting(campaign: Campaign) -> Said | None:
    """What the other side said that takes nothing at the moment, while it is tried again."""
    box = outbox() if campaign.state == SENDING else None
    said = box.resting(campaign.channel) if box else ""
    return said_of_pause(said) if said else None


DELIVERIES = {
    "queued": gettext_noop("waiting"), "sending": gettext_noop("under way"), "sent": gettext_noop("sent in all"),
    "delivered": gettext_noop("arrived"), "bounced_hard": gettext_noop("came back: no such address"),
    "bounced_soft": gettext_noop("came back for now"), "complained": gettext_noop("called unwanted"),
    "failed_temporary": gettext_noop("to be tried again"), "failed_permanent": gettext_noop("refused"),
    "unknown": gettext_noop("not known whether it arrived"), "left_out": gettext_noop("left out at the last moment"),
    "stopped": gettext_noop("stopped before it went")}


def deliveries(counts: Mapping[str, int], listed: bool = False) -> list[tuple[str, int]]:
    """The states there are, in words, in the order in which a delivery goes through them; ``listed``: on a list.

    All that were handed over are sent, those that somebody called unwanted arrived.
    """
    found = {**counts, "sent": sum(counts.get(each, 0) for each in HANDED),
             "delivered": counts.get("delivered", 0) + counts.get("complained", 0)}
    words = {**DELIVERIES, **({"sent": gettext_noop("on the list")} if listed else {})}
    return [(_(said), found[state]) for state, said in words.items() if found.get(state)]


RESPONSES = {
    "opened": gettext_noop("opened it"), "clicked": gettext_noop("clicked in it"), "replied": gettext_noop("answered"),
    "redeemed": gettext_noop("used the code"), "unsubscribed": gettext_noop("unsubscribed"),
    "complained": gettext_noop("called it unwanted"), "bounced": gettext_noop("could not be reached"),
    "reached": gettext_noop("were reached"), "not_reached": gettext_noop("were not reached")}


WAYS = ("sent", "delivered", "failed")
"""What happened to a message, not what somebody did."""


def responses(people: Mapping[str, int]) -> list[tuple[str, int]]:
    """What people did, in words; a kind that has none stands as it is."""
    known = [(_(words), people[kind]) for kind, words in RESPONSES.items() if people.get(kind)]
    return known + [(kind, n) for kind, n in people.items() if kind not in RESPONSES and kind not in WAYS]


def row(found: Campaigns, campaign: Campaign) -> Row:
    standing = found.progress(campaign.name)
    count = standing.deliveries
    return Row(campaign, state(campaign), sum(count.get(each, 0) for each in HANDED),
               sum(count.get(each, 0) for each in WAITING), standing.people.get("clicked"), why(campaign))


def free_name(found: Campaigns, wanted: str) -> str:
    """The name, with a number where it is taken."""
    taken = {each.name.casefold() for each in found.list()}
    number, name = 2, wanted
    while name.casefold() in taken:
        name, number = f"{wanted} {number}", number + 1
    return name
