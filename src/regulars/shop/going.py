"""Campaigns that wait for their hour, and what is asked again of those that go out for days."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from regulars.errors import NotFound, Refused, RegularsError, SegmentStale, UnknownName
from regulars.model.phrases import as_text, whole
from regulars.model.settings import Settings
from regulars.outreach import beginning
from regulars.outreach.again import Again
from regulars.outreach.campaign import ONCE, SCHEDULED, Campaign
from regulars.outreach.campaigns import Saved
from regulars.outreach.store import Store

ASKED_EVERY = timedelta(minutes=10)
"""So often it is asked whether it is still known who is in the segments of a campaign that goes out."""
Ask = Callable[[Campaign, datetime], object]


class Schedule:
    """Begins what was scheduled. ``now`` is naive UTC; ``begin`` raises what keeps one from beginning."""

    def __init__(self, store: Store, settings: Settings, begin: Ask) -> None:
        self._saved = Saved(store)
        self._again = Again(store)
        self._settings = settings
        self._begin = begin

    def forget(self) -> None:
        """What was refused before is tried at once."""
        self._again.forget()

    def begin_due(self, now: datetime) -> None:
        """Begin those whose hour has come; one that cannot be waits, says why, and is tried again at growing pauses,
        restarts between them or not: at once where somebody scheduled it anew."""
        for campaign in self._saved.list():
            first = beginning.begins_at(campaign, self._settings) if campaign.state == SCHEDULED else None
            if first is None or first > now:
                continue
            if not campaign.why:
                self._again.forget(campaign.id)
            if not self._again.due(campaign.id, now):
                continue
            try:
                self._begin(campaign, now)
            except RegularsError as error:
                self._again.refused(campaign.id, now)
                self._saved.move(campaign, SCHEDULED, of=[SCHEDULED], now=now, reason=as_text(whole(error)))


class Freshness:
    """Whether it is still known who is in the segments of a campaign that goes out: what is known no more is looked at
    anew, and where that does not help the campaign waits, with the reason.

    An automation asks by itself before it hands a step out; a segment that is gone holds a campaign by itself.
    """

    def __init__(self, ask: Ask, advance: Callable[[datetime], object]) -> None:
        self._ask = ask
        self._advance = advance
        self._asked: dict[int, datetime] = {}

    def require(self, campaign: Campaign, now: datetime) -> None:
        """Raises `SegmentStale`, `SegmentFailed`."""
        asked = self._asked.get(campaign.id)
        if campaign.kind != ONCE or (asked and timedelta() <= now - asked < ASKED_EVERY):
            return
        with suppress(NotFound, UnknownName):
            self._known(campaign, now)
        self._asked[campaign.id] = now

    def _known(self, campaign: Campaign, now: datetime) -> None:
        try:
            self._ask(campaign, now)
        except SegmentStale:
            with suppress(Refused):
                self._advance(now)
            self._ask(campaign, now)
