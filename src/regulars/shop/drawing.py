"""Who would get a campaign, and what is found in its messages: worked out once for as long as nothing moves.

The check before a campaign goes, the page that shows it and the beginning itself ask the same of the same facts. What
one of them found holds for the next, whichever thread asks, until anything that it hangs on is another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.prepared import Report
from regulars.model.clock import local_day
from regulars.model.settings import Settings
from regulars.outreach import settings as kept
from regulars.outreach.audience import Audience
from regulars.outreach.campaign import Campaign, Guard
from regulars.outreach.composing import Composer
from regulars.outreach.content.preflight import Finding
from regulars.outreach.guard import GuardBox
from regulars.outreach.store import Store
from regulars.segments.kept import facts_version
from regulars.shop.preflight import Looked, of_content

T = TypeVar("T")
MOST_KEPT = 6
GOOD_FOR = timedelta(minutes=10)
"""So long what was drawn holds where nothing moved: messages grow old for the cap, and consents come of age."""
SHOWN_FOR = timedelta(minutes=1)
"""So long a page may show what was found, with its moment, though facts come in meanwhile."""
Choose = Callable[[Campaign, datetime], Audience]


@dataclass(frozen=True)
class Stand:
    """What a draw hangs on: what is decided, as a digest, and what moves by itself."""

    decided: str
    moved: tuple[Any, ...]


@dataclass(frozen=True)
class _Drawn:
    """``findings`` are None until somebody asks for them."""

    stand: Stand
    at: datetime
    audience: Audience
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True)
class _Looked:
    stand: Stand
    at: datetime
    looked: Looked


@dataclass(frozen=True)
class _Boxed:
    stand: Stand
    at: datetime
    box: GuardBox


class Drawing:
    """Of one shop; what is kept is the process', and gone with it. ``now`` is naive UTC."""

    def __init__(self, engine: DuckDBEngine, settings: Settings, folder: Path, store: Store, choose: Choose) -> None:
        self._engine = engine
        self._settings = settings
        self._folder = folder
        self._store = store
        self._choose = choose

    def audience(self, campaign: Campaign, now: datetime) -> Audience:
        """Who would get it if it began now: as drawn before where nothing moved since, with the moment of that."""
        return self._drawn(campaign, self.stand(campaign, now), now).audience

    def findings(self, campaign: Campaign, composer: Composer, now: datetime,
                 report: Report = lambda _: None) -> tuple[Finding, ...]:
        """What is found in its messages over those who would get them; raises as drawing these does."""
        stand = self.stand(campaign, now)
        found = self._drawn(campaign, stand, now)
        if found.findings is None:
            said = of_content(self._engine, self._settings, campaign, composer, found.audience, now, report)
            found = _keep_in(_drawn, self._of(campaign), replace(found, findings=tuple(said)))
        return found.findings or ()

    def looked(self, campaign: Campaign, now: datetime, within: timedelta = SHOWN_FOR) -> Looked | None:
        """What was found when it was last looked over: as it stands, or ``within`` so long though facts came in since.
        """
        with _lock:
            found = _looked.get(self._of(campaign))
        if found is None or not timedelta() <= now - found.at <= GOOD_FOR:
            return None
        stand = self.stand(campaign, now)
        shown = found.stand == stand or (found.stand.decided == stand.decided and now - found.at <= within)
        return found.looked if shown else None

    def keep_looked(self, campaign: Campaign, stand: Stand, looked: Looked, now: datetime) -> None:
        """For pages that come back to it; ``stand`` is as it was before anybody looked."""
        _keep_in(_looked, self._of(campaign), _Looked(stand, now, looked))

    def boxed(self, campaign: Campaign, now: datetime, within: timedelta = SHOWN_FOR) -> GuardBox | None:
        """Who of it would buy anyway, as `looked` has what was found; its own guard makes no difference to that."""
        with _lock:
            found = _boxed.get(self._of(campaign))
        if found is None or not timedelta() <= now - found.at <= GOOD_FOR:
            return None
        stand = self.stand(replace(campaign, guard=Guard()), now)
        shown = found.stand == stand or (found.stand.decided == stand.decided and now - found.at <= within)
        return found.box if shown else None

    def keep_boxed(self, campaign: Campaign, stand: Stand, box: GuardBox, now: datetime) -> None:
        """``stand`` is that of the campaign without its guard, as it was before anybody looked."""
        _keep_in(_boxed, self._of(campaign), _Boxed(stand, now, box))

    def drawn(self, campaign: Campaign, now: datetime) -> bool:
        """Whether `audience` answers at once."""
        return self._kept(campaign, self.stand(campaign, now), now) is not None

    def _drawn(self, campaign: Campaign, stand: Stand, now: datetime) -> _Drawn:
        known = self._kept(campaign, stand, now)
        return known or _keep_in(_drawn, self._of(campaign), _Drawn(stand, now, self._choose(campaign, now)))

    def _of(self, campaign: Campaign) -> tuple[Path, int]:
        return self._folder, campaign.id

    def _kept(self, campaign: Campaign, stand: Stand, now: datetime) -> _Drawn | None:
        with _lock:
            found = _drawn.get(self._of(campaign))
        holds = found is not None and found.stand == stand and timedelta() <= now - found.at <= GOOD_FOR
        return found if holds else None

    def stand(self, campaign: Campaign, now: datetime) -> Stand:
        """What a draw would hang on by now."""
        rules = kept.rules(self._store)
        decided = repr((campaign.to_json(), campaign.state, campaign.why, rules, self._settings,
                        sorted(kept.of_channel(self._store, self._folder, campaign.channel).items())))
        return Stand(blake2b(decided.encode(), digest_size=16).hexdigest(), (
            facts_version(self._engine), *self._engine.rows(SEGMENTS)[0], *self._store.rows(SUPPRESSED),
            *self._store.rows(BEGUN), *(self._store.rows(SENT) if rules.cap_messages else ()),
            local_day(now, self._settings.zone)))


SEGMENTS = ("SELECT count(*), count(until), max(since), (SELECT md5(string_agg(name || ' ' || version, '|' ORDER BY "
            "name)) FROM segments) FROM memberships")
SUPPRESSED = "SELECT channel, reason, count(*), max(at) FROM suppressed GROUP BY 1, 2 ORDER BY 1, 2"
BEGUN = "SELECT count(*), max(began_at) FROM campaigns WHERE began_at IS NOT NULL"
SENT = "SELECT count(*), max(sent_at) FROM deliveries WHERE sent_at IS NOT NULL"
_drawn: OrderedDict[tuple[Path, int], _Drawn] = OrderedDict()
_looked: OrderedDict[tuple[Path, int], _Looked] = OrderedDict()
_boxed: OrderedDict[tuple[Path, int], _Boxed] = OrderedDict()
_lock = threading.Lock()


def _keep_in(kept_ones: OrderedDict[tuple[Path, int], T], of: tuple[Path, int], one: T) -> T:
    with _lock:
        kept_ones[of] = one
        kept_ones.move_to_end(of)
        while len(kept_ones) > MOST_KEPT:
            kept_ones.popitem(last=False)
    return one


def forget(folder: Path) -> None:
    """What was drawn of a shop: somebody is to be forgotten."""
    with _lock:
        _forget_in(_drawn, folder)
        _forget_in(_looked, folder)
        _forget_in(_boxed, folder)


def _forget_in(kept_ones: OrderedDict[tuple[Path, int], T], folder: Path) -> None:
    for of in [each for each in kept_ones if each[0] == folder]:
        del kept_ones[of]
