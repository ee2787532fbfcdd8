"""The moves that can be thought of: each a rule of whom it is for, and how what it brings is measured.

A new one is one function here, in `CANDIDATES`, and its words in `saying`. Rules speak of lengths of time only, never
of dates, so that the same rule can be asked of an earlier moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regulars.insight.moves.ground import Ground
from regulars.insight.profit import AT_A_LOSS, first_lever
from regulars.rules.tree import write_string

ORDERS, AGAIN, DISCOUNTS, SERVICE, GIVEN = "orders", "again", "discounts", "service", "given"
"""What is measured: what they order, of the product alone, the discount they are given, what serving them costs; or it
is known already."""
ANY, BY_HAND, CALL, NONE = ("email", "sms", "phone", "post"), ("phone", "post"), ("phone",), ()
"""The ways a move may go: whichever is cheapest, a call or a letter, a call, or nobody is turned to at all."""
ENOUGH = 50
A_YEAR = 365


@dataclass(frozen=True)
class Candidate:
    """``first`` and ``second`` are numbers its words speak of, ``product`` and ``other`` products, ``lever`` a change
    of terms; ``each`` is what one of its people brings, low and high, where that is known already; ``ways`` those it
    may go.
    """

    code: str
    rule: str
    measure: str = ORDERS
    first: int | None = None
    second: int | None = None
    product: str | None = None
    other: str | None = None
    lever: str | None = None
    each: tuple[float, float] | None = None
    in_margin: bool = False
    ways: tuple[str, ...] = ANY


def thought_of(ground: Ground, basket: Mapping[str, Any], profit: Mapping[str, Any], days: int) -> list[Candidate]:
    """Whatever the shop has the facts for; ``basket`` and ``profit`` are what the analyses of that name found, or
    nothing; ``days`` those in which a move is to bring what it brings."""
    return [*(found for make in CANDIDATES for found in make(ground)), *_complements(basket), *_due_again(basket),
            *_at_a_loss(profit, days / A_YEAR)]


def _second_order(ground: Ground) -> Iterator[Candidate]:
    """When those who come back do: the middle half of their days to the second order."""
    low, high = max(7, round(ground.second[0])), round(ground.second[1])
    if ground.returners >= ENOUGH and high > low:
        yield Candidate("second order", f"count(orders) = 1 and last(orders) between {low} and {high} days ago",
                        first=low, second=high)


def _win_back(ground: Ground) -> Iterator[Candidate]:
    """Silent for one and a half to three of the usual gaps: late, and not yet gone."""
    low = min(max(round(1.5 * ground.gap), 14), 365)
    if ground.regulars >= ENOUGH:
        yield Candidate("win back", f"count(orders) >= 3 and last(orders) between {low} and {2 * low} days ago",
                        first=low, second=2 * low)


def _best_unasked(ground: Ground) -> Iterator[Candidate]:
    if ground.orders >= ENOUGH and ground.sent >= ENOUGH:
        yield Candidate("best without contact", "top 10% by sum(orders.total in last 1 year)"
                        " and any(orders in last 1 year) and no(messages where type = 'sent' in last 60 days)",
                        first=60)


def _best_quiet(ground: Ground) -> Iterator[Candidate]:
    quiet = min(max(round(ground.gap), 14), 180)
    if ground.orders >= ENOUGH and ground.regulars >= ENOUGH:
        yield Candidate("best gone quiet", f"top 10% by sum(orders.total) and last(orders) more than {quiet} days ago"
                        " and any(orders in last 1 year)", first=quiet, ways=BY_HAND)


def _last_year(ground: Ground) -> Iterator[Candidate]:
    if ground.years >= 1.25:
        yield Candidate("same season last year",
                        "any(orders between 335 and 365 days ago) and no(orders in last 30 days)")


def _first_sale(ground: Ground) -> Iterator[Candidate]:
    if ground.engaged >= ENOUGH and ground.orders >= ENOUGH:
        yield Candidate("first sale", "no(orders) and any(engagements in last 30 days)", first=30)


def _open_checkout(ground: Ground) -> Iterator[Candidate]:
    if ground.checkouts >= ENOUGH:
        yield Candidate("open checkout", "any(checkouts where completed = false in last 7 days)"
                        " and no(orders in last 7 days)", first=7)


def _birthday(ground: Ground) -> Iterator[Candidate]:
    if ground.birthdays >= ENOUGH:
        yield Candidate("birthday", "anniversary(birth_date) in next 14 days and any(orders in last 1 year)", first=14)


def _no_discount(ground: Ground) -> Iterator[Candidate]:
    """They buy at full price most of the time; at a discount now and then, given for nothing."""
    if ground.discounted >= ENOUGH:
        yield Candidate("no discount", "count(orders in last 1 year) >= 3 and"
                        " share(orders where discounted in last 1 year) between 0.01 and 0.5", DISCOUNTS,
                        ways=NONE)


def _costly(ground: Ground) -> Iterator[Candidate]:
    if ground.served >= 20:
        minutes = max(1, round(ground.service))
        yield Candidate("costly to serve", f"sum(tickets.minutes in last 1 year) >= {minutes}"
                        " and count(tickets in last 1 year) >= 3", SERVICE, first=minutes,
                        ways=CALL)


CANDIDATES: tuple[Callable[[Ground], Iterator[Candidate]], ...] = (
    _second_order, _win_back, _best_unasked, _best_quiet, _last_year, _first_sale, _open_checkout, _birthday,
    _no_discount, _costly)


def _complements(basket: Mapping[str, Any]) -> Iterator[Candidate]:
    """The pair worth most: what it brings was measured by the analysis of baskets."""
    for pair in [each for each in basket.get("missing", ()) if each["worth_high"] is not None][:1]:
        people = max(pair["people"], 1)
        yield Candidate("complement", pair["rule"], GIVEN, product=pair["has"], other=pair["lacks"],
                        each=(pair["worth_low"] / people, pair["worth_high"] / people),
                        in_margin=pair["each_is"] == "margin")


def _due_again(basket: Mapping[str, Any]) -> Iterator[Candidate]:
    """What most people are due for: bought again and again, last bought about so long ago."""
    for item in basket.get("replenish", ())[:1]:
        low, high = max(1, round(item["low"])), round(item["high"])
        if high <= low:
            continue
        product = write_string(item["item"])
        yield Candidate("due again", f"count(lines where product = {product}) >= 2 and"
                        f" last(lines where product = {product}) between {low} and {high} days ago",
                        AGAIN, first=low, second=high, product=item["item"])


def _at_a_loss(profit: Mapping[str, Any], part: float) -> Iterator[Candidate]:
    """New terms for those who cost more than they bring, by the lever that breaks even first for most of them;
    ``part`` of what it does in a year."""
    found = profit.get("losing")
    lever = first_lever(found)
    if found and lever:
        low, high = (part * lever[f"effect_{end}"] / found["customers"] for end in ("low", "high"))
        yield Candidate("at a loss", AT_A_LOSS, GIVEN, first=lever["first_for"], second=found["customers"],
                        lever=lever["lever"], each=(low, high), in_margin=True, ways=NONE)
