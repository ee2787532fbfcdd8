"""Saved rules: written once, kept in versions, and refreshed so that they know who came and went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import TypeVar

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.errors import NotFound, Refused, RuleError
from regulars.model.clock import TICK, day_start, local_day
from regulars.model.phrases import of_text, whole
from regulars.model.settings import Settings
from regulars.rules import Condition, Vocabulary, check, fold, parse
from regulars.rules.constructs.segment import InSegment
from regulars.segments import memberships
from regulars.segments.advancing import RANKS_EVERY, Look, refuse_going_back
from regulars.segments.agenda import Agenda
from regulars.segments.evaluate import Evaluator
from regulars.segments.expecting import Expected, expected
from regulars.segments.freshness import (
    Rebuilt,
    State,
    as_leaned_on,
    drift,
    keep_rebuilt,
    last_rebuilt,
    note_drift,
    require_fresh,
    require_known,
    require_moving,
    states,
)
from regulars.segments.kept import keep
from regulars.segments.known import scored_at
from regulars.segments.looking_back import look_back
from regulars.segments.memberships import Movement
from regulars.segments.refusals import why
from regulars.segments.standing import REFUSALS, refused_alone, standings

LONGEST_NAME = 200
STEPS = {"day": 1, "week": 7, "month": 30}
"""Days from one size to the next."""
T = TypeVar("T")
Several = list[T]
"""`list`, inside a class whose method bears that name."""


@dataclass(frozen=True)
class Segment:
    """A saved rule; ``members`` and ``refreshed_at`` are of its last look, None before the first.

    ``failed``: why its rule could not be asked at the last look.
    """

    name: str
    rule: str
    note: str
    version: int
    changed_at: datetime
    changed_by: str
    refreshed_at: datetime | None = None
    members: int | None = None
    failed: str | None = None


@dataclass(frozen=True)
class Size:
    """Members at the end of a day (or at ``now`` on the last), and who had come and gone since the one before."""

    day: date
    members: int
    entered: int
    left: int


@dataclass(frozen=True)
class Overlap:
    """How many are in exactly these segments and no other of those asked for."""

    segments: tuple[str, ...]
    people: int


class Segments:
    """The segments of one shop. ``asked_by`` names what goes out to people by a segment, and needs to know of them;
    ``waited`` tells how long live messages have waited to be settled."""

    def __init__(self, engine: DuckDBEngine, settings: Settings,
                 asked_by: Callable[[str], Sequence[str]] = lambda _: (),
                 waited: Callable[[], timedelta] = timedelta) -> None:
        self.engine = engine
        self.settings = settings
        self._asked_by = asked_by
        self._waited = waited
        self.evaluator = Evaluator(engine, settings)
        self._agenda = Agenda(engine)

    def list(self) -> Several[Segment]:
        """All segments by name, with their size at the last refresh."""
        return [replace(Segment(*row), failed=row[-1] and str(of_text(row[-1]))) for row in self.engine.rows(
            "SELECT name, rule, note, version, changed_at, changed_by, refreshed_at, members, failed FROM segments"
            " ORDER BY name")]

    def get(self, name: str) -> Segment:
        """Raises `NotFound` with the nearest name."""
        found = {fold(s.name): s for s in self.list()}
        if fold(name) not in found:
            self.evaluator.vocabulary().segment(name)
            raise NotFound(why("There is no segment called '{name}'.", name=name))
        return found[fold(name)]

    def add(self, name: str, rule: str, *, now: datetime, note: str = "", by: str = "") -> Segment:
        """Save a new rule; raises `RuleError` where it does not fit and `Refused` where the name is taken."""
        name = self._free_name(name)
        text = self._checked(rule, name).text()
        with self.engine.changing_memberships():
            self.engine.execute("INSERT INTO segments (name, rule, note, version, changed_at, changed_by) VALUES "
                                "(?, ?, ?, 1, ?, ?)", [name, text, note, now, by])
            self._keep_version(name)
        return self.get(name)

    def change(self, name: str, *, now: datetime, rule: str | None = None, note: str | None = None,
               by: str = "") -> Segment:
        """A new version of rule or note; earlier ones are kept. Who is in is looked at again at the next refresh."""
        old = self.get(name)
        text = old.rule if rule is None else self._checked(rule, old.name).text()
        with self.engine.changing_memberships():
            self.engine.execute(
                "UPDATE segments SET rule = ?, note = ?, version = version + 1, changed_at = ?, changed_by = ?"
                " WHERE name = ?", [text, old.note if note is None else note, now, by, old.name])
            self._keep_version(old.name)
        return self.get(name)

    def versions(self, name: str) -> Several[Segment]:
        """Every version, newest first."""
        return [Segment(*row) for row in self.engine.rows(
            "SELECT name, rule, note, version, changed_at, changed_by FROM segment_versions WHERE name = ?"
            " ORDER BY version DESC", [self.get(name).name])]

    def remove(self, name: str, *, now: datetime) -> None:
        """Whoever reads on in the changes is told that its members left at ``now``.

        Raises `Refused` naming the segments that lean on it, and what goes out by it.
        """
        gone = self.get(name)
        leaning = [s.name for s in self.list() if s.name != gone.name and gone.name in self._leans_on(s.rule)]
        if leaning:
            raise Refused(why("'{gone}' is used by {known}.", gone=gone.name, known=[f"'{each}'" for each in leaning]),
                          hint=why("Change or remove those first."))
        if asking := self._asked_by(gone.name):
            raise Refused(why("By '{gone}' it is decided who gets {known}.", gone=gone.name,
                              known=[f"'{each}'" for each in asking]),
                          hint=why("Stop those first, or have them ask another segment."))
        with self.engine.changing_memberships():
            for table in ("segments", "segment_versions"):
                self.engine.execute(f"DELETE FROM {table} WHERE name = ?", [gone.name])
            memberships.dissolve(self.engine, gone.name, now)

    def refresh(self, now: datetime) -> Several[Movement]:
        """Look at everybody for every segment at ``now``: features are kept, memberships brought in line.

        First as by `advance`, then of everybody's kept features: what that finds beyond was missed, and is counted by
        the next `rebuild`. Raises `RuleError` by the name of a segment that does not fit any more; `advance` goes on
        without it.
        """
        vocabulary = self.evaluator.vocabulary()
        trees = {s.name: self._still_fits(s, vocabulary) for s in self.list()}
        if not trees:
            return []
        refuse_going_back(self.engine, now)
        keep(self.engine, self.settings, vocabulary, trees, now)

        def refresh(_: Agenda | None, refused: Mapping[str, str]) -> Several[Movement]:
            with self.engine.changing_memberships():
                moved, missed = self._at_everybody(now, refused)
                note_drift(self.engine, {m.segment: m.entered + m.left for m in missed if m.entered or m.left})
            return memberships.as_one(moved, missed)

        return self._without_refused(now, refresh)

    def advance(self, now: datetime, ranks_every: timedelta = RANKS_EVERY) -> Several[Movement]:
        """Bring memberships to ``now`` by looking only at whom new facts or the passing of time can have moved.

        Segments that rank everybody are looked at when their last look is ``ranks_every`` old; one whose rule does not
        fit the shop any more, or whose numbers are too large, is said to have failed. Raises `Refused` for a
        moment before the last look.
        """
        refuse_going_back(self.engine, now)
        def advance(agenda: Agenda | None, refused: Mapping[str, str]) -> Several[Movement]:
            with self.engine.turn_of_looks():
                with self.engine.changing_memberships():
                    look = Look(self.evaluator, now, ranks_every=ranks_every, agenda=agenda)
                    moved = self._taken(look, refused)
                look.keep_up()
            look.agree()
            return moved

        return self._without_refused(now, advance)

    def rebuild(self, now: datetime) -> Rebuilt:
        """Bring memberships to ``now``, look at everybody, and repair what differs: there must be nothing.

        What was found is kept, for whoever asks with `rebuilt`. Raises `Refused` for a moment before the last look.
        """
        refuse_going_back(self.engine, now)

        def rebuild(_: Agenda | None, refused: Mapping[str, str]) -> Rebuilt:
            with self.engine.changing_memberships():
                missed = self._at_everybody(now, refused)[1]
                note_drift(self.engine, {m.segment: m.entered + m.left for m in missed if m.entered or m.left})
                done = Rebuilt(now, drift(self.engine))
                keep_rebuilt(self.engine, done)
            return done

        return self._without_refused(now, rebuild)

    def _at_everybody(self, now: datetime, refused: Mapping[str, str]) -> tuple[Several[Movement], Several[Movement]]:
        """Look at few, then at everybody: what the first found, and what it had missed."""
        moved = self._taken(Look(self.evaluator, now, ranks_every=timedelta()), refused)
        look = Look(self.evaluator, now)
        standing = standings(self.engine, self.evaluator, look.vocabulary, refused)
        missed = look.compare(standing)
        look.keep_values(standing)
        return moved, missed

    def expected(self, name: str, now: datetime, until: datetime) -> Expected:
        """Who will come and go between now and then by time alone; raises `NotFound`, and `Refused` for a rank."""
        return expected(self.evaluator, self.get(name).rule, now, until)

    def begin_anew(self) -> None:
        """Forget who was in and when: the next look is the first, and may be at an earlier moment."""
        with self.engine.changing_memberships():
            memberships.forget_all(self.engine, [s.name for s in self.list()])

    def look_back(self, moment: datetime, now: datetime) -> None:
        """Take back the looks after ``moment`` that a clock made which ran ahead of ``now``: as `look_back`."""
        look_back(self.engine, moment, now, self.settings.zone)

    def states(self, now: datetime) -> dict[str, State]:
        """How far who is in each segment is known at ``now``: fresh, updating, stale or failed."""
        return as_leaned_on(states(self.engine, now, waited=self._waited()),
                            lambda: {s.name: self._leans_on(s.rule) for s in self.list()})

    def sendable(self, name: str, now: datetime) -> Segment:
        """The segment, where who is in it is known as of ``now``: for whoever sends to its members.

        Raises `NotFound`, `SegmentFailed`, and `SegmentStale` where facts, time or its rule have moved on since the
        last look, or the shop stands at the last day of old data.
        """
        found = self.get(name)
        require_moving(self.engine, found.name)
        require_fresh(self.states(now)[found.name])
        return found

    def known(self, name: str, now: datetime) -> State:
        """How far the segment is known, for whoever takes its members out, of whatever moment they are.

        Raises `NotFound`, `SegmentFailed` of a failed rule, and `SegmentStale` where no look was under its rule.
        """
        return require_known(self.states(now)[self.get(name).name])

    def rebuilt(self) -> Rebuilt | None:
        """What the last rebuild found, None before the first."""
        return last_rebuilt(self.engine)

    def _without_refused(self, now: datetime, look: Callable[[Agenda | None, Mapping[str, str]], T]) -> T:
        """A look at all segments together; where the engine refuses that, without those it refuses alone."""
        try:
            return look(self._agenda, {})
        except REFUSALS:
            refused = refused_alone(self.evaluator, now)
            if not refused:
                raise
            return look(None, refused)

    def _taken(self, look: Look, refused: Mapping[str, str]) -> Several[Movement]:
        moved = look.take(standings(self.engine, self.evaluator, look.vocabulary, refused))
        memberships.note_sizes(self.engine, moved, local_day(look.now.now, self.settings.zone))
        return moved

    def members(self, name: str) -> pa.Table:
        """Who was in at the last refresh: customer_id, since, why."""
        return memberships.current(self.engine, self.get(name).name)

    def entered(self, name: str, since: datetime) -> pa.Table:
        return memberships.entered(self.engine, self.get(name).name, since)

    def left(self, name: str, since: datetime) -> pa.Table:
        return memberships.left(self.engine, self.get(name).name, since)

    def history(self, rule: str, *, now: datetime, since: date, step: str = "day") -> Several[Size]:
        """Sizes of a rule (or of a saved segment, by its name) from ``since`` to now, one of `STEPS` apart.

        Worked out from the facts as they are known today, in shared passes, also for days before the rule was written;
        of a rule that asks scores for those days only of which they are, see `known_from`.
        """
        text, begins = self._rule_of(rule), self.known_from(rule) or since
        days = [d for d in _days(since, local_day(now, self.settings.zone), STEPS[step]) if d >= begins]
        moments = [min(day_start(d + timedelta(days=1), self.settings.zone) - TICK, now) for d in days]
        return [Size(d, *size) for d, size in zip(days, self.evaluator.sizes(text, moments), strict=True)]

    def known_from(self, rule: str) -> date | None:
        """The first day of which the size of a rule (or of a saved segment, by its name) can be known: that of the
        scores it asks. None where it asks none: every day can."""
        vocabulary = self.evaluator.vocabulary()
        moment = scored_at(self.engine, self.evaluator.read(self._rule_of(rule), vocabulary), vocabulary)
        return None if moment is None else local_day(moment, self.settings.zone)

    def remainder(self, now: datetime, names: Sequence[str] | None = None) -> pa.Table:
        """Customers in none of these segments (all, unless named)."""
        picked = [self.get(n).name for n in names] if names else [s.name for s in self.list()]
        if not picked:
            return self.evaluator.members("everyone", now)
        anyone = " or ".join(InSegment(n).text() for n in picked)
        return self.evaluator.members(f"not ({anyone})", now)

    def in_none(self, now: datetime) -> pa.Table:
        """Customers who were in no segment at all when those were last refreshed; `remainder` asks anew."""
        answer = self.evaluator.answer({"everyone": "everyone"}, now)
        return memberships.in_none(self.engine, f"SELECT customer_id FROM ({answer}) WHERE everyone")

    def together(self, most: int) -> Several[Overlap]:
        """The largest combinations as of the last refresh; `overlaps` asks anew."""
        return [Overlap(tuple(names), people) for names, people in memberships.together(self.engine, most)]

    def overlaps(self, now: datetime, names: Sequence[str] | None = None) -> Several[Overlap]:
        """Every combination of segments with people in it, largest first, each customer counted once."""
        picked = [self.get(n).name for n in names] if names else [s.name for s in self.list()]
        if not picked:
            return []
        answer = self.evaluator.answer({n: InSegment(n) for n in picked}, now)
        columns = ", ".join(quoted(n) for n in picked)
        rows = self.engine.rows(f"SELECT {columns}, count(*) FROM ({answer}) GROUP BY ALL"
                                f" ORDER BY count(*) DESC, {columns}")
        found = [Overlap(tuple(n for n, inside in zip(picked, row, strict=False) if inside), row[-1]) for row in rows]
        return [o for o in found if o.segments]

    def shared(self, now: datetime, names: Sequence[str] | None = None) -> Several[tuple[str, str, int]]:
        """For each pair of segments, how many are in both."""
        combined = self.overlaps(now, names)
        picked = sorted({n for o in combined for n in o.segments})
        return [(a, b, sum(o.people for o in combined if a in o.segments and b in o.segments))
                for a, b in combinations(picked, 2)]

    def _free_name(self, name: str) -> str:
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(why("A segment needs a name of 1 to {most} characters.", most=LONGEST_NAME))
        if fold(name) in {fold(s.name) for s in self.list()}:
            raise Refused(why("There is a segment called '{name}' already.", name=name),
                          hint=why("Change it, or choose another name."))
        return name

    def _checked(self, rule: str, name: str) -> Condition:
        vocabulary = self.evaluator.vocabulary()
        tree = parse(rule)
        check(tree, Vocabulary(vocabulary.attributes, vocabulary.facts, {**vocabulary.segments, name: tree},
                               vocabulary.place), name=name)
        return tree

    def _still_fits(self, segment: Segment, vocabulary: Vocabulary) -> Condition:
        """Its tree; raises `RuleError` by the segment's name where it does not fit any more."""
        try:
            return self.evaluator.read(segment.rule, vocabulary)
        except RuleError as error:
            error.message = why("Segment '{name}' cannot be used: {reason}", name=segment.name,
                                reason=whole(error))
            error.hint = why("Change or remove it, and refresh again.")
            raise

    def _keep_version(self, name: str) -> None:
        self.engine.execute("INSERT INTO segment_versions SELECT name, version, rule, note, changed_at, changed_by"
                            " FROM segments WHERE name = ?", [name])

    def _leans_on(self, rule: str) -> set[str]:
        known = {fold(s.name): s.name for s in self.list()}
        return {known[fold(n.name)] for n in parse(rule).walk() if isinstance(n, InSegment)}

    def _rule_of(self, rule: str) -> str:
        saved = {fold(s.name): s.rule for s in self.list()}
        return saved.get(fold(rule), rule)


def _days(first: date, last: date, step: int) -> list[date]:
    """From first to last, counted back from the last so that today is always among them."""
    span = (last - first).days
    return [last - timedelta(days=d) for d in range(span - span % step, -1, -step)] if span >= 0 else []
