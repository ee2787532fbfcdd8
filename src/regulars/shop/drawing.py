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
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.prepared import Report
from regulars.model.clock import local_day
from regulars.model.settings import Settings
from regulars.outreach import settings as kept
from regulars.outreach.audience import Audience
from regulars.outreach.campaign import Campaign
from regulars.outreach.composing import Composer
from regulars.outreach.content.preflight import Finding
from regulars.outreach.store import Store
from regulars.segments.kept import facts_version
from regulars.shop.preflight import Looked, of_content

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
            found = _keep(self._of(campaign), replace(found, findings=tuple(said)))
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
        with _lock:
            _looked[self._of(campaign)] = _Looked(stand, now, looked)
            _looked.move_to_end(self._of(campaign))
            while len(_looked) > MOST_KEPT:
                _looked.popitem(last=False)

    def drawn(self, campaign: Campaign, now: datetime) -> bool:
        """Whether `audience` answers at once."""
        return self._kept(campaign, self.stand(campaign, now), now) is not None

    def _drawn(self, campaign: Campaign, stand: Stand, now: datetime) -> _Drawn:
        known = self._kept(campaign, stand, now)
        return known or _keep(self._of(campaign), _Drawn(stand, now, self._choose(campaign, now)))

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
_lock = threading.Lock()


def _keep(of: tuple[Path, int], drawn: _Drawn) -> _Drawn:
    with _lock:
        _drawn[of] = drawn
        _drawn.move_to_end(of)
        while len(_drawn) > MOST_KEPT:
            _drawn.popitem(last=False)
    return drawn


def forget(folder: Path) -> None:
    """What was drawn of a shop: somebody is to be forgotten."""
    with _lock:
        for kept_ones in (_drawn, _looked):
            for of in [each for each in kept_ones if each[0] == folder]:
                del kept_ones[of]
