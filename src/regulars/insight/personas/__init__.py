"""Personas: a card for each group, told from what its members did, every sentence with its count and share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.errors import NotFound
from regulars.insight.buckets.found import find
from regulars.insight.common import Analysis, Facts, Result, among, asked
from regulars.insight.common.called import called
from regulars.insight.common.groups import saved_rules
from regulars.insight.common.refusals import why
from regulars.insight.personas.advice import advised
from regulars.insight.personas.counting import Statement, told
from regulars.insight.personas.drawing import MOST, drawn
from regulars.insight.personas.traits import traits
from regulars.insight.personas.typical import typical
from regulars.insight.personas.words import EVERYBODY, NAMES, TOPIC_NAMES, say
from regulars.model.phrases import Own, Sentence, phrases
from regulars.rules import Condition

text, counted = phrases("regulars.insight", "personas")

FEW, FEWEST = 20, 3
"""Below the first a card carries a warning; below the second it would be about somebody, and there is none."""
MOST_TELLING = 6
SCHEMA = pa.schema([
    ("persona", pa.string()), ("topic", pa.string()), ("code", pa.string()), ("kind", pa.string()),
    ("word", pa.string()), ("n", pa.int64()), ("of", pa.int64()), ("value", pa.float64()), ("low", pa.float64()),
    ("high", pa.float64()), ("others", pa.float64()), ("p", pa.float64()), ("differs", pa.string())])


@dataclass(frozen=True)
class Card:
    """What is told of one group, in the order it is told in, each line under its topic."""

    persona: str
    people: int
    share: float
    lines: tuple[tuple[str, Sentence], ...]

    @property
    def few(self) -> bool:
        """Whether there are too few of them for anything to be sure."""
        return self.people < FEW


@dataclass(frozen=True)
class Personas(Analysis):
    """A card for a rule (``segment``), for saved segments, for one bucket, or else for each bucket.

    Rows are sentences: ``n`` of the ``of`` members of whom it is known (or, of a ``rate``, of their orders or
    messages), ``value`` the share (or the median, of a number) with its interval (or quartiles) from ``low`` to
    ``high``, ``others`` the same of everybody else, ``p`` corrected within the card, ``differs`` more, less or nothing
    proven. `sentence` says a row, `cards` all of them. Of a large group, and of large numbers of others, 20,000 are
    looked at, drawn evenly; the first row of a card still says how many there are.
    """

    segments: tuple[str, ...] = field(default=(), metadata={"help": "Saved segments to tell of, by name."})
    bucket: str | None = field(default=None, metadata={"help": "The bucket to tell of, by name."})
    age_and_gender: bool = field(default=False, metadata={"help": "Tell age and gender too, where they are known."})
    seed: int = field(default=1, metadata={"help": "The same seed gives the same buckets, members and names."})

    def run(self, shop: Facts, now: datetime) -> Result:
        return self.of(shop, now, self._rules(shop, now))

    def of(self, shop: Facts, now: datetime, rules: Mapping[str, str | Condition]) -> Result:
        """As `run`, of these groups by name: for a caller who has found the buckets already."""
        with drawn(shop, rules, now, self.seed) as people:
            sizes, everyone = people.sizes, people.everyone
            groups = [g for g, n in sizes.items() if n >= FEWEST]
            asked(FEWEST, max(sizes.values(), default=0), why("customers"), why("A persona"))
            known = told(shop, traits(now, shop.settings.zone, age_and_gender=self.age_and_gender), groups)
            members = typical(shop, [g for g in groups if sizes[g] >= FEW], now)
        names = list(rules)
        statements = {names[g]: [*_head(names[g], sizes[g], everyone, g + self.seed - 1, known[g]), *known[g],
                                 *members.get(g, ()), *advised(known[g])] for g in groups}
        rows = pa.Table.from_pylist([{"persona": name, **_row(s)} for name, own in statements.items() for s in own],
                                    SCHEMA)
        n = everyone if self._of_buckets else max(sizes[g] for g in groups)
        return Result("personas", _method(), "Wilson 1927; Fisher 1922; Mann & Whitney 1947; Benjamini & Hochberg 1995",
                      now, n, self.said, rows, _findings(statements, self._called(shop)),
                      _caveats(statements, some_only=people.some_only,
                               nobody_apart=self._of_buckets and names == [EVERYBODY]))

    def _called(self, shop: Facts) -> Own | Sentence | None:
        """What to call a rule that is asked of by itself."""
        own = self.segment is not None and not self.segments and self.segment != EVERYBODY
        return called(shop, self.segment) if own and self.segment else None

    @property
    def _of_buckets(self) -> bool:
        return self.segment is None and not self.segments

    def _rules(self, shop: Facts, now: datetime) -> dict[str, str | Condition]:
        """The groups to tell of, by name."""
        if self.segments:
            saved = saved_rules(shop, self.segments).rules
            if self.segment is None:
                return saved
            return {name: f"({rule}) and ({self.segment})" for name, rule in saved.items()}
        if self.segment is not None:
            shop.sentence(self.segment)
            return {self.segment: self.segment}
        return self._buckets(shop, now)

    def _buckets(self, shop: Facts, now: datetime) -> dict[str, str | Condition]:
        with among(shop, None, now) as people:
            asked(FEWEST, shop.engine.value(f"SELECT count(*) FROM {people}"), why("customers"), why("A persona"))
            found = find(shop, people, now, segment=None, number=None, seed=self.seed, age_and_gender=False)
        kept = found.buckets if found.grouping is not None and found.grouping.structured else ()
        rules: dict[str, str | Condition] = {b.name: b.rule for b in kept}
        if self.bucket is None:
            return rules or {EVERYBODY: EVERYBODY}
        if self.bucket not in rules:
            raise NotFound(why("There is no bucket called '{bucket}'.", bucket=self.bucket),
                           hint=why("There are: {known}.", known=[*rules]) if rules else
                           why("There are none worth having."))
        return {self.bucket: rules[self.bucket]}


def sentence(row: Mapping[str, Any]) -> Sentence:
    """A row of the result as a sentence."""
    return say(Statement(**{f.name: row[f.name] for f in fields(Statement)}))


def cards(result: Result) -> list[Card]:
    """The rows of a result as cards, in the order of the groups."""
    by_persona: dict[str, list[Mapping[str, Any]]] = {}
    for row in result.rows.to_pylist():
        by_persona.setdefault(row["persona"], []).append(row)
    return [Card(name, rows[0]["n"], rows[0]["value"], tuple((r["topic"], sentence(r)) for r in rows))
            for name, rows in by_persona.items()]


def label(topic: str) -> Sentence:
    """The heading of a topic."""
    return TOPIC_NAMES[topic]


def _row(statement: Statement) -> dict[str, Any]:
    return asdict(statement)


def _head(name: str, people: int, everyone: int, number: int, known: Sequence[Statement]) -> list[Statement]:
    share = people / everyone
    head = Statement("head", "head", "head", name, people, everyone, share, share, share, None, None)
    most = [s.word for s in known if s.code == "gender" and s.value > 0.5]
    names = most[0] if most and most[0] in NAMES else ""
    invented = number % len(NAMES[names])
    found = [head, Statement("name", "head", "head", names, invented, 0, 0.0, 0.0, 0.0, None, None)]
    if people < FEW:
        found.append(Statement("few", "head", "head", "", people, everyone, share, share, share, None, None))
    return found


def _method() -> Sentence:
    return text("Each sentence counts the members of whom it is known, and is tested against everybody else; of the "
                "differences on a card at most one in twenty is expected to be chance.")


def _findings(statements: Mapping[str, Sequence[Statement]], name: Own | Sentence | None) -> list[Sentence]:
    """One card whole; of several the heads, what is most telling, and what to do."""
    if len(statements) == 1:
        return [say(s, name) for own in statements.values() for s in own]
    return [say(s) for own in statements.values() for s in _gist(own)]


def _gist(own: Sequence[Statement]) -> list[Statement]:
    plain = [s for s in own if s.differs == "more" and s.kind in ("word", "yes", "rate")]
    telling = sorted(plain, key=lambda s: -abs(s.value - (s.others or 0.0)))[:MOST_TELLING]
    return [s for s in own if s.kind in ("head", "do", "avoid") or any(s is t for t in telling)]


def _caveats(statements: Mapping[str, Sequence[Statement]], *, some_only: bool, nobody_apart: bool) -> list[Sentence]:
    said = []
    if some_only:
        said.append(text("Where a group, or everybody else, is more than {most} customers, {most} of them are looked "
                         "at, drawn evenly by chance: the counts are of those.", most=MOST))
    few = [name for name, own in statements.items() if own[0].n < FEW]
    if few:
        said.append(counted("{n} group has fewer than 20 customers: nothing about it is sure.",
                            "{n} groups have fewer than 20 customers: nothing about them is sure.", len(few)))
    if nobody_apart:
        said.append(text("There are no buckets worth having, so this card is of everybody."))
    return said


__all__ = ["Card", "Personas", "cards", "label", "sentence"]
