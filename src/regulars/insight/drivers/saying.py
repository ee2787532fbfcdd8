"""What a person is told of drivers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from regulars.insight.drivers.cohort import Cohort
from regulars.insight.drivers.effects import Contrast
from regulars.insight.drivers.judging import CONFOUNDED, DRIVER, NOTHING, SAME, UNADJUSTED, Judged
from regulars.model.phrases import About, Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "drivers")

SOURCE = ("Linear model with HC3 errors: MacKinnon & White 1985, Journal of Econometrics 29:305; false discovery rate: "
          "Benjamini & Hochberg 1995, JRSS B 57:289")
MOST_TOLD = 6


def method(outcome: str, days: int) -> Sentence:
    """How, in a sentence."""
    return text("What was known before, beside what came after it within {days} days: differences as they look, and in "
                "a linear model of all of it at once, held to one false finding in twenty.", days=days)


def label(code: str) -> Sentence | None:
    """What an attribute, or one of its values that is no word of the shop's, is called; nothing for other codes."""
    return LABELS.get(code)


LABELS = {
    "quarter": text("quarter of the year"), "device": text("device"), "browser": text("browser"),
    "acquisition_channel": text("how they found the shop"), "referrer": text("referring site"),
    "language": text("language"), "country": text("country"), "region": text("region"), "city": text("city"),
    "email_consent_origin": text("where consent was given"), "occupation": text("occupation"),
    "income_band": text("income"), "education": text("education"), "life_stage": text("life stage"),
    "lifestyle": text("lifestyle"), "home_owner": text("home owner"), "web_savviness": text("web savviness"),
    "household_size": text("household size"), "gender": text("gender"), "age": text("age"),
    "referred": text("brought by a customer"), "looked_on": text("time from sign-up to first order"),
    "opened_early": text("opened an early message"), "clicked_early": text("clicked an early message"),
    "first_message": text("first message sent"), "asked_for_help": text("asked for help"),
    "visits": text("visits before"), "first_channel": text("channel of the first order"),
    "first_payment": text("payment of the first order"), "first_discount": text("discount on the first order"),
    "first_occasion": text("occasion of the first order"), "first_value": text("value of the first order"),
    "first_category": text("category of the first order"), "first_lines": text("lines on the first order"),
    "first_at_weekend": text("first order at a weekend"), "days_since_order": text("time since the last order"),
    "orders_before": text("orders before"), "spent_before": text("spent before"),
    "usual_channel": text("usual channel"), "mostly_at_discount": text("mostly at a discount"),
    "yes": text("yes"), "no": text("no"), "low": text("low"), "middle": text("middle"), "high": text("high"),
    "none": text("none"), "other": text("other"), "true": text("yes"), "false": text("no"),
}


def named(code: str) -> Sentence | Own:
    """A code as it stands in a sentence."""
    return LABELS.get(code) or Own(code)


def findings(outcome: str, days: int, people: Cohort, found: Sequence[Judged]) -> list[Sentence]:
    """The outcome, what drives it, what only looks so, what does not."""
    said = [_outcome(outcome, days, people)]
    drivers = [j for j in found if j.verdict == DRIVER]
    said += [_driver(j, outcome == "spend") for j in drivers[:MOST_TOLD]]
    if not drivers:
        said.append(text("Nothing that is known makes a sure difference."))
    said += [_confounded(j) for j in found if j.verdict == CONFOUNDED][:MOST_TOLD]
    said += [text("Cannot be told apart: {attribute} and {other}.", attribute=named(j.attribute.name),
                  other=named(j.because_of[0])) for j in found if j.verdict == SAME and j.because_of]
    nothing = [named(j.attribute.name) for j in found if j.verdict == NOTHING]
    if nothing:
        said.append(text("No difference was found by {attributes}.", attributes=nothing))
    return said


def _outcome(outcome: str, days: int, people: Cohort) -> Sentence:
    parts: dict[str, Any] = {"share": Share(people.mean), "days": days}
    if outcome == "second_order":
        return counted("Of {n} first order {share} were followed by another within {days} days.",
                       "Of {n} first orders {share} were followed by another within {days} days.", people.people,
                       **parts)
    if outcome == "conversion":
        return counted("Of {n} person known who had not bought {share} did within {days} days.",
                       "Of {n} people known who had not bought {share} did within {days} days.", people.people,
                       **parts)
    if outcome == "churn":
        return counted("Of {n} customer of the year before {share} did not order in the last {days} days.",
                       "Of {n} customers of the year before {share} did not order in the last {days} days.",
                       people.people, **parts)
    return counted("After {n} first order {each} was spent on average within {days} days.",
                   "After {n} first orders {each} was spent on average within {days} days.", people.people,
                   each=About(people.mean), days=days)


def _driver(judged: Judged, money: bool) -> Sentence:
    """The level of the surest difference; of a yes or no the yes."""
    assert judged.adjusted is not None
    at = _surest(judged)
    effect, looks = judged.adjusted.contrasts[at], judged.raw.contrasts[at]
    low, high = effect.between
    parts = {"attribute": named(judged.attribute.name), "level": named(judged.attribute.levels[at])}
    if money:
        return text("Beside all else that is known, {attribute} “{level}” goes with {by} against the others ({low} to "
                    "{high}); as it looks, with {looks}.", **parts, by=About(effect.value), low=About(low),
                    high=About(high), looks=About(looks.value))
    return text("Beside all else that is known, {attribute} “{level}” goes with {by} points against the others ({low} "
                "to {high}); as it looks, with {looks}.", **parts, by=_points(effect.value), low=_points(low),
                high=_points(high), looks=_points(looks.value))


def _surest(judged: Judged) -> int:
    if "yes" in judged.attribute.levels:
        return list(judged.attribute.levels).index("yes")

    def sure(contrast: Contrast) -> float:
        return abs(contrast.value) / max(contrast.error, 1e-12)
    effect = judged.adjusted or judged.raw
    return int(np.argmax([sure(c) for c in effect.contrasts]))


def _points(share: float) -> int:
    return round(100 * share)


def _confounded(judged: Judged) -> Sentence:
    if judged.because_of:
        return text("Only looks different: {attribute}, explained by {others}.", attribute=named(judged.attribute.name),
                    others=[named(n) for n in judged.because_of])
    return text("Only looks different: {attribute}, with nothing sure left of it beside all else that is known.",
                attribute=named(judged.attribute.name))


def caveats(people: Cohort, found: Sequence[Judged], early: int) -> list[Sentence]:
    """What to hold against it."""
    said = [text("What nobody wrote down can still be behind a difference: only a test with a control group shows a "
                 "cause."),
            text("What customers said of themselves has no date, and is taken to have been so from the start.")]
    if people.early:
        said.append(counted("{n} person is left out: it had come within the first {early} days already.",
                            "{n} people are left out: it had come within the first {early} days already.", people.early,
                            early=early))
    if people.people < people.of:
        said.append(text("A sample of {people} stands for {of} people.", people=people.people, of=people.of))
    raw_only = [named(j.attribute.name) for j in found if j.adjusted is None and j.verdict in (UNADJUSTED, NOTHING)
                and not j.because_of]
    if raw_only:
        said.append(text("There are too few people to look at these beside all else: {attributes}.",
                         attributes=raw_only))
    return said


__all__ = ["SOURCE", "caveats", "findings", "label", "method"]
