"""What is said before an offer goes out: who would buy anyway, what leaving them out saves and risks, how sure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from regulars.model.figures import Figures
from regulars.model.phrases import About, Sentence, Share, phrases
from regulars.outreach.guard import GuardBox
from regulars.outreach.guard.weighing import Range, Weighed
from regulars.outreach.results.saying import Table

text, counted = phrases("regulars.outreach", "guard")

STEPS = (0.1, 0.2, 0.3, 0.4, 0.5)


def findings(box: GuardBox) -> Iterator[Sentence]:
    """Most important first."""
    found = box.weighed
    if not found.people:
        yield text("Nobody of them is likely to buy anyway within {days} days: {share} and more counts as likely.",
                   days=box.days, share=Share(found.threshold))
        return
    yield _who(box, found)
    yield text("Leaving them out saves about {value} ({low} to {high}) that would be given on orders that come anyway.",
               **_said(found.saved))
    yield _risk(box, found)
    if box.scales.left is not None:
        yield text("Together: leaving them out is better by about {value}.", value=_about(_balance(found))) \
            if _balance(found) > 0 else text("Together: leaving them out costs about {value}.",
                                             value=_about(-_balance(found)))


def _who(box: GuardBox, found: Weighed) -> Sentence:
    said = {"people": box.people, "days": box.days, "share": Share(found.threshold)}
    if not box.proposed:
        return counted("{n} person of {people} would buy anyway within {days} days with a chance of {share} or more.",
                       "{n} people of {people} would buy anyway within {days} days with a chance of {share} or more.",
                       found.people, **said)
    return counted("{n} person of {people} would buy anyway within {days} days often enough that leaving them out pays "
                   "(a chance of {share} or more).",
                   "{n} people of {people} would buy anyway within {days} days often enough that leaving them out pays "
                   "(a chance of {share} or more).", found.people, **said)


def _risk(box: GuardBox, found: Weighed) -> Sentence:
    if found.risked.high <= 0:
        return text("Nothing is risked: what they would order more would not bring what the offer costs.")
    if box.scales.left is None:
        return text("It risks orders of about {value} ({low} to {high}) that would come only with the offer.",
                    **_said(found.risked))
    return text("It risks about {value} ({low} to {high}) of profit, of orders that would come only with the offer.",
                **_said(found.risked))


def _balance(found: Weighed) -> float:
    return found.saved.value - found.risked.value


def _said(found: Range) -> dict[str, About]:
    return {name: _about(getattr(found, name)) for name in ("value", "low", "high")}


def _about(value: float) -> About:
    return About(Decimal(f"{value:.2f}"))


def caveats(box: GuardBox) -> Iterator[Sentence]:
    """How it held lately, and what is assumed."""
    if box.groups:
        best = box.groups[-1]
        yield text("Lately: of the fifth it held likeliest, {said} were expected to buy within {days} days, and {seen} "
                   "did.", said=Share(best.said), seen=Share(best.seen), days=box.days)
    lift = box.scales.lift
    if lift.campaigns:
        yield counted("How much an offer adds is learnt of {n} campaign: {value} ({low} to {high}) more orders.",
                      "How much an offer adds is learnt of {n} campaigns: {value} ({low} to {high}) more orders.",
                      lift.campaigns, value=Share(lift.value), low=Share(max(lift.low, 0.0)), high=Share(lift.high))
    else:
        yield text("How much an offer adds is an assumption, {value} ({low} to {high}) more orders, until campaigns "
                   "with a control group have measured it.", value=Share(lift.value), low=Share(max(lift.low, 0.0)),
                   high=Share(lift.high))
    if box.scales.left is None:
        yield text("What goods cost is not known, so what is risked is said in orders, not in profit.")
    unknown = box.people - len(box.scales.chance)
    if unknown:
        yield counted("Of {n} person nothing can be said, and they are not left out: they have never ordered.",
                      "Of {n} people nothing can be said, and they are not left out: they have never ordered.", unknown)
    yield text("Some bought with an offer before: their chance to buy without one is a little lower than it looks.")


def table(box: GuardBox, figures: Figures) -> Table:
    """What other thresholds would save and risk."""
    head = (text("chance from"), text("left out"), text("saves"), text("risks"))
    steps = sorted({*STEPS, box.threshold})
    rows = [(figures.share(s), figures.number(w.people), figures.about(w.saved.value), figures.about(w.risked.value))
            for s, w in ((s, box.at(s)) for s in steps)]
    return Table(text("Who would buy anyway").say(figures), tuple(h.say(figures) for h in head), tuple(rows))


__all__ = ["caveats", "findings", "table"]
