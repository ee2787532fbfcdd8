"""How recently, how often and for how much: scores, named groups, and who moved between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.insight.common.analysis import Analysis, Facts, Result, Scores, among, asked
from regulars.insight.common.moments import read_day_end
from regulars.insight.common.refusals import why
from regulars.insight.rfm import groups, scoring
from regulars.insight.rfm.groups import Bounds, counted, label, text
from regulars.insight.rfm.scoring import SCORED, Yardstick
from regulars.model.phrases import Sentence, Share, Total
from regulars.model.types import Type

FEWEST = 20
"""Fewer people have no fifths worth the name."""
HEAVY = 0.3
"""So many who share one number of orders are worth a word."""
NOT_YET = "not yet a customer"


@dataclass(frozen=True)
class RFM(Analysis):
    """Score everyone who has bought from 1 to 5 on how recently, how often and for how much, and name eleven groups.

    Equals share a score: that of the fifth in which the middle of their ranks lies. With given cut points a score
    rises at each one that is reached (recency counts days, so there it falls), and fewer than five classes are spread
    over 1 to 5. The definition of the R package rfm has cut points at the quintiles plus one.
    """

    definition: str = field(default="shared", metadata={
        "choices": ("shared", "r-package"), "help": "How fifths are cut: equals share a score, or as R's rfm does."})
    recency_cuts: str = field(default="", metadata={
        "metavar": "DAYS", "help": "Days since the last order at which the score falls, such as 30,90,180,365."})
    frequency_cuts: str = field(default="", metadata={
        "metavar": "ORDERS", "help": "Numbers of orders at which the score rises: 2,3,10 makes 1 / 2 / 3-9 / 10+."})
    money_cuts: str = field(default="", metadata={
        "metavar": "AMOUNTS", "help": "Amounts at which the score rises, such as 50,100,250,1000."})
    groups: str = field(default="", metadata={
        "metavar": "FILE", "help": "Own segments, a CSV file with the columns name, recency_lower, recency_upper, "
        "frequency_lower … money_upper; the first that fits counts."})
    since: str = field(default="", metadata={
        "metavar": "DAY", "help": "Also who moved from group to group since the end of this day; of a segment those "
        "who are in it now."})
    keeps: ClassVar[tuple[str, ...]] = ("rfm.group", "rfm.recency", "rfm.frequency", "rfm.money")
    meant_by: ClassVar[tuple[str, ...]] = ("definition", "recency_cuts", "frequency_cuts", "money_cuts", "groups")

    @property
    def yardstick(self) -> Yardstick:
        given = {name: scoring.read_cuts(getattr(self, f"{name}_cuts"), name) for name in scoring.SCORES}
        return Yardstick(self.definition, given)

    def run(self, shop: Facts, now: datetime) -> Result:
        if self.definition not in ("shared", "r-package"):
            raise Refused(why("There is no definition called '{definition}'.", definition=self.definition),
                          hint=why("Choose shared or r-package."))
        bounds = groups.read_bounds(self.groups) if self.groups else ()
        before = self._before(shop, now, bounds)
        n, begin = self._scored(shop, now, now)
        scores = _grouped(shop.engine, bounds)
        rows = _by_group(shop.engine, groups.in_order(bounds), bounds)
        moved = _movement(before, scores, groups.in_order(bounds)) if before is not None else []
        return Result(
            analysis="rfm", method=_method(self), source=SOURCE, now=now, n=n,
            parameters=self.said, rows=rows, findings=list(_findings(rows, moved)),
            caveats=list(_caveats(shop.engine, n, self)), numbers={
                "grid": _grid(shop.engine), "movement": moved,
                "begin": {name: [{"score": s, "at": at} for s, at in begin[name]] for name in scoring.SCORES}},
            scores=_scores(scores, self.otherwise))

    def _scored(self, shop: Facts, now: datetime, moment: datetime) -> tuple[int, Mapping[str, scoring.Bounds]]:
        """Those who are in the segment now, by what they had bought until ``moment``."""
        yardstick = self.yardstick
        with among(shop, self.segment, now) as people:
            n = scoring.count_buyers(shop, people, moment)
        asked(FEWEST if yardstick.by_quintiles else 1, n, why("customers with an order"), why("RFM"))
        return n, scoring.score(shop.engine, yardstick)

    def _before(self, shop: Facts, now: datetime, bounds: tuple[Bounds, ...]) -> pa.Table | None:
        """Who of today's was in which group then, by the yardstick of then."""
        if not self.since:
            return None
        then = read_day_end(self.since, shop.settings.zone)
        if then >= now:
            raise Refused(why("{since} is not before the moment that is asked of.", since=self.since))
        self._scored(shop, now, then)
        return _grouped(shop.engine, bounds)


SOURCE = ("Hughes, A. M. (1994), Strategic Database Marketing; ties by mid-ranks as Bross, I. (1958), How to use ridit "
          "analysis, Biometrics 14; r-package: Hebbali, A., rfm (CRAN)")


SCORE_NAMES: Mapping[str, Sentence] = {
    "recency": text("how recently"), "frequency": text("how often"), "money": text("for how much")}


