"""What is said of what customers are worth, and what is to be held against it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from regulars.insight.value.counting import Counted
from regulars.insight.value.fitting import Fit
from regulars.insight.value.gammagamma import SpendFit
from regulars.insight.value.holdout import Holdout
from regulars.insight.value.predicting import Predicted
from regulars.insight.value.ranges import Range
from regulars.model.phrases import About, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "value")

HANGS_TOGETHER = 0.3
"""A correlation of how often and how much that is worth a word."""
FEW = 100
STALE = 60


OFF = 0.2
"""So far off is worth a word."""


def method(model: str, amount: str) -> Sentence:
    """How it was worked out, in a sentence."""
    when = text("the BG/NBD model") if model == "bg-nbd" else text("the Pareto/NBD model")
    what = text("margin") if amount == "margin" else text("what they paid")
    return text(
        "Orders by {model}, and their worth in {amount} by the gamma-gamma model, fitted by maximum likelihood.",
        model=when, amount=what)


def findings(predicted: Predicted, amount: str, orders: Range, worth: Range | None, months: int,
             holdout: Holdout | None) -> Iterator[Sentence]:
    if worth is not None:
        yield _worth(predicted, amount, worth, months)
        yield text("The tenth of them who are worth most bring {share} of it.", share=Share(top_tenth(predicted)))
    yield text("{orders} more orders are expected of them, probably {low} to {high}.",
               orders=round(float(predicted.orders.sum())), low=round(orders.low), high=round(orders.high))
    yield text("About {share} are still active.", share=Share(float(predicted.active.mean())))
    if holdout is not None:
        yield text("After {day}, {actual} orders came of those who had ordered by then, and {expected} were expected.",
                   day=holdout.since, actual=holdout.actual, expected=round(holdout.expected))


def _worth(predicted: Predicted, amount: str, worth: Range, months: int) -> Sentence:
    """What all of them are expected to bring, by the name of what it is counted in."""
    n = len(predicted.active)
    parts = {"worth": About(float(np.nansum(predicted.worth))), "low": About(worth.low), "high": About(worth.high),
             "months": months}
    if amount == "margin":
        return counted(
            "{n} customer is expected to bring a margin of {worth} in the next {months} months: probably {low} to "
            "{high}.",
            "{n} customers are expected to bring a margin of {worth} in the next {months} months: probably {low} to "
            "{high}.", n, **parts)
    return counted(
        "{n} customer is expected to pay {worth} in the next {months} months: probably {low} to {high}.",
        "{n} customers are expected to pay {worth} in the next {months} months: probably {low} to {high}.", n, **parts)


def top_tenth(predicted: Predicted) -> float:
    """What part of all worth the tenth brings who are worth most."""
    ranked = np.sort(np.nan_to_num(predicted.worth))[::-1]
    whole = float(ranked.sum())
    return float(ranked[:max(len(ranked) // 10, 1)].sum()) / whole if whole > 0 else 0.0


def caveats_of_fit(model: str, fit: Fit) -> Iterator[Sentence]:
    if model == "bg-nbd":
        yield text("This model takes everyone who has ordered only once for active: the Pareto/NBD model does not.")
    if fit.with_priors:
        yield text("The orders alone hardly tell how customers differ: the parameters are held near usual ones.")
    if not fit.converged:
        yield text("The fit did not settle: take the figures as rough.")
    if fit.sampled:
        yield text("The parameters are those of a sample; what is expected is of everyone.")


def caveats_of_spend(known: Counted, spend: SpendFit | None) -> Iterator[Sentence]:
    if spend is None:
        yield text("Too few have ordered again at a known amount: nothing is said of what orders will be worth.")
        return
    fit = spend.fit
    if spend.held:
        yield text("What customers pay is too uneven for the model: the mean of all is held at the one that was seen.")
    if fit.with_priors or not fit.converged:
        yield text("What customers pay hardly tells how they differ: its parameters are held near usual ones.")
    if fit.n < FEW:
        yield counted("What an order is worth is learnt of {n} customer only.",
                      "What an order is worth is learnt of {n} customers only.", round(fit.n))
    left_out = int(((known.known > 0) & ~known.pays).sum())
    if left_out:
        yield counted("{n} customer whose repeat orders brought nothing or less was left out of the spend.",
                      "{n} customers whose repeat orders brought nothing or less were left out of the spend.", left_out)
    together = _correlation(known)
    if abs(together) > HANGS_TOGETHER:
        yield text("Those who order more often pay differently an order (correlation {r}), which the model leaves out.",
                   r=round(together, 2))


def _correlation(known: Counted) -> float:
    spend = known.spend
    if len(spend.x) < 3 or spend.x.std() == 0 or spend.mean.std() == 0:
        return 0.0
    return float(np.corrcoef(spend.x, spend.mean)[0, 1])


def caveats_of_time(last: date, today: date, watched: int, ahead: int, holdout: Holdout | None) -> Iterator[Sentence]:
    """``watched`` is for how many days the first customer has been, ``ahead`` how many are looked into."""
    if holdout is not None:
        yield text("This is judged as of the end of {day}; no scores are kept of a day that is past.",
                   day=holdout.since)
        if abs(holdout.expected - holdout.actual) > OFF * max(holdout.actual, 1):
            yield text("That was far off: the model knows no seasons and nothing of what the shop does differently.")
    elif (today - last).days > STALE:
        yield text("The last order is of {day}: if later ones are missing, everyone looks lost.", day=last)
    if watched < ahead:
        yield counted("Customers were watched for at most {n} day: this looks further ahead than that.",
                      "Customers were watched for at most {n} days: this looks further ahead than that.", watched)
