"""Where each customer stands: prospect, new, active, at risk, lapsed or won back, by their own rhythm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import exp
from typing import Any, ClassVar

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused
from regulars.insight.common.analysis import Analysis, Facts, Result, Scores, among, asked
from regulars.insight.common.refusals import why
from regulars.insight.common.sql import NET
from regulars.insight.lifecycle import onboarding, rhythm
from regulars.insight.lifecycle.onboarding import ONBOARDING
from regulars.insight.lifecycle.rhythm import RHYTHM, Rhythm
from regulars.model.clock import local_day
from regulars.model.phrases import Sentence, Share, Total, phrases
from regulars.model.types import Type

text, counted = phrases("regulars.insight", "lifecycle")

FEWEST_GAPS = 30
FEW_GAPS = 200
STAGES: Mapping[str, Sentence] = {
    "prospect": text("Prospects"),
    "new": text("New"),
    "active": text("Active"),
    "won back": text("Won back"),
    "at risk": text("At risk"),
    "lapsed": text("Lapsed"),
}
"""In the order in which they are lived through."""
STANDINGS: Mapping[str, Sentence] = {"new": text("Newcomers"), "long-standing": text("Long-standing customers")}
TAKEN_UP: Mapping[str, Sentence] = {
    "in use": text("Uses the plan"), "getting started": text("Getting started"),
    "not in use": text("Does not use the plan")}
SOURCE = ("Buehlmann & Straub (1970), Glaubwuerdigkeit fuer Schadensaetze, Mitteilungen der Vereinigung "
          "schweizerischer Versicherungsmathematiker 70, for own and common rhythm")
KEPT: Mapping[str, tuple[Type, str]] = {
    "lifecycle.stage": (Type.TEXT, "life-cycle stage"),
    "lifecycle.standing": (Type.TEXT, "standing as a customer"),
    "lifecycle.rhythm": (Type.NUMBER, "usual number of days between orders"),
    "lifecycle.onboarding": (Type.TEXT, "onboarding to the plan"),
}


@dataclass(frozen=True)
class Lifecycle(Analysis):
    """Judge each customer's silence by their own rhythm and not by one limit for all.

    A rhythm is the usual number of days between the orders of one customer: the fewer they have made, the more it is
    that of everybody (credibility weighting). A silence that four in five gaps of this rhythm would not have reached
    puts a customer at risk, one that 19 in 20 would not have reached means lapsed; who comes back after that is won
    back. Who has ordered once is new until at risk; who never has is a prospect. A customer is long-standing a year
    after the first order, unless said otherwise. Of those on a plan it says whether they have taken it up.
    """

    long_standing_after: int = field(default=365, metadata={
        "help": "Days since the first order from which a customer is long-standing."})
    onboarding_days: int = field(default=30, metadata={
        "help": "Days in which somebody on a new plan is still getting started."})
    keeps: ClassVar[tuple[str, ...]] = tuple(KEPT)
    meant_by: ClassVar[tuple[str, ...]] = ("long_standing_after", "onboarding_days")

    def run(self, shop: Facts, now: datetime) -> Result:
        for name in ("long_standing_after", "onboarding_days"):
            if not 0 <= getattr(self, name) <= 36_500:
                raise Refused(why("{name} must be from 0 to 36,500 days, and is {value}.", name=name,
                                  value=getattr(self, name)))
        today = local_day(now, shop.settings.zone)
        with among(shop, self.segment, now) as people:
            asked(FEWEST_GAPS, rhythm.find_gaps(shop, people, now), why("returns of customers to the shop"),
                  why("Life-cycle"))
            found = rhythm.measure(shop.engine)
            rhythm.judge(shop.engine, people, found, today)
            plans = onboarding.take_up(shop, people, now, today, self.onboarding_days)
        return self._result(shop, now, today, found, plans)

    def _result(self, shop: Facts, now: datetime, today: date, found: Rhythm,
                plans: Sequence[Mapping[str, Any]]) -> Result:
        standing = (f"CASE WHEN first_day IS NULL THEN NULL WHEN DATE '{today.isoformat()}' - first_day < "
                    f"{self.long_standing_after} THEN 'new' ELSE 'long-standing' END")
        rows = _by_stage(shop.engine, now, standing)
        kept = shop.engine.query(
            f'SELECT customer_id, stage AS "lifecycle.stage", {standing} AS "lifecycle.standing", '
            f'usual_days AS "lifecycle.rhythm", onboarding AS "lifecycle.onboarding" FROM {RHYTHM} '
            f"LEFT JOIN {ONBOARDING} USING (customer_id) ORDER BY customer_id")
        return Result(
            analysis="lifecycle", source=SOURCE, now=now, n=kept.num_rows, rows=rows,
            method=text("A customer's silence is held against their own usual gap between orders, which for few orders "
                        "leans on everybody's."),
            parameters={**self.said, **_limits(found)}, findings=list(_findings(rows, found, plans, self)),
            caveats=list(_caveats(found)), numbers={"onboarding": list(plans), "standing": _standing(rows)},
            scores=self.kept(Scores(kept, {n: t for n, (t, _) in KEPT.items()},
                                    {n: said for n, (_, said) in KEPT.items()})))


def label(code: str) -> Sentence:
    """A stage, a standing or a state of onboarding as it is said; a newcomer is said as the stage is."""
    return {**TAKEN_UP, **STANDINGS, **STAGES}[code]


def _limits(found: Rhythm) -> dict[str, float]:
    """Days, for a customer of whom nothing is known, and what silence of others is measured by."""
    first, later = found.first, found.later
    return {"usual_days": found.usual, "weight_of_all": found.weight_of_all,
            "at_risk_after_one_order": found.returns_within, "lapsed_after_one_order": _times(found.usual, first[1]),
            "at_risk_at_times_usual": _times(1, later[0]), "lapsed_at_times_usual": _times(1, later[1])}


def _times(days: float, more: float) -> float:
    return days * exp(more)


def _by_stage(engine: DuckDBEngine, now: datetime, standing: str) -> pa.Table:
    """A row a stage: how many, how long they have been here, their silence and rhythm, and a year's money."""
    return engine.query(f"""
        SELECT stage, count(*) AS customers, (count(*) / sum(count(*)) OVER ())::DOUBLE AS share,
            count(*) FILTER (WHERE {standing} = 'new') AS newcomers,
            count(*) FILTER (WHERE {standing} = 'long-standing') AS long_standing,
            median(silent) AS days_silent, median(usual_days) AS usual_days, avg(order_days) AS order_days_each,
            coalesce(sum(paid), 0) AS money_12_months
        FROM {RHYTHM} LEFT JOIN (SELECT customer_id, sum({NET}) AS paid FROM orders WHERE counted AND "at" <= ?
            AND "at" > ?::TIMESTAMP - INTERVAL 12 MONTH GROUP BY customer_id) USING (customer_id)
        GROUP BY stage ORDER BY list_position(?, stage)""", [now, now, list(STAGES)])


