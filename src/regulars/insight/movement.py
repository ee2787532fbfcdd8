"""Movement: from which segment to which people went between two moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from regulars.errors import Refused
from regulars.insight.common.analysis import Analysis, Facts, Result, among, asked
from regulars.insight.common.groups import memberships, saved_rules
from regulars.insight.common.intervals import wilson
from regulars.insight.common.refusals import why
from regulars.model.clock import as_utc
from regulars.model.phrases import Own, Sentence, Share, phrases
from regulars.rules import Condition

text, counted = phrases("regulars.insight", "movement")

NONE, NEW = "(none)", "(new)"
"""In no segment; not known to the shop yet at the first moment. No segment's name: rules would read them as text."""
LABELS = {NONE: text("in no segment"), NEW: text("new to the shop")}
FEW = 20


def label(code: str) -> Sentence | Own:
    """What a ``from`` or ``to`` is called: a segment by its own name."""
    return LABELS.get(code) or Own(code)


@dataclass(frozen=True)
class Movement(Analysis):
    """Who was in which segment then, and in which now, by the facts as they are known today.

    Rows: ``from``, ``to`` (a segment, `NONE` or `NEW`), ``people``, ``share`` of those in ``from`` then with its 95%
    interval ``low`` and ``high`` (not of `NEW`). To another segment goes who was not in it before. Someone in two
    segments counts in each, unless ``exclusive``.
    Numbers: ``sizes`` by segment with before, after, entered, left.
    """

    segments: tuple[str, ...] = field(default=(), metadata={
        "help": "Saved segments to compare, all of them unless named."})
    since: str = field(default="", metadata={"help": "The first moment, such as 2026-10-01; else so many days back."})
    days: int = field(default=30, metadata={"help": "Days back to the first moment, where none is said."})
    exclusive: bool = field(default=False, metadata={"help": "Each counts in the first of their segments only."})

    def run(self, shop: Facts, now: datetime) -> Result:
        then = self._then(shop, now)
        saved = saved_rules(shop, self.segments)
        rules = saved.rules
        asked(1, len(rules), why("saved segments"), why("Movement"), why("Save segments first."))
        with among(shop, self.segment, now) as looked_at:
            n = shop.engine.value(f"SELECT count(*) FROM {looked_at}")
            asked(1, n, why("customers"), why("Movement"))
            with _sides(shop, rules, then, now, self.exclusive):
                found, sizes = _flows(shop, looked_at), _sizes(shop, looked_at, list(rules))
        rows = _rows(found, [*rules, NONE, NEW])
        return Result("movement", text("The rules are judged of everybody at both moments, by the facts known today."),
                      "Wilson 1927 (intervals of shares)", now, n, {**self.said, "since": then.isoformat()}, rows,
                      _findings(rows, sizes, then), (*_caveats(self.exclusive), *saved.caveats), {"sizes": sizes})

    def _then(self, shop: Facts, now: datetime) -> datetime:
        if not self.since:
            if self.days <= 0:
                raise Refused(why("The days to look back must be at least one."))
            return now - timedelta(days=self.days)
        try:
            then = as_utc(datetime.fromisoformat(self.since), shop.settings.zone)
        except (ValueError, OverflowError) as error:
            raise Refused(why("'{since}' is not a moment.", since=self.since),
                          hint=why("Write it as 2026-11-22.")) from error
        if then >= now:
            raise Refused(why("'{since}' is not before the moment looked at.", since=self.since),
                          hint=why("Name an earlier moment."))
        return then


@contextmanager
def _sides(shop: Facts, rules: Mapping[str, str | Condition], then: datetime, now: datetime,
           exclusive: bool) -> Iterator[None]:
    """In the block: ``old_in`` and ``new_in`` (customer and group at either moment), ``old_all`` (who there was)."""
    tables = {"old_in": _groups(shop, rules, then, exclusive), "new_in": _groups(shop, rules, now, exclusive),
              "old_all": shop.members_at("everyone", then)}
    for name, table in tables.items():
        shop.engine.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            shop.engine.unregister(name)


def _groups(shop: Facts, rules: Mapping[str, str | Condition], moment: datetime, exclusive: bool) -> pa.Table:
    table = memberships(shop, rules, moment)
    if not exclusive:
        return table
    first = table.group_by("customer_id").aggregate([("grp", "min")])
    return pa.table({"customer_id": first["customer_id"], "grp": first["grp_min"]})


