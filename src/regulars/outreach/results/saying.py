"""What is said of a campaign's result: people first, what is sure, what is not, and what it takes to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from regulars.model.figures import Figures
from regulars.model.phrases import Money, Own, Said, Sentence, phrases
from regulars.outreach.offers import Used
from regulars.outreach.results import CampaignResult, Part
from regulars.outreach.results.enough import enough
from regulars.outreach.results.judging import (
    ALIKE,
    EARLY,
    LESS,
    MORE,
    NO_CONTROL,
    ORDERS,
    PAID,
    PROFIT,
    REACHED,
    TOO_FEW,
    Comparison,
)
from regulars.outreach.results.judging import Share as Ordered
from regulars.outreach.results.means import Difference

text, counted = phrases("regulars.outreach", "results")

MINUS = "−"


@dataclass(frozen=True)
class Table:
    """Texts in the reader's language, ready to be shown; the first column says what a row is of."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def labelled(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Each row's cells with their heading before them, for where there is no room side by side."""
        return tuple(tuple(zip(self.head, row, strict=False)) for row in self.rows)


def findings(result: CampaignResult) -> list[Sentence]:
    """Most important first."""
    return [*_whole(result), *_goal(result), *_segments(result.segments), *_tests(result.tests), *_codes(result.codes)]


def _goal(result: CampaignResult) -> Iterator[Sentence]:
    """What it was for, where that is no order."""
    if result.asked.aim:
        yield counted("Its goal: {goal}, within {n} day.", "Its goal: {goal}, within {n} days.", result.asked.days,
                      goal=result.asked.aimed)


def _whole(result: CampaignResult) -> Iterator[Sentence]:
    found = result.whole
    if found.verdict == NO_CONTROL and result.waiting:
        yield text("Nothing can be told yet.")
        return
    if found.verdict == NO_CONTROL and found.goal == REACHED:
        yield counted("Nobody was left without it by chance, so nobody can say what it brought: {n} person reached its "
                      "goal, and may have done so anyway. Take a control group next time.",
                      "Nobody was left without it by chance, so nobody can say what it brought: {n} people reached its "
                      "goal, and may have done so anyway. Take a control group next time.",
                      found.reachers + found.other_reachers)
        return
    if found.verdict == NO_CONTROL:
        yield text("Nobody was left without it by chance, so nobody can say what it brought: what was ordered may have "
                   "been ordered anyway. Take a control group next time.")
        return
    if _too_soon(result) and result.until:
        yield counted("Look again on {day}: only then everybody has had their {n} day.", "Look again on {day}: only "
                      "then everybody has had their {n} days.", result.asked.days, day=result.until)
    if not _too_soon(result) or found.verdict == TOO_FEW:
        yield verdict(found)
    if _too_soon(result) and not sum(found.hits):
        return
    yield _of_thousand(found)
    yield from enough(found) if not _too_soon(result) else ()


def _of_thousand(found: Comparison) -> Sentence:
    one, other = (round(1000 * share) for share in found.hit_shares)
    if found.goal == REACHED:
        return text("Of 1,000 people {one} reached the goal with it and {other} without.", one=one, other=other)
    return text("Of 1,000 people {one} ordered with it and {other} without.", one=one, other=other)


def _too_soon(result: CampaignResult) -> bool:
    """Whether its time is not over, and nothing stands out by now."""
    return result.done is not None and result.done < 1 and result.whole.verdict in (EARLY, TOO_FEW)


def verdict(found: Comparison) -> Sentence:
    """What may be said of a difference by now."""
    if found.verdict == TOO_FEW and found.goal == REACHED:
        return counted("Not enough data yet: {n} person in all reached the goal, too few to tell it from chance.",
                       "Not enough data yet: {n} people in all reached the goal, too few to tell it from chance.",
                       sum(found.hits))
    if found.verdict == TOO_FEW:
        return counted("Not enough data yet: {n} person in all ordered, too few to tell it from chance.",
                       "Not enough data yet: {n} people in all ordered, too few to tell it from chance.",
                       found.orderers + found.other_orderers)
    difference = found.of_goal
    assert difference is not None
    return {MORE: _more, LESS: _fewer, ALIKE: _alike, EARLY: _early}[found.verdict](found.goal, difference)


def _more(goal: str, found: Ordered | Difference) -> Sentence:
    if goal == REACHED:
        return text("It worked: of 1,000 people {value} more reached the goal than without it ({low} to {high}).",
                    **_thousand(found))
    if goal == ORDERS:
        return text("It worked: of 1,000 people {value} more ordered than without it ({low} to {high}).",
                    **_thousand(found))
    if goal == PAID:
        return text("It sold more: {value} a person more than without it ({low} to {high}). What is left of it is not "
                    "known, for no cost of goods is.", **_money(found))
    return text("It paid: {value} more profit a person than without it ({low} to {high}).", **_money(found))


def _fewer(goal: str, found: Ordered | Difference) -> Sentence:
    turned = type(found)(-found.value, found.error, -found.high, -found.low)
    if goal == REACHED:
        return text("It did harm: of 1,000 people {value} fewer reached the goal than without it ({low} to {high}).",
                    **_thousand(turned))
    if goal == ORDERS:
        return text("It did harm: of 1,000 people {value} fewer ordered than without it ({low} to {high}).",
                    **_thousand(turned))
    if goal == PAID:
        return text("It sold less: {value} a person less than without it ({low} to {high}).", **_money(turned))
    return text("It cost more than it brought: {value} less profit a person than without it ({low} to {high}).",
                **_money(turned))


def _alike(goal: str, found: Ordered | Difference) -> Sentence:
    less, more = {"low": -found.low}, {"high": found.high}
    if goal == REACHED:
        return text("No difference can be told: of 1,000 people, from {low} fewer to {high} more reached the goal.",
                    low=round(1000 * less["low"]), high=round(1000 * more["high"]))
    if goal == ORDERS:
        return text("No difference can be told: of 1,000 people, from {low} fewer to {high} more ordered.",
                    low=round(1000 * less["low"]), high=round(1000 * more["high"]))
    if goal == PAID:
        return text("No difference can be told: from {low} less to {high} more a person.",
                    low=_amount(less["low"]), high=_amount(more["high"]))
    return text("No difference can be told: from {low} less to {high} more profit a person.",
                low=_amount(less["low"]), high=_amount(more["high"]))


def _early(goal: str, found: Ordered | Difference) -> Sentence:
    return text("Nothing can be told yet.")


def _thousand(found: Ordered | Difference) -> dict[str, Any]:
    return {name: round(1000 * getattr(found, name)) for name in ("value", "low", "high")}


def _money(found: Ordered | Difference) -> dict[str, Any]:
    return {name: _amount(getattr(found, name)) for name in ("value", "low", "high")}


def _amount(value: float) -> Money:
    return Money(cents(value))


def cents(value: float) -> Decimal:
    """An amount to two places; without a sign where nothing is left of it."""
    return Decimal(f"{value:.2f}") + 0


def _segments(parts: Sequence[Part]) -> Iterator[Sentence]:
    """Only those where a difference can be told, though so many were looked at."""
    for part in parts:
        if part.comparison.verdict in (MORE, LESS):
            yield text("{segment}: {said}", segment=of_segment(part.segment), said=verdict(part.comparison))


def of_segment(name: str) -> Said | Own:
    return Own(name) if name else text("Everybody else")


def _tests(parts: Sequence[Part]) -> Iterator[Sentence]:
    for part in parts:
        found = part.comparison
        if found.verdict in (MORE, LESS):
            better, worse = (part.one, part.other) if found.verdict == MORE else (part.other, part.one)
            yield text("{better} does better than {worse}, by more than chance.", better=Own(better), worse=Own(worse))
        else:
            yield text("Between {one} and {other} no difference can be told.", one=Own(part.one), other=Own(part.other))


def _codes(found: Used | None) -> Iterator[Sentence]:
    """What became of single codes; orders that used one late or once more are told apart."""
    if not found or not found.made:
        return
    yield counted("{n} code of {made} was used in time.", "{n} codes of {made} were used in time.", found.in_time,
                  made=found.made)
    if found.again:
        yield counted("{n} order used a code once more that is good once: look at who took it.",
                      "{n} orders used a code once more that is good once: look at who took them.", found.again)
    if found.late:
        yield counted("{n} order used a code after its last day, and is not counted among these.",
                      "{n} orders used a code after its last day, and are not counted among these.", found.late)


def caveats(result: CampaignResult) -> Iterator[Sentence]:
    """What to hold against it."""
    if result.whole.verdict != NO_CONTROL:
        yield text("Everybody counts who was to get it, also where it did not arrive: only so is chance the one thing "
                   "that differs. The ranges hold 19 times in 20, however often this is looked at.")
        if result.asked.aim:
            yield from _of_goal(result)
        yield text("Differences of money take out what either group had spent before, so they need not be quite the "
                   "difference of the averages beside them.")
    if result.profit is not None:
        yield text("Profit is what was paid less returns, tax, goods, payment and shipping as far as they are known, "
                   "and the message; help by people is not counted.")
        if result.asked.assumed:
            yield text("What some of the goods cost is not known: it is taken to be the share that others cost.")
        if result.asked.each is None:
            yield text("What a message costs by this channel is not known, and is not taken off.")
    elif result.asked.goal == PROFIT:
        yield text("What goods cost is not known, so nothing here is called profit. Bring in products with their cost.")
    if len(result.segments) > 1:
        yield text("Of several segments each range is wider, for of many looks one pleases by chance. Drawn together, "
                   "each is moved towards all by as much as it is unsure.")
    if result.waiting:
        yield counted("{n} person is left out whose time is not over.", "{n} people are left out whose time is not "
                      "over.", result.waiting)
    if result.lost:
        yield counted("{n} person is left out who was erased, or proved to be one with another.",
                      "{n} people are left out who were erased, or proved to be one with others.", result.lost)
    if result.without_amount:
        yield counted("{n} order does not say what was paid, and counts as nothing paid.",
                      "{n} orders do not say what was paid, and count as nothing paid.", result.without_amount)


def _of_goal(result: CampaignResult) -> Iterator[Sentence]:
    yield text("It is judged by its goal. Money here is of orders alone: what the goal is worth beside them is not "
               "counted.")
    if result.asked.aim and result.asked.aim.of_plan:
        yield text("Of a plan only the day is known on which it began last: one begun on the day of the message does "
                   "not count, and of one that was changed since, the earlier beginning is not known.")


def tables(result: CampaignResult, figures: Figures) -> list[Table]:
    """The whole, the segments where there are several, and the tests where there are any; before anything can be told
    no differences, and nothing of nobody."""
    if not result.whole.people + result.whole.others:
        return []
    found = [_table_of_whole(result, figures)]
    if _too_soon(result):
        return found
    if result.segments:
        found.append(_table_of_parts(text("By segment"), result.segments, figures, drawn=True))
    if result.tests:
        found.append(_table_of_parts(text("Which does better"), result.tests, figures, drawn=False))
    return found


def _table_of_whole(result: CampaignResult, figures: Figures) -> Table:
    whole = result.whole
    head: tuple[Any, ...] = ("", text("with it"), text("without it"), text("difference"), text("from"), text("to"))
    rows: list[tuple[Any, ...]] = [
        (text("people"), figures.number(whole.people), figures.number(whole.others), "", "", ""),
        *([(text("reached the goal, of 100 people"), *(figures.rounded(100 * x, 1) for x in whole.hit_shares),
            *_ends(whole.reached, figures, points=True))] if whole.goal == REACHED else []),
        (text("ordered, of 100 people"), *(figures.rounded(100 * x, 1) for x in (whole.share, whole.other_share)),
         *_ends(whole.ordered, figures, points=True)),
        (text("paid a person"), *(figures.money(cents(x)) for x in result.paid), *_ends(whole.paid, figures))]
    if result.profit:
        rows.append((text("profit a person"), *(figures.money(cents(x)) for x in result.profit),
                     *_ends(whole.profit, figures)))
    if _too_soon(result):
        rows, head = [row[:3] for row in rows], head[:3]
    return Table(text("What it brought").say(figures), _said(head, figures), tuple(_said(r, figures) for r in rows))


def _table_of_parts(title: Sentence, parts: Sequence[Part], figures: Figures, *, drawn: bool) -> Table:
    goal = parts[0].comparison.goal
    what = {ORDERS: text("ordered, of 100 people"), PAID: text("paid a person"), PROFIT: text("profit a person"),
            REACHED: text("reached the goal, of 100 people")}[goal]
    sizes = (text("with it"), text("without it")) if drawn else (text("the first"), text("the second"))
    last = (text("drawn together"),) if drawn else ()
    rows = []
    for part in parts:
        found, points = part.comparison, goal in (ORDERS, REACHED)
        name = of_segment(part.segment) if drawn else text("{one} beside {other}", one=Own(part.one),
                                                           other=Own(part.other))
        row: tuple[Any, ...] = (name, figures.number(found.people), figures.number(found.others),
                                *_ends(found.of_goal, figures, points=points))
        if drawn:
            row = (*row, signed(part.drawn[0], figures, points) if part.drawn else "")
        rows.append(row)
    head = (what, *sizes, text("difference"), text("from"), text("to"), *last)
    return Table(title.say(figures), _said(head, figures), tuple(_said(r, figures) for r in rows))


def _ends(found: Ordered | Difference | None, figures: Figures, *, points: bool = False) -> tuple[str, str, str]:
    if found is None:
        return "", "", ""
    value, low, high = (signed(x, figures, points) for x in (found.value, found.low, found.high))
    return value, low, high


def signed(value: float, figures: Figures, points: bool) -> str:
    """With its sign; shares as people of a hundred."""
    said = figures.rounded(abs(value) * 100, 1) if points else figures.money(cents(abs(value)))
    sign = "" if not any(c in "123456789۱۲۳۴۵۶۷۸۹" for c in said) else MINUS if value < 0 else "+"
    return f"{sign}{said}"


def _said(row: Sequence[Any], figures: Figures) -> tuple[str, ...]:
    return tuple(each.say(figures) if isinstance(each, Sentence) else each.value if isinstance(each, Own) else str(each)
                 for each in row)


def to_json(result: CampaignResult, figures: Figures) -> dict[str, Any]:
    """For a program, with what a person is told in the figures' language."""
    parts = {"segments": result.segments, "tests": result.tests}
    return {"campaign": result.asked.campaign, "as_of": result.now, "until": result.until, "done": result.done,
            "days": result.asked.days, "goal": result.whole.goal,
            "goal_rule": result.asked.aim.rule if result.asked.aim else "", **_of(result.whole),
            "paid_each": result.paid, "profit_each": result.profit, "waiting": result.waiting,
            "codes": result.codes and asdict(result.codes), "lost": result.lost,
            **{name: [{"segment": p.segment, "one": p.one, "other": p.other, "drawn": p.drawn, **_of(p.comparison)}
                      for p in found] for name, found in parts.items()},
            "findings": [s.say(figures) for s in findings(result)],
            "caveats": [s.say(figures) for s in caveats(result)]}


def _of(found: Comparison) -> dict[str, Any]:
    sizes = {n: getattr(found, n) for n in ("people", "others", "orderers", "other_orderers", "reachers",
                                              "other_reachers", "verdict", "detectable")}
    return {**sizes, **{name: d and {"difference": d.value, "low": d.low, "high": d.high} for name, d in
                        (("ordered", found.ordered), ("paid", found.paid), ("profit", found.profit),
                         ("reached", found.reached))}}


__all__ = ["Table", "caveats", "cents", "findings", "signed", "tables", "to_json", "verdict"]
