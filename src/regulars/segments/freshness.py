"""How far memberships are true of the facts as they are now, and what the last look at everybody found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import SegmentFailed, SegmentStale
from regulars.model.phrases import Said, Sentence, of_text
from regulars.segments.noted import note, noted
from regulars.segments.refusals import why

REBUILT = "segments.rebuilt"
"""The key in ``meta`` under which the last rebuild stands."""
DRIFT = "segments.drift"
"""The same for what was found to differ since."""
STANDS, BY_THE_CLOCK = "stands_at", "by the clock"
"""Whether a shop of old data is judged as of its last day: the key in ``meta``, and its value where it is not."""
SAME_RULE = "coalesce(refreshed_version = version, changed_at <= refreshed_at, false)"
"""Whether the last look was under the rule as it is; which version that was is not known of looks long ago."""
FRESH, UPDATING, STALE, FAILED = "fresh", "updating", "stale", "failed"
UPDATED_WITHIN = timedelta(seconds=60)
"""A change this young is on its way; an older one that no look has taken in means that nobody looks."""
SETTLED_WITHIN = timedelta(seconds=10)
"""Live messages that wait longer than this, as while a large file comes in, may have changed who is in."""
GOOD_FOR = timedelta(minutes=15)
"""So long after a look time alone may have changed who is in."""


@dataclass(frozen=True)
class State:
    """``state`` is fresh, updating, stale or failed; ``as_of`` the moment of the last look, None before the first;
    ``reason`` why it is not fresh: "never", "rule", "facts", "live" (messages wait to be settled), "time", or what a
    failed rule was refused for."""

    segment: str
    state: str
    as_of: datetime | None
    reason: Said = ""

    @property
    def is_fresh(self) -> bool:
        return self.state == FRESH

    @property
    def is_known(self) -> bool:
        """Whether who is in under the rule as it stands is known, be it as of a moment that is over."""
        return self.state != FAILED and self.reason not in ("never", "rule")


@dataclass(frozen=True)
class Rebuilt:
    """What looks at everybody found to differ from what was kept, by segment; those without a difference aside.

    What refreshes found since the rebuild before is counted in: they put it right at once, but it had been wrong.
    """

    at: datetime
    by_segment: Mapping[str, int]

    @property
    def differences(self) -> int:
        return sum(self.by_segment.values())


def note_drift(engine: DuckDBEngine, found: Mapping[str, int]) -> None:
    """Add what a look at everybody found to differ to what others found since the last rebuild."""
    if found:
        before = drift(engine)
        both = {name: found.get(name, 0) + before.get(name, 0) for name in {**before, **found}}
        note(engine, DRIFT, json.dumps(both))


def drift(engine: DuckDBEngine) -> dict[str, int]:
    """What `note_drift` noted since the last rebuild, by segment."""
    return dict(json.loads(noted(engine, DRIFT) or "{}"))


def keep_rebuilt(engine: DuckDBEngine, done: Rebuilt) -> None:
    note(engine, REBUILT, json.dumps({"at": done.at.isoformat(), "by_segment": dict(done.by_segment)}))
    note(engine, DRIFT, "{}")


def last_rebuilt(engine: DuckDBEngine) -> Rebuilt | None:
    """The last rebuild, None before the first."""
    said = json.loads(noted(engine, REBUILT) or "null")
    return Rebuilt(datetime.fromisoformat(said["at"]), said["by_segment"]) if said else None


def states(engine: DuckDBEngine, now: datetime, good_for: timedelta = GOOD_FOR,
           waited: timedelta = timedelta()) -> dict[str, State]:
    """The state of each segment at ``now`` (naive UTC); a look is good for ``good_for``. ``waited``: how long the
    oldest live message has waited to be settled.

    A segment that ranks everybody is fresh while its last look is, whatever facts came since: it says as of when.
    """
    rows = engine.rows(
        f"SELECT name, refreshed_at, refreshed_facts, {SAME_RULE}, changed_at, failed, coalesce(by_schedule, false) "
        "FROM segments ORDER BY name")
    version = engine.value("SELECT value::BIGINT FROM meta WHERE key = 'facts_version'")
    told = dict(engine.rows('SELECT facts_version, min("at") FROM changed_customers GROUP BY 1'))
    return {name: _behind(_state(name, looked, version if by_schedule else facts, same, changed, failed, version, told,
                                 now, good_for + UPDATED_WITHIN * by_schedule), waited)
            for name, looked, facts, same, changed, failed, by_schedule in rows}


def as_leaned_on(found: Mapping[str, State], leaned_on: Callable[[], Mapping[str, Set[str]]]) -> dict[str, State]:
    """The same, but that who is in a segment is not known where it is not of one that it leans on; ``leaned_on`` says
    on which each does."""
    if all(state.is_known for state in found.values()):
        return dict(found)
    others = leaned_on()

    def of(name: str) -> State:
        states = (found[name], *map(of, sorted(others.get(name, set()) & found.keys())))
        unknown = next((s for s in states if not s.is_known), None)
        return found[name] if unknown is None else replace(unknown, segment=name, as_of=found[name].as_of)
    return {name: of(name) for name in found}


def _state(name: str, looked: datetime | None, facts: int | None, same_rule: bool | None, changed: datetime,
           failed: str | None, version: int, told: Mapping[int, datetime | None], now: datetime,
           good_for: timedelta) -> State:
    if failed:
        return State(name, FAILED, looked, of_text(failed))
    if looked is None or not same_rule:
        return _moving(name, looked, "never" if looked is None else "rule", changed, now)
    if looked - now > UPDATED_WITHIN:  # the clock was set back: nobody can look before it is past that look
        return State(name, STALE, looked, "time")
    if facts != version:
        since = min((at for number, at in told.items() if at and number > (facts or 0)), default=looked)
        return _moving(name, looked, "facts", since, now)
    return State(name, STALE, looked, "time") if now - looked > good_for else State(name, FRESH, looked)


def _moving(name: str, looked: datetime | None, reason: str, since: datetime, now: datetime) -> State:
    return State(name, UPDATING if abs(now - since) <= UPDATED_WITHIN else STALE, looked, reason)


def _behind(state: State, waited: timedelta) -> State:
    """What is known of all that was settled is not known of what waits."""
    if waited <= SETTLED_WITHIN or state.state not in (FRESH, UPDATING):
        return state
    return replace(state, state=UPDATING if waited <= UPDATED_WITHIN else STALE, reason="live")


def stale(engine: DuckDBEngine) -> dict[str, bool]:
    """For each segment, whether facts or its rule have changed since it was last looked at."""
    return {name: bool(old) for name, old in engine.rows(
        f"SELECT name, refreshed_at IS NULL OR NOT {SAME_RULE} OR failed IS NOT NULL OR refreshed_facts IS "
        "DISTINCT FROM (SELECT value::BIGINT FROM meta WHERE key = 'facts_version') FROM segments")}


def stands(engine: DuckDBEngine) -> datetime | None:
    """The last day of old data, where the shop stands there; None where segments were looked at since, or go by the
    clock."""
    said, last_look = engine.rows("SELECT (SELECT value FROM meta WHERE key = ?), (SELECT max(refreshed_at) FROM"
                                  " segments)", [STANDS])[0]
    if said is None or said == BY_THE_CLOCK:
        return None
    at = datetime.fromisoformat(said)
    return at if last_look is None or last_look <= at else None


def require_moving(engine: DuckDBEngine, segment: str) -> None:
    """Raise `SegmentStale` where the shop stands at the last day of old data: nobody knows who is in today."""
    if (at := stands(engine)) is not None:
        raise SegmentStale(why("Everything is as of {day}, the last day of the data, so who is in segment '{segment}' "
                               "today is not known and nothing can be sent.", day=f"{at:%Y-%m-%d}", segment=segment),
                           hint=why("Have everything as of today first: the notice on the pages has a button for it."),
                           command="regulars segment advance")


def require_fresh(state: State) -> None:
    """Raise `SegmentFailed` or `SegmentStale` where who is in is not known as of now."""
    if state.state == FAILED:
        raise SegmentFailed(why("Segment '{segment}' cannot be used: {reason}", segment=state.segment,
                                reason=state.reason), hint=why("Change its rule first."))
    if not state.is_fresh:
        known = why("was never looked at") if state.as_of is None else \
            why("is known as of {moment} UTC only", moment=f"{state.as_of:%Y-%m-%d %H:%M}")
        hint, command = _what_helps(state)
        error = SegmentStale(why("Who is in segment '{segment}' {known}, and may be others now.", segment=state.segment,
                                 known=known), hint=hint, command=command)
        error.passes = True
        raise error


def require_known(state: State) -> State:
    """The state; raises as `require_fresh` where who is in under the rule is not known of any moment."""
    if not state.is_known:
        require_fresh(state)
    return state


def _what_helps(state: State) -> tuple[Sentence, str]:
    if state.reason == "live":
        return why("What came in live waits to be brought in, as while a large file comes in: try again in a "
                   "moment."), ""
    if state.state == UPDATING:
        return why("It is being brought up to date: try again in a moment."), ""
    return why("Bring it up to date."), "regulars segment advance"
