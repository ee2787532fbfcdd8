"""A campaign: who gets which message, what it offers, and where it stands. Plain data that is kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

ONCE, STEP = "once", "step"
KINDS = (ONCE, STEP)
"""Sent once, or a step of an automation, whose audience grows."""
DRAFT, SCHEDULED, SENDING, PAUSED, STOPPED, SENT = "draft", "scheduled", "sending", "paused", "stopped", "sent"
STATES = (DRAFT, SCHEDULED, SENDING, PAUSED, STOPPED, SENT)
CHANGEABLE = (DRAFT, PAUSED)
UNDER_WAY = (SCHEDULED, SENDING, PAUSED)
OFFERS = ("percent", "amount", "free_shipping", "gift")


@dataclass(frozen=True)
class Offer:
    """What is given: ``value`` is a decimal text (percent, or an amount of the shop's currency).

    ``code`` is one for all; ``single`` has each person get one of their own, good once. ``valid_days`` from the sending
    on, 0 for ever.
    """

    kind: str
    value: str = "0"
    code: str = ""
    single: bool = False
    valid_days: int = 0


@dataclass(frozen=True)
class Variant:
    """What the people of ``segment`` get; "" are those of no other variant.

    ``test``: "A", "B" … where several variants share the people of one segment by chance. ``content`` is the message:
    as ``outreach/content`` keeps it, or plainly ``subject``, ``text`` and ``html``.
    """

    name: str
    segment: str = ""
    test: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    offer: Offer | None = None


@dataclass(frozen=True)
class Guard:
    """Whether those who would buy anyway (their chance is at least ``threshold``) are left out of an offer.

    ``proposed``: the threshold is where leaving out begins to pay, and follows what the campaign decides.
    """

    leave_out: bool = False
    threshold: float = 0.5
    proposed: bool = False


ABOUT, RELEASES = "about", "releases"
"""What of a campaign's ``extra`` says that its occasions are products."""


@dataclass(frozen=True)
class Campaign:
    """``segments`` without ``exclude``; each person gets the first of ``variants`` whose segment they are in.

    ``language`` "" is each customer's own. ``window_days``: how far results and guard look. ``local``: the wall clock
    of ``scheduled_at`` (naive UTC, as the shop's zone reads it) is each customer's own; ``best_hour``: on that day at
    the hour at which each used to act. ``extra`` is for whoever builds on campaigns. ``why``: what paused it.
    ``product``: the id of the one that its messages are about. ``goal``: the rule of what is to happen, "" for an
    order.
    """

    name: str
    segments: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    kind: str = ONCE
    channel: str = "email"
    language: str = ""
    offer: Offer | None = None
    control_share: float = 0.1
    guard: Guard = field(default_factory=Guard)
    window_days: int = 14
    scheduled_at: datetime | None = None
    local: bool = False
    best_hour: bool = False
    track_opens: bool = True
    track_clicks: bool = True
    product: str = ""
    goal: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    state: str = DRAFT
    why: str = ""
    version: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None

    def variant(self, name: str) -> Variant | None:
        return next((v for v in self.variants if v.name == name), None)

    @property
    def of_releases(self) -> bool:
        """Whether each of its occasions is the id of a product that came out: a step of such an automation."""
        return self.extra.get(ABOUT) == RELEASES

    def offer_of(self, variant: Variant) -> Offer | None:
        """The variant's own, else the campaign's."""
        return variant.offer or self.offer

    def to_json(self) -> str:
        """What a version keeps: neither where it stands nor who changed it."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in KEPT_IN_COLUMNS}
        said |= {"variants": [asdict(v) for v in self.variants], "guard": asdict(self.guard),
                 "offer": asdict(self.offer) if self.offer else None,
                 "scheduled_at": self.scheduled_at.isoformat() if self.scheduled_at else None}
        return json.dumps(said, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, **columns: Any) -> Campaign:
        """What `to_json` gave, and what stands in columns; unknown words of a newer version are passed over."""
        said = json.loads(text)
        known = {k: v for k, v in said.items() if k in {f.name for f in fields(cls)}}
        made = cls(**{**known, **columns})
        at = said.get("scheduled_at")
        return replace(
            made, segments=tuple(made.segments), exclude=tuple(made.exclude),
            variants=tuple(_variant(v) for v in said.get("variants", ())), offer=_offer(said.get("offer")),
            guard=Guard(**said.get("guard") or {}), scheduled_at=datetime.fromisoformat(at) if at else None)


KEPT_IN_COLUMNS = frozenset({"id", "state", "why", "version", "changed_at", "changed_by", "began_at", "ended_at"})


def _variant(said: Mapping[str, Any]) -> Variant:
    return Variant(**{**said, "offer": _offer(said.get("offer"))})


def _offer(said: Mapping[str, Any] | None) -> Offer | None:
    return Offer(**said) if said else None
