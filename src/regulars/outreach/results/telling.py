"""What is said of a segment's campaigns over time: people first, what they teach together, and what they cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from regulars.model.clock import local_day
from regulars.model.figures import NOTHING, Figures
from regulars.model.phrases import Money, Own, Sentence, phrases
from regulars.model.phrases import Share as Percent
from regulars.outreach.results.history import Chapter, History, in_all, of_goal
from regulars.outreach.results.judging import (
    ALIKE,
    EARLY,
    LESS,
    MORE,
    NO_CONTROL,
    ORDERS,
    PAID,
    PROFIT,
    TOO_FEW,
    Share,
)
from regulars.outreach.results.learning import Lift
from regulars.outreach.results.means import Difference
from regulars.outreach.results.pooling import Pooled
from regulars.outreach.results.saying import Table, cents, signed, verdict

text, counted = phrases("regulars.outreach", "results")

SHORT: dict[str, Sentence] = {
    MORE: text("it helped"), LESS: text("it did harm"), ALIKE: text("no difference can be told"),
    TOO_FEW: text("not enough data yet"), EARLY: text("its time is not over"),
    NO_CONTROL: text("nobody was left without it")}


def findings(found: History) -> list[Sentence]:
    """Most important first; plainly where nothing can be told yet."""
    if not found.chapters:
        return [text("No campaign to this segment has begun yet.")]
    told = found.told
    if not told:
        return [*_untold(found)]
    return [*_in_all(found),
            *(_together(found) if found.together else _alone(told)), *_by_themselves(told), *_next(found.lift)]


def _in_all(found: History) -> Iterator[Sentence]:
    """The sum of everybody who got them, with its range."""
    met = in_all(found)
    if met is None:
        return
    said: Callable[[float], Any] = round if found.goal == ORDERS else _money
    value, low, high = (said(abs(x)) for x in (met if met[2] > 0 else (met[0], met[2], met[1])))
    if met[1] > 0:
        yield replace(MORE_IN_ALL[found.goal], parts={"value": value, "low": low, "high": high})
    elif met[2] < 0:
        yield replace(LESS_IN_ALL[found.goal], parts={"value": value, "low": low, "high": high})
    else:
        yield replace(ALIKE_IN_ALL[found.goal], parts={"low": low, "high": high})


MORE_IN_ALL: Mapping[str, Sentence] = {
    PROFIT: text("In all {value} more profit than without them ({low} to {high})."),
    PAID: text("In all {value} more was paid than without them ({low} to {high})."),
    ORDERS: text("In all {value} more people ordered than without them ({low} to {high}).")}
LESS_IN_ALL: Mapping[str, Sentence] = {
    PROFIT: text("In all {value} less profit than without them ({low} to {high})."),
    PAID: text("In all {value} less was paid than without them ({low} to {high})."),
    ORDERS: text("In all {value} fewer people ordered than without them ({low} to {high}).")}
ALIKE_IN_ALL: Mapping[str, Sentence] = {
    PROFIT: text("In all from {low} less to {high} more profit than without them: no difference can be told."),
    PAID: text("In all from {low} less to {high} more was paid than without them: no difference can be told."),
    ORDERS: text("In all from {low} fewer to {high} more people ordered than without them: no difference can be told.")}


def _untold(found: History) -> Iterator[Sentence]:
    """Why nothing can be said, and when or how something could."""
    yield counted("Not enough data yet: of {n} campaign nothing can be told.",
                  "Not enough data yet: of {n} campaigns nothing can be told.", len(found.chapters))
    ends = [each.until for each in found.chapters if each.until and not each.over]
    if ends:
        yield text("Look again on {day}.", day=min(ends))
    without = sum(each.over and each.comparison.verdict == NO_CONTROL for each in found.chapters)
    if without:
        yield counted("{n} left nobody without it by chance: what it brought nobody can say.",
                      "{n} left nobody without them by chance: what they brought nobody can say.", without)


def _alone(told: list[Chapter]) -> Iterator[Sentence]:
    """One by one, where fewer than two can be drawn together."""
    for each in told:
        yield text("{campaign}: {said}", campaign=Own(each.campaign), said=verdict(each.comparison))
    yield text("From two campaigns on that can be told, they are drawn together.")


def _together(found: History) -> Iterator[Sentence]:
    """Of the goal, then of how many order, then whether they differ among themselves."""
    people = sum(each.comparison.people + each.comparison.others for each in found.told)
    yield counted("{n} campaign can be told, with {people} people in all, counted once for each campaign.",
                  "{n} campaigns can be told, with {people} people in all, counted once for each campaign.",
                  len(found.told), people=people)
    assert found.together is not None
    if found.goal != ORDERS:
        yield _of_money(found.together, found.goal)
    if found.ordered:
        yield _of_orders(found.ordered)
    if found.together.between > 0:
        yield text("They differ among themselves by more than chance: look at which did better.")
    else:
        yield text("They differ among themselves by no more than chance would have it.")


def _of_money(together: Pooled, goal: str) -> Sentence:
    low, value, high = together.low, together.mean, together.high
    said = {"value": _money(abs(value)), "low": _money(min(abs(low), abs(high))), "high": _money(max(abs(low),
                                                                                                    abs(high)))}
    if low > 0 and goal == PROFIT:
        return text("Together they paid: {value} more profit a person than without them ({low} to {high}).", **said)
    if low > 0:
        return text("Together they sold more: {value} a person more than without them ({low} to {high}).", **said)
    if high < 0 and goal == PROFIT:
        return text("Together they cost more than they brought: {value} less profit a person than without them ({low} "
                    "to {high}).", **said)
    if high < 0:
        return text("Together they sold less: {value} a person less than without them ({low} to {high}).", **said)
    if goal == PROFIT:
        return text("Together no difference can be told: from {low} less to {high} more profit a person.",
                    low=_money(-low), high=_money(high))
    return text("Together no difference can be told: from {low} less to {high} more a person.", low=_money(-low),
                high=_money(high))


def _of_orders(found: Pooled) -> Sentence:
    low, value, high = (round(1000 * x) for x in (found.low, found.mean, found.high))
    if found.low > 0:
        return text("Of 1,000 people {value} more ordered than without them ({low} to {high}).", value=value, low=low,
                    high=high)
    if found.high < 0:
        return text("Of 1,000 people {value} fewer ordered than without them ({low} to {high}).", value=-value,
                    low=-high, high=-low)
    return text("Of 1,000 people, from {low} fewer to {high} more ordered than without them.", low=-low, high=high)


def _by_themselves(told: list[Chapter]) -> Iterator[Sentence]:
    """How many stand out by themselves: of many some do by chance."""
    better = sum(each.comparison.verdict == MORE for each in told)
    worse = sum(each.comparison.verdict == LESS for each in told)
    if len(told) > 1 and better:
        yield counted("{n} of {all} helped by itself, beyond chance.", "{n} of {all} helped by themselves, beyond "
                      "chance.", better, all=len(told))
    if len(told) > 1 and worse:
        yield counted("{n} of {all} did harm by itself, beyond chance.", "{n} of {all} did harm by themselves, beyond "
                      "chance.", worse, all=len(told))


def _next(lift: Lift) -> Iterator[Sentence]:
    """What to expect of the next one, where anything was measured."""
    if not lift.campaigns:
        return
    if lift.low > 0:
        yield text("Of the next one expect {low} to {high} more orders than without it.", low=_share(lift.low),
                   high=_share(lift.high))
    elif lift.high < 0:
        yield text("Of the next one expect {low} to {high} fewer orders than without it.", low=_share(lift.high),
                   high=_share(lift.low))
    else:
        yield text("Of the next one expect from {low} fewer to {high} more orders than without it.",
                   low=_share(lift.low), high=_share(lift.high))


def caveats(found: History) -> Iterator[Sentence]:
    """What to hold against it."""
    if not found.chapters:
        return
    yield text("Of each campaign those count whom it chose as people of this segment, also where it did not arrive: "
               "those with it beside those whom chance left without. Ranges hold 19 times in 20.")
    if found.together:
        yield text("Drawn together, each campaign is moved towards all of them by as much as it is unsure. The same "
                   "people may be in several campaigns, so that all together are a little less sure than is said.")
    if found.goal == PAID:
        yield text("What goods cost is not known for all of them, so nothing here is called profit.")
    others = sum(each.own_goal for each in found.chapters)
    if others:
        yield counted("{n} campaign was for something else than orders: here all are told by orders, and of its goal "
                      "tells its own result.", "{n} campaigns were for something else than orders: here all are told "
                      "by orders, and of their goals tell their own results.", others)
    if found.changed and any(each.began < found.changed for each in found.chapters):
        yield text("Its rule was last written on {day}: campaigns before that reached people of another rule.",
                   day=found.changed)


def table(found: History, figures: Figures) -> Table:
    """A row for each campaign, the latest first, and one of all together; empty where there is none."""
    money = found.goal if found.goal != ORDERS else ""
    columns: list[Sentence] = [text("campaign"), text("began"), text("people with it"), text("people without"),
                           text("more ordered, of 100")]
    columns += [text("more profit a person") if money == PROFIT else text("more paid a person")] if money else []
    columns += [text("drawn together"), text("what can be said")]
    rows = [_row(each, found.goal, money, figures) for each in reversed(found.chapters)]
    if found.together:
        rows.append(_row_of_all(found, money, figures))
    return Table(text("Campaign by campaign").say(figures), tuple(each.say(figures) for each in columns), tuple(rows))


def _row(each: Chapter, goal: str, money: str, figures: Figures) -> tuple[str, ...]:
    met = each.comparison
    said = SHORT[met.verdict] if each.over or met.verdict in (MORE, LESS, NO_CONTROL) else SHORT[EARLY]
    amounts = (_ends(of_goal(met, goal) if each.over else None, figures),) if money else ()
    return (each.campaign, figures.day(local_day(each.began, figures.settings.zone)),
            figures.number(met.people), figures.number(met.others),
            _ends(met.ordered if each.over else None, figures, points=True), *amounts,
            signed(each.drawn[0], figures, goal == ORDERS) if each.drawn else NOTHING, said.say(figures))


def _row_of_all(found: History, money: str, figures: Figures) -> tuple[str, ...]:
    together, ordered = found.together, found.ordered
    assert together is not None
    sizes = (sum(e.comparison.people for e in found.told), sum(e.comparison.others for e in found.told))
    amounts = (_range(together.mean, together.low, together.high, figures, False),) if money else ()
    return (text("all together").say(figures), "", *map(figures.number, sizes),
            _range(ordered.mean, ordered.low, ordered.high, figures, True) if ordered else NOTHING, *amounts, "", "")


def _ends(found: Share | Difference | None, figures: Figures, *, points: bool = False) -> str:
    return _range(found.value, found.low, found.high, figures, points) if found else NOTHING


def _range(value: float, low: float, high: float, figures: Figures, points: bool) -> str:
    return text("{value} ({low} to {high})", **{name: Own(signed(x, figures, points)) for name, x in
                                                (("value", value), ("low", low), ("high", high))}).say(figures)


def _money(value: float) -> Money:
    return Money(cents(value))


def _share(value: float) -> Percent:
    return Percent(abs(value))


def to_json(found: History, figures: Figures) -> dict[str, Any]:
    """For a program, with what a person is told in the figures' language."""
    return {"segment": found.segment, "as_of": found.now, "goal": found.goal,
            "campaigns": [_chapter_json(each) for each in found.chapters],
            "together": _pooled_json(found.together), "ordered": _pooled_json(found.ordered),
            "lift": vars(found.lift), "findings": [s.say(figures) for s in findings(found)],
            "caveats": [s.say(figures) for s in caveats(found)]}


def _chapter_json(each: Chapter) -> dict[str, Any]:
    met = each.comparison
    differences = {name: d and {"difference": d.value, "low": d.low, "high": d.high} for name, d in
                   (("ordered", met.ordered), ("paid", met.paid), ("profit", met.profit))}
    sizes = {n: getattr(met, n) for n in ("people", "others", "orderers", "other_orderers", "verdict")}
    return {"campaign": each.campaign, "channel": each.channel, "began": each.began, "until": each.until,
            "over": each.over, "own_goal": each.own_goal, **sizes, **differences, "drawn": each.drawn}


def _pooled_json(found: Pooled | None) -> dict[str, float] | None:
    return {"mean": found.mean, "low": found.low, "high": found.high, "between": found.between} if found else None


__all__ = ["caveats", "findings", "table", "to_json"]
