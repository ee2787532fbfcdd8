"""Who may be the same person: looked for by what their rows have in common, weighed, and for a person to decide.

Nothing is joined that nobody said is to be joined: a pair by a person, a certain kind by the owner's rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotFound, Refused
from regulars.intake import imports, settle
from regulars.intake.apart import APART
from regulars.intake.identities import described
from regulars.intake.merges import BY_HAND, Merged, find_merge, merge_all
from regulars.intake.prepared import Progress, Report
from regulars.intake.refusals import why
from regulars.intake.rows import drop_temps
from regulars.intake.same import kept, kinds
from regulars.intake.same.beside import Details, Joined, details, doubt, joined
from regulars.intake.same.candidates import make_candidates
from regulars.intake.same.cards import make_cards
from regulars.intake.same.joining import merges
from regulars.intake.same.kept import Counted, Looked, Pair, decide
from regulars.intake.same.weighing import POSSIBLE, weigh
from regulars.intake.union import rank

TEMPORARY = ("names", "boxes", "phones", "cards", "keys", "groups", "kept_keys", "tried", "compared", "weighed",
             "sides", "having_name", "having_family", "having_postcode", "having_birth")
THERE = "SEMI JOIN customers a ON a.customer_id = one SEMI JOIN customers b ON b.customer_id = other"
"""Nothing is kept of who was erased, or merged, while the look was under way."""
STEPS = ("reading names", "looking for pairs", "weighing them", "keeping them")


class Same:
    """The pairs of one shop. ``now`` is naive UTC, ``by`` who says so."""

    def __init__(self, engine: DuckDBEngine) -> None:
        self._engine = engine

    def look(self, now: datetime, progress: Report | None = None, *, join: bool = True) -> Looked:
        """Look at everybody anew and keep the pairs; with ``join``, make one of those that the owner's rules name."""
        tell = progress or (lambda _: None)
        try:
            tell(Progress(STEPS[0], 0, len(STEPS)))
            customers = make_cards(self._engine)
            tell(Progress(STEPS[1], 1, len(STEPS)))
            left_out = make_candidates(self._engine)
            tell(Progress(STEPS[2], 2, len(STEPS)))
            weigh(self._engine, customers)
            tell(Progress(STEPS[3], 3, len(STEPS)))
            return self._keep(now, customers, left_out, join)
        finally:
            drop_temps(self._engine, [f"same_{name}" for name in TEMPORARY])

    def _keep(self, now: datetime, customers: int, left_out: int, join: bool) -> Looked:
        with self._engine.changing_facts():
            self._engine.execute("DELETE FROM same_pairs")
            self._engine.execute(f"INSERT INTO same_pairs {kinds.SELECT} ANTI JOIN ({APART}) USING (one, other) "
                                 f"{THERE}")
            by_rule = [kind for (kind,) in self._engine.rows("SELECT kind FROM same_rules") if join]
            joined = self._join(kept.ready(self._engine, now, by_rule), now) if by_rule else []
            doubt(self._engine, now)
            found = Looked(now, customers, left_out, sum(c.pairs for c in self.counts(now)), len(joined))
            kept.note(self._engine, found)
        return found

    def looked(self) -> Looked | None:
        """The last look; None before the first."""
        return kept.looked(self._engine)

    def list(self, now: datetime, *, kind: str = "", customer: str = "", least: float = POSSIBLE, skip: int = 0,
             most: int = 100) -> Sequence[Pair]:
        """The pairs that the last look found and of which nothing was decided since, the surest first."""
        if kind:
            kinds.kind(kind)
        return kept.pairs(self._engine, now, kind=kind, customer=customer, least=least, skip=skip, most=most)

    def counts(self, now: datetime) -> Sequence[Counted]:
        """Every kind of pairs with how many there are."""
        return kept.counted(self._engine, now)

    def stays(self, one: str, other: str) -> str:
        """Which of two stays where nobody says: the one a source described, else who is known longer."""
        known = described(self._engine, [one, other])
        return min((one, other), key=lambda c: rank(c, known))

    def join_all(self, kind: str, now: datetime) -> Sequence[Merged]:
        """Make one of each pair of a certain kind that is sure; raises `Refused` for a kind that is not certain."""
        _require_certain(kind)
        with self._engine.changing_facts():
            return self._join(kept.ready(self._engine, now, [kind]), now)

    def _join(self, pairs: Sequence[Pair], now: datetime) -> Sequence[Merged]:
        """Inside the caller's transaction."""
        settle.make_room(self._engine)
        found = merges(self._engine, pairs)
        if not found:
            return []
        done: Sequence[Merged] = merge_all(self._engine, found, BY_HAND, now)
        imports.settle_all(self._engine, None)
        settle.count_change(self._engine, now)
        return done

    def apart(self, one: str, other: str, now: datetime, by: str = "") -> None:
        """They are two: they are suggested no more, and no file joins them. Raises `NotFound`."""
        self._decide(one, other, "apart", now, by)

    def later(self, one: str, other: str, now: datetime, by: str = "") -> None:
        """Ask again in a month. Raises `NotFound`."""
        self._decide(one, other, "later", now, by)

    def _decide(self, one: str, other: str, what: str, now: datetime, by: str) -> None:
        for customer in (one, other):
            if not self._engine.rows("SELECT 1 FROM customers WHERE customer_id = ?", [customer]):
                raise NotFound(why("There is no customer {customer}.", customer=customer), hint=why("Find them."),
                               command="regulars customers find NAME")
        if one == other:
            raise Refused(why("{kept} is one customer already.", kept=one))
        with self._engine.changing_facts():
            decide(self._engine, one, other, what, now, by)

    def rule(self, kind: str, on: bool, now: datetime, by: str = "") -> None:
        """Have pairs of a certain kind joined by themselves from the next look on, or no more.

        Raises `NotFound`, and `Refused` for a kind that is not certain.
        """
        _require_certain(kind)
        with self._engine.changing_facts():
            self._engine.execute("DELETE FROM same_rules WHERE kind = ?", [kind])
            if on:
                self._engine.execute("INSERT INTO same_rules VALUES (?, ?, ?)", [kind, now, by])

    def one_person(self, merge_id: str, now: datetime, by: str = "") -> None:
        """They are one, though something speaks against it: the merge is doubted no more. Raises `NotFound`."""
        merge = find_merge(self._engine, merge_id)
        with self._engine.changing_facts():
            decide(self._engine, merge.kept, merge.absorbed, "one", now, by)

    def joined(self, *, doubted: bool | None = None, skip: int = 0, most: int = 100) -> Sequence[Joined]:
        """The merges that stand, the latest first; only those that the last look doubted, or did not."""
        return joined(self._engine, doubted, skip, most)

    def details(self, customers: Sequence[str]) -> Mapping[str, Details]:
        """What two are held against each other by, of each of these."""
        return details(self._engine, customers)


def _require_certain(kind: str) -> None:
    if not kinds.kind(kind).certain:
        raise Refused(why("Pairs of the kind '{kind}' are not certain enough to be joined without looking at each.",
                          kind=kind))


__all__ = ["Counted", "Details", "Joined", "Looked", "Pair", "Same"]