def _flows(shop: Facts, looked_at: str) -> list[tuple[int, int, int, int]]:
    """from, to, people, those in from: groups by number, -1 for none, -2 for not known then."""
    return shop.engine.rows(
        "WITH before AS (SELECT customer_id, coalesce(o.grp, CASE WHEN k.customer_id IS NULL THEN -2 ELSE -1 END) AS f"
        f" FROM {looked_at} LEFT JOIN old_in o USING (customer_id) LEFT JOIN old_all k USING (customer_id)),"
        f" after AS (SELECT customer_id, coalesce(grp, -1) AS t FROM {looked_at} LEFT JOIN new_in USING (customer_id)),"
        " sizes AS (SELECT f, count(*) AS size FROM before GROUP BY f)"
        " SELECT f, t, count(*), any_value(size) FROM before JOIN after USING (customer_id) JOIN sizes USING (f)"
        " WHERE f = t OR NOT EXISTS (FROM old_in o WHERE o.customer_id = before.customer_id AND o.grp = t)"
        " GROUP BY f, t ORDER BY f, t")


def _sizes(shop: Facts, looked_at: str, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Before, after, entered and left of each segment, empty ones too."""
    found = {row[0]: row[1:] for row in shop.engine.rows(
        "SELECT grp, count(o.customer_id), count(n.customer_id), count(*) FILTER (WHERE o.customer_id IS NULL),"
        " count(*) FILTER (WHERE n.customer_id IS NULL)"
        f" FROM (FROM old_in SEMI JOIN {looked_at} USING (customer_id)) o"
        f" FULL JOIN (FROM new_in SEMI JOIN {looked_at} USING (customer_id)) n USING (customer_id, grp) GROUP BY grp")}
    return {name: dict(zip(("before", "after", "entered", "left"), found.get(i, (0, 0, 0, 0)), strict=True))
            for i, name in enumerate(names)}


def _rows(found: Sequence[tuple[int, int, int, int]], names: Sequence[str]) -> pa.Table:
    people, of = (np.array([row[i] for row in found], np.int64) for i in (2, 3))
    known = np.array([row[0] != -2 for row in found], bool)
    low, high = wilson(people, of)
    at = {-1: len(names) - 2, -2: len(names) - 1}
    table = pa.table({
        "from": [names[at.get(f, f)] for f, _, _, _ in found], "to": [names[at.get(t, t)] for _, t, _, _ in found],
        "people": people, "share": pa.array(people / np.maximum(of, 1), mask=~known),
        "low": pa.array(low, mask=~known), "high": pa.array(high, mask=~known)})
    return table.sort_by([("people", "descending"), ("from", "ascending"), ("to", "ascending")])


def _findings(rows: pa.Table, sizes: Mapping[str, Mapping[str, int]], then: datetime) -> tuple[Sentence, ...]:
    """The segment that grew most and the one that shrank most, then the largest ways between two of them."""
    found = []
    change = {name: size["after"] - size["before"] for name, size in sizes.items()}
    most, least = max(change, key=lambda c: change[c]), min(change, key=lambda c: change[c])
    if change[most] > 0:
        found.append(_changed(most, sizes[most], then))
    if change[least] < 0:
        found.append(_changed(least, sizes[least], then))
    ways = [r for r in rows.to_pylist() if r["from"] != r["to"] and r["from"] not in (NEW, NONE) and r["to"] != NONE]
    found += [counted("{n} customer of {before}, {share} of them, is newly in {after}.",
                      "{n} customers of {before}, {share} of them, are newly in {after}.", r["people"],
                      share=Share(r["share"]), before=Own(r["from"]), after=Own(r["to"]))
              for r in ways if r["people"] >= FEW][:5]
    return tuple(found) or (text("Since {then}, no segment has grown or shrunk.", then=then),)


def _changed(name: str, size: Mapping[str, int], then: datetime) -> Sentence:
    return text("{segment} went from {before} to {after} people since {then}: {entered} came, {left} went.",
                segment=Own(name), before=size["before"], after=size["after"], then=then, entered=size["entered"],
                left=size["left"])


def _caveats(exclusive: bool) -> tuple[Sentence, ...]:
    several = () if exclusive else (
        text("Who is in several segments counts in each: the people of the rows do not add up to all."),)
    return (*several, text("Attributes that were overwritten since (a city, a consent) are judged as they are today."))
