"""Comparing segments: who of those looked at is in which, as one table the engine can join."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from regulars.errors import NotFound, RuleError
from regulars.insight.common.analysis import Facts, among
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, phrases
from regulars.rules import Condition, fold
from regulars.rules.constructs.segment import InSegment

text, _ = phrases("regulars.insight", "common")

GROUPED = "grouped_customers"
EVERYONE = -1
"""The number of the group that holds everybody looked at."""


@dataclass(frozen=True)
class Saved:
    """Name -> rule of saved segments, and the names of those whose rule cannot be used any more."""

    rules: dict[str, str | Condition]
    broken: tuple[str, ...] = ()

    @property
    def caveats(self) -> tuple[Sentence, ...]:
        """That some were left out."""
        if not self.broken:
            return ()
        return (text("Left out, for their rules speak of something that is not there any more: {segments}. Change or "
                     "remove them.", segments=[Own(name) for name in self.broken]),)


def saved_rules(shop: Facts, names: Sequence[str] = ()) -> Saved:
    """All saved segments by name, without those that cannot be used; or those named.

    Raises `NotFound` with the nearest name, and `RuleError` for one that is named and cannot be used.
    """
    known = [name for (name,) in shop.engine.rows("SELECT name FROM segments ORDER BY name")]
    by_fold = {fold(name): name for name in known}
    for name in names:
        if fold(name) not in by_fold:
            near = difflib.get_close_matches(fold(name), by_fold, 1)
            raise NotFound(why("There is no segment called '{name}'.", name=name),
                           hint=why("Did you mean '{near}'?", near=by_fold[near[0]]) if near else None)
    picked = [by_fold[fold(name)] for name in names] or known
    wrong = {name: error for name in picked if (error := _wrong(shop, name))}
    for name, error in wrong.items() if names else ():
        error.message = why("Segment '{name}' cannot be used: {reason}", name=name, reason=error.message)
        raise error
    return Saved({name: InSegment(name).text() for name in picked if name not in wrong}, tuple(wrong))


def _wrong(shop: Facts, name: str) -> RuleError | None:
    """Why a saved segment cannot be used, where it cannot."""
    try:
        shop.sentence(InSegment(name))
    except RuleError as error:
        return error
    return None


@contextmanager
def grouped(shop: Facts, rules: Mapping[str, str | Condition], segment: str | None, now: datetime, *,
            everyone: bool = True) -> Iterator[str]:
    """The name of a table there for the block: ``customer_id`` and ``grp``, the position of a rule that is true of
    the customer; with ``everyone`` a row of `EVERYONE` for each customer as well.
    """
    with among(shop, segment, now) as looked_at:
        table = memberships(shop, rules, now)
        if everyone:
            ids = shop.engine.query(f"SELECT customer_id FROM {looked_at}")["customer_id"].combine_chunks()
            table = pa.concat_tables([table, _of_group(ids, EVERYONE)])
        shop.engine.register("grouped_all", table)
        try:
            shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {GROUPED} AS SELECT customer_id, grp FROM grouped_all"
                                f" SEMI JOIN {looked_at} USING (customer_id)")
        finally:
            shop.engine.unregister("grouped_all")
    try:
        yield GROUPED
    finally:
        shop.engine.execute(f"DROP TABLE {GROUPED}")


def memberships(shop: Facts, rules: Mapping[str, str | Condition], now: datetime) -> pa.Table:
    """``customer_id`` and ``grp``, a row for each rule that is true of a customer at ``now``."""
    if not rules:
        return _of_group(pa.array([], pa.string()), EVERYONE)
    columns = {f"m{i}": rule for i, rule in enumerate(rules.values())}
    answer = shop.evaluate_at(columns, now)
    ids = answer["customer_id"].combine_chunks()
    return pa.concat_tables(_of_group(ids.filter(answer[column].combine_chunks()), i)
                            for i, column in enumerate(columns))


def _of_group(ids: pa.Array, number: int) -> pa.Table:
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    return pa.table({"customer_id": ids.cast(pa.string()), "grp": pa.array(np.full(len(ids), number, np.int64))})


def named(numbers: Sequence[int], rules: Mapping[str, str | Condition]) -> pa.Array:
    """The names of groups by their numbers; nothing for everybody."""
    names = list(rules)
    return pa.array([None if n == EVERYONE else names[n] for n in numbers], pa.string())
