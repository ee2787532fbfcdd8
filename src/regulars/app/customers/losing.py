"""Who costs more than they bring, the worst first, each with the change of terms that breaks even first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from regulars.app.base.requests import Request
from regulars.app.customers import access
from regulars.app.facts import the_shop
from regulars.app.insights import kept
from regulars.insight.moves import knows_losses
from regulars.insight.profit import AT_A_LOSS, label
from regulars.model.phrases import Sentence
from regulars.shop.customers import Person

PROFIT = "profit"
PARAMETERS = {"by": "losing"}


@dataclass(frozen=True)
class Loser:
    """``lever`` breaks even first with the part ``needed`` of it; None where none is enough."""

    person: Person
    profit: float
    service: float
    lever: Sentence | None
    needed: float | None


@dataclass(frozen=True)
class Lever:
    """``amount`` is what was weighed (None where it has none); ``effect`` on the profit of all, with its range."""

    name: Sentence
    amount: float | None
    first_for: int
    effect: float
    low: float
    high: float


def losing(request: Request) -> HttpResponse:
    """The list with what each change of terms would do; or that it is being worked out."""
    customers = access.customers(request)
    found = kept.find(PROFIT, PARAMETERS, request.now)
    shown: dict[str, Any] = {"found": found, "job": None if found else kept.ask(PROFIT, PARAMETERS),
                             "again": request.get_full_path()}
    if found and found.result:
        numbers = found.result.numbers["losing"]
        rows = found.result.rows.to_pylist() if numbers else []
        people = {p.customer_id: p for p in customers.people([r["customer_id"] for r in rows], now=request.now)}
        shown |= {"numbers": numbers, "levers": _levers(numbers) if numbers else (),
                  "losers": [_loser(people[r["customer_id"]], r) for r in rows if r["customer_id"] in people],
                  "rule": AT_A_LOSS if knows_losses(the_shop()) else ""}
    return render(request, "customers/losing_part.html" if request.htmx else "customers/losing.html", shown)


def _loser(person: Person, row: Mapping[str, Any]) -> Loser:
    first = row["first"]
    return Loser(person, row["profit"], row["service"], label(first) if first else None,
                 row[f"needs_{first}"] if first else None)


def _levers(numbers: Mapping[str, Any]) -> Sequence[Lever]:
    """Those that break even first for somebody, for most of them first."""
    some = sorted((v for v in numbers["levers"] if v["first_for"]), key=lambda v: -v["first_for"])
    amounts = {**numbers["settings"], "self_service": None}
    return [Lever(label(v["lever"]), amounts[v["lever"]], v["first_for"], v["effect"], v["effect_low"],
                  v["effect_high"]) for v in some]
