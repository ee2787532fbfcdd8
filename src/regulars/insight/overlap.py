"""Overlap: who is in several segments at once, which segments are nearly the same, and who is in none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

import pyarrow as pa

from regulars.insight.common.analysis import Analysis, Facts, Result, asked
from regulars.insight.common.groups import grouped, saved_rules
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "overlap")

NEARLY_THE_SAME = 0.8
"""Of the people in either of two segments, so many in both."""
WITHIN = 0.95
FEW = 20


@dataclass(frozen=True)
class Overlap(Analysis):
    """Every combination of segments with people in it, each customer counted once.

    Rows: ``segments`` (empty: in none), ``people``, ``share`` of those looked at; most people first. Numbers: ``sizes``
    by segment, ``pairs`` with how many are in ``both``, their ``likeness`` (Jaccard 1901: both over either), and the
    share of each that is in the other.
    """

    segments: tuple[str, ...] = field(default=(), metadata={
        "help": "Saved segments to compare, all of them unless named."})

    def run(self, shop: Facts, now: datetime) -> Result:
        saved = saved_rules(shop, self.segments)
        rules = saved.rules
        asked(2, len(rules), why("saved segments"), why("The overlap of segments"), why("Save segments first."))
        with grouped(shop, rules, self.segment, now) as table:
            found = shop.engine.rows(
                f"WITH each AS (SELECT customer_id, coalesce(list(grp ORDER BY grp) FILTER (WHERE grp >= 0), []) AS s"
                f" FROM {table} GROUP BY customer_id) SELECT s, count(*) FROM each GROUP BY s"
                " ORDER BY count(*) DESC, s")
        names = list(rules)
        combos = [(tuple(names[i] for i in s), people) for s, people in found]
        n = sum(people for _, people in combos)
        asked(1, n, why("customers"), why("The overlap of segments"))
        sizes = {name: sum(p for s, p in combos if name in s) for name in names}
        pairs = _pairs(combos, sizes)
        return Result("overlap", text("Each customer is counted once, with every segment they are in at that moment."),
                      "Jaccard 1901 (likeness of two sets)", now, n, self.said, _rows(combos, n),
                      _findings(combos, sizes, pairs, n), (*_caveats(sizes), *saved.caveats),
                      {"sizes": sizes, "pairs": pairs})


def _rows(combos: Sequence[tuple[tuple[str, ...], int]], n: int) -> pa.Table:
    return pa.table({"segments": pa.array([list(s) for s, _ in combos], pa.list_(pa.string())),
                     "people": pa.array([p for _, p in combos], pa.int64()),
                     "share": pa.array([p / n for _, p in combos], pa.float64())})


def _pairs(combos: Sequence[tuple[tuple[str, ...], int]], sizes: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every pair with somebody in both, the most alike first."""
    both: dict[tuple[str, str], int] = {}
    for segments, people in combos:
        for pair in combinations(segments, 2):
            both[pair] = both.get(pair, 0) + people
    found = [{"one": a, "other": b, "both": k, "likeness": k / (sizes[a] + sizes[b] - k),
              "of_one": k / sizes[a], "of_other": k / sizes[b]} for (a, b), k in both.items()]
    return sorted(found, key=lambda p: (-p["likeness"], p["one"], p["other"]))


def _findings(combos: Sequence[tuple[tuple[str, ...], int]], sizes: Mapping[str, int],
              pairs: Sequence[Mapping[str, Any]], n: int) -> tuple[Sentence, ...]:
    nobody = sum(p for s, p in combos if not s)
    several = sum(p for s, p in combos if len(s) > 1)
    found = [counted("{n} customer ({share}) is in no segment.", "{n} customers ({share}) are in no segment.", nobody,
                     share=Share(nobody / n)),
             counted("{n} customer ({share}) is in more than one.", "{n} customers ({share}) are in more than one.",
                     several, share=Share(several / n))]
    for pair in [p for p in pairs if p["both"] >= FEW][:100]:
        one, other = Own(pair["one"]), Own(pair["other"])
        if pair["likeness"] >= NEARLY_THE_SAME:
            found.append(text("{one} and {other} are nearly the same people: {share} of those in either are in both.",
                              one=one, other=other, share=Share(pair["likeness"])))
        elif pair["of_one"] >= WITHIN or pair["of_other"] >= WITHIN:
            inner, outer, share = ((one, other, pair["of_one"]) if pair["of_one"] >= pair["of_other"]
                                   else (other, one, pair["of_other"]))
            found.append(text("{share} of {inner} are in {outer} as well.", share=Share(share), inner=inner,
                              outer=outer))
    return tuple(found)


def _caveats(sizes: Mapping[str, int]) -> tuple[Sentence, ...]:
    empty = [Own(name) for name, people in sizes.items() if not people]
    return (text("Nobody is in {segments}.", segments=empty),) if empty else ()