def _standing(rows: pa.Table) -> dict[str, int]:
    found = rows.to_pylist()
    return {"new": sum(r["newcomers"] for r in found), "long-standing": sum(r["long_standing"] for r in found)}


def _findings(rows: pa.Table, found: Rhythm, plans: Sequence[Mapping[str, Any]],
              asked_for: Lifecycle) -> Iterator[Sentence]:
    stages = {r["stage"]: r for r in rows.to_pylist()}
    if "at risk" in stages:
        yield counted(
            "{n} customer has been silent for longer than is usual; {money} came of them in the last 12 months.",
            "{n} customers have been silent for longer than is usual; {money} came of them in the last 12 months.",
            stages["at risk"]["customers"], money=Total(stages["at risk"]["money_12_months"]))
    if "new" in stages:
        yield counted(
            "{n} new customer has ordered once; of those who return, four in five do so within {days} days.",
            "{n} new customers have ordered once; of those who return, four in five do so within {days} days.",
            stages["new"]["customers"], days=round(found.returns_within))
    if "won back" in stages:
        yield counted("{n} customer was given up for lost and came back.",
                      "{n} customers were given up for lost and came back.", stages["won back"]["customers"])
    bought = sum(r["customers"] for s, r in stages.items() if s != "prospect")
    if "lapsed" in stages and bought:
        yield text("{share} of those who have ever bought have lapsed.",
                   share=Share(stages["lapsed"]["customers"] / bought))
    idle = sum(p["not_in_use"] for p in plans)
    if idle:
        yield counted("{n} person on a plan has done nothing with it in more than {days} days.",
                      "{n} people on a plan have done nothing with it in more than {days} days.", idle,
                      days=asked_for.onboarding_days)


def _caveats(found: Rhythm) -> Iterator[Sentence]:
    yield text("Rhythms are learnt from gaps that ended: of those who never came back nothing is known.")
    if found.gaps < FEW_GAPS:
        yield counted("There is only {n} return to learn from: take the limits as rough.",
                      "There are only {n} returns to learn from: take the limits as rough.", found.gaps)
    if found.weight_of_all >= rhythm.NO_OWN:
        yield text("Customers hardly differ in their rhythm, or too few came back often: one is taken for all.")
