"""What of an analysis is better seen than read: the profit of a group step by step, its traits beside all others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.app.facts import the_shop
from regulars.app.told.sections import plainly
from regulars.insight.common import Result
from regulars.insight.common.charts import Picture
from regulars.insight.page import carriers
from regulars.insight.page.parts import Reading, Spoken
from regulars.insight.personas.words import does
from regulars.model.figures import Figures

MOST_TRAITS = 10
ASKED, SHOP = "asked", "shop"


@dataclass(frozen=True)
class Trait:
    """``value`` and ``others`` are shares of those of whom it is known, among them and among everybody else."""

    said: str
    value: float
    others: float


def waterfall(result: Result, figures: Figures, now: datetime) -> Picture | None:
    """From what they were charged to what is left; nothing where their profit is not known."""
    rows = {row["group"]: row for row in result.rows.to_pylist()} if result.analysis == "profit" else {}
    row = rows.get(ASKED, rows.get(SHOP))
    if row is None or row["profit"] is None or not row["revenue"]:
        return None
    return plainly(carriers.left(Reading(Spoken(the_shop(), figures.locale), now, figures), row))


def traits(result: Result, figures: Figures) -> list[Trait]:
    """In what they differ most from everybody else, beyond chance."""
    if result.analysis != "personas":
        return []
    rows = [row for row in result.rows.to_pylist() if row["kind"] in ("word", "yes") and row["differs"] in (
        "more", "less") and row["others"] is not None]
    rows.sort(key=lambda row: -abs(row["value"] - row["others"]))
    return [Trait(does(row["code"], row["word"]).say(figures), row["value"], row["others"])
            for row in rows[:MOST_TRAITS]]