def _method(analysis: RFM) -> Sentence:
    """Each score by what it was made with: given cut points, or fifths of a kind."""
    given = [SCORE_NAMES[name] for name in scoring.SCORES if analysis.yardstick.given[name]]
    r_package = analysis.definition == "r-package"
    if len(given) == len(scoring.SCORES):
        return text("Scores by the cut points that were given.")
    if given and r_package:
        return text("Scores by the cut points that were given ({given}), else by cut points at the quintiles plus one, "
                    "as the R package rfm sets them.", given=given)
    if given:
        return text("Scores by the cut points that were given ({given}), else by fifths of those who have bought; "
                    "equals share a score.", given=given)
    if r_package:
        return text("Scores by cut points at the quintiles plus one, as the R package rfm sets them.")
    return text("Scores by fifths of those who have bought; equals share a score.")


def _grouped(engine: DuckDBEngine, bounds: tuple[Bounds, ...]) -> pa.Table:
    return engine.query(f'SELECT customer_id, {groups.group_sql(bounds)} AS "group", recency, frequency, money '
                        f"FROM {SCORED}")


def _by_group(engine: DuckDBEngine, order: Sequence[str], bounds: tuple[Bounds, ...]) -> pa.Table:
    """A row a group, best first: how many, their days since the last order and orders, and their money."""
    return engine.query(f"""
        SELECT "group", customers, customers / sum(customers) OVER () AS share, days_since_last, orders_each,
            money_each, money, coalesce(money / nullif(sum(money) OVER (), 0), 0)::DOUBLE AS share_of_money FROM (
            SELECT {groups.group_sql(bounds)} AS "group", count(*) AS customers, median(days) AS days_since_last,
                avg(orders) AS orders_each, avg(paid)::DECIMAL(18, 4) AS money_each, sum(paid) AS money
            FROM {SCORED} GROUP BY 1) ORDER BY list_position(?, "group")""", [list(order)])


def _grid(engine: DuckDBEngine) -> list[dict[str, Any]]:
    """Recency by frequency, for a heat map: every one of the 25 cells."""
    return list(engine.query(f"""
        SELECT r AS recency, f AS frequency, count(paid) AS customers, coalesce(sum(paid), 0) AS money
        FROM range(1, 6) a(r) CROSS JOIN range(1, 6) b(f) LEFT JOIN {SCORED} s ON s.recency = r AND s.frequency = f
        GROUP BY ALL ORDER BY r, f""").to_pylist())


def _movement(before: pa.Table, after: pa.Table, order: Sequence[str]) -> list[dict[str, Any]]:
    """How many went from which group to which; those without an order before come from nowhere."""
    joined = after.join(before.select(["customer_id", "group"]), "customer_id", right_suffix="_before")
    rows = joined.group_by(["group_before", "group"]).aggregate([("customer_id", "count")]).to_pylist()
    places = {name: i for i, name in enumerate(order)}
    found = [{"from": r["group_before"] or NOT_YET, "to": r["group"], "customers": r["customer_id_count"]}
             for r in rows]
    return sorted(found, key=lambda r: (places.get(r["from"], -1), places[r["to"]]))


def _findings(rows: pa.Table, moved: Sequence[Mapping[str, Any]]) -> Iterator[Sentence]:
    found = rows.to_pylist()
    best = max(found, key=lambda r: r["money"])
    yield text("{group}: {share} of those who have bought, and {money} of what they paid.", group=label(best["group"]),
               share=Share(float(best["share"])), money=Share(best["share_of_money"]))
    quiet = [r for r in found if r["group"] in groups.QUIET]
    if quiet:
        yield counted("{n} good customer has gone quiet; {money} so far was theirs.",
                      "{n} good customers have gone quiet; {money} so far was theirs.",
                      sum(r["customers"] for r in quiet), money=Total(sum(r["money"] for r in quiet)))
    if moved:
        other = sum(m["customers"] for m in moved if m["from"] not in (m["to"], NOT_YET))
        yield counted("{n} customer is in another group than then.", "{n} customers are in another group than then.",
                      other)


def _caveats(engine: DuckDBEngine, n: int, asked_for: RFM) -> Iterator[Sentence]:
    times, share = engine.rows(f"SELECT orders, count(*) / {n} FROM {SCORED} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1")[0]
    if asked_for.definition == "shared" and not asked_for.frequency_cuts and share > HEAVY:
        yield counted("{share} have ordered exactly once: they share one frequency score.",
                      "{share} have ordered exactly {n} times: they share one frequency score.", times,
                      share=Share(share))
    unknown = int(engine.value(f"SELECT coalesce(sum(unknown), 0) FROM {SCORED}"))
    if unknown:
        yield counted("{n} order has no known amount and counts as nothing.",
                      "{n} orders have no known amount and count as nothing.", unknown)


def _scores(scores: pa.Table, otherwise: tuple[str, ...]) -> Scores:
    names = ["rfm.group", "rfm.recency", "rfm.frequency", "rfm.money"]
    labels = ("RFM group", "RFM recency score", "RFM frequency score", "RFM money score")
    return Scores(scores.rename_columns(["customer_id", *names]),
                  dict(zip(names, (Type.TEXT, Type.WHOLE, Type.WHOLE, Type.WHOLE), strict=True)),
                  dict(zip(names, labels, strict=True)), otherwise)
