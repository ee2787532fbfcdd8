"""What analyses found, kept by the process while the facts stand still and the day lasts."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.app import moments
from regulars.app.facts import the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.jobs.running import start
from regulars.errors import RegularsError
from regulars.insight.common import Result
from regulars.segments.kept import facts_version

INSIGHT = "insight"
MOST_KEPT = 200
GOOD_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A result, or why there is none; ``now`` is the moment it is true of."""

    now: datetime
    facts: int
    result: Result | None = None
    error: RegularsError | None = None


_kept: OrderedDict[str, Kept] = OrderedDict()
_lock = threading.Lock()


def key_of(analysis: str, parameters: Mapping[str, Any]) -> str:
    return json.dumps([str(the_shop().folder), analysis, dict(parameters)], sort_keys=True, default=str)


def find(analysis: str, parameters: Mapping[str, Any], now: datetime) -> Kept | None:
    """What was found of the facts as they are, not longer than a day ago; None where it is to be asked."""
    with _lock:
        found = _kept.get(key_of(analysis, parameters))
    if found is None or now - found.now > GOOD_FOR or found.facts != facts_version(the_shop().engine):
        return None
    return found


def ask(analysis: str, parameters: Mapping[str, Any]) -> Job:
    """The job that is working it out, begun where none is; raises `NotFound` only in the job."""
    asked = {"analysis": analysis, "parameters": dict(parameters)}
    running = Job.objects.filter(kind=INSIGHT, state__in=OPEN, asked=asked).first()
    return running or start(INSIGHT, asked)


def work_out(analysis: str, parameters: Mapping[str, Any]) -> Kept:
    """Run the analysis and keep what it found, or why it refused."""
    shop = the_shop()
    now, facts = moments.current(), facts_version(shop.engine)
    try:
        kept = Kept(now, facts, shop.insight(analysis, now.replace(tzinfo=UTC), **parameters))
    except RegularsError as error:
        kept = Kept(now, facts, error=error)
    with _lock:
        _kept[key_of(analysis, parameters)] = kept
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return kept
