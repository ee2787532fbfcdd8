"""Picking customers from the grid of how recently and how often: its fields, and the rule of those that are picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from regulars.app.answers import while_facts_stand
from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.insight.rfm.region import STEPS, Cell, Field, grid, holds, rule_of

SHADES = 5


@dataclass(frozen=True)
class Picked:
    """Whom the picked fields hold as of ``as_of``: ``rule`` is "" where none is picked."""

    rule: str
    sentence: str
    people: int
    share: float
    paid: Decimal
    as_of: datetime | None


@dataclass(frozen=True)
class Grid:
    """``rows``: recency with its fields, each with a shade from 0 to `SHADES`; no rows where no scores are kept."""

    rows: Sequence[tuple[int, Sequence[tuple[Field, int]]]]
    chosen: frozenset[Cell]
    picked: Picked
    steps: Sequence[int] = tuple(STEPS)


def asked(request: Request) -> Grid:
    """The grid with the fields that the address names picked; whatever is no field is passed over."""
    roles.require(request, roles.LOOK)
    minute = request.now.replace(second=0, microsecond=0)
    fields = while_facts_stand("grid", lambda: grid(the_shop().engine, request.now), minute)
    chosen = frozenset(f.cell for f in fields if f"{f.recency}.{f.frequency}" in request.GET.getlist("cell"))
    most = max((f.customers for f in fields), default=0) or 1
    rows = [
        (recency, [(f, round(SHADES * f.customers / most)) for f in row])
        for recency, row in groupby(fields, key=lambda f: f.recency)
    ]
    return Grid(rows, chosen, _picked(request, chosen, fields))


def _picked(request: Request, chosen: frozenset[Cell], fields: Sequence[Field]) -> Picked:
    shop, rule = the_shop(), rule_of(chosen)
    people, paid = holds(chosen, fields)
    everybody = sum(f.customers for f in fields) or 1
    return Picked(
        rule,
        shop.sentence(rule, request.figures.locale) if rule else "",
        people,
        people / everybody,
        paid,
        next((s.as_of for s in shop.scored() if s.analysis == "rfm"), None),
    )
