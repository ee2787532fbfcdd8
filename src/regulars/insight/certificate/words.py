"""How the tests of a certificate are said, each with its verdict, number, range and reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from regulars.insight.buckets.features import Feature
from regulars.insight.buckets.names import label as feature_label
from regulars.insight.certificate.verdicts import Tested
from regulars.model.phrases import Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "certificate")

LABELS: Mapping[str, Sentence] = {
    "distinct": text("distinct"), "substantial": text("large enough"), "money": text("worth it"),
    "reachable": text("reachable"), "lasting": text("stable over time"), "steady": text("stable in resamples"),
    "actionable": text("responds differently"), "discounts": text("loyal without discounts"),
    "prices": text("pays the usual price"), "breadth": text("neither too broad nor too narrow"),
    "covered": text("covers everybody"), "once": text("each customer once"), "apart": text("told apart"),
}
VERDICTS: Mapping[str, Sentence] = {"pass": text("passes"), "warn": text("with care"), "fail": text("fails"),
                                    "unknown": text("not known")}
UNKNOWN: Mapping[str, Sentence] = {
    "too_few": text("too few members to tell"),
    "everybody": text("everybody is in it: there is nobody to compare with"),
    "no_money": text("no order of the last year has an amount"), "no_consent": text("nobody's consent is recorded"),
    "no_messages": text("no messages are recorded"),
    "too_few_sent": text("too few members, or others, have been sent anything in the last year"),
    "no_discounts": text("no discounts are recorded"),
    "too_few_prices": text("too few members have bought things that others pay another price for at the time"),
    "too_few_then": text("a quarter ago there were too few members"),
    "no_history": text("its rule reads what is kept only as it is today (a city, a consent, a score)"),
    "no_orders": text("its members have no orders"),
}
WAYS: Mapping[str, Sentence] = {"email": text("e-mail"), "sms": text("text message"), "phone": text("phone"),
                                "post": text("post")}


def say(tested: Tested, features: Mapping[str, Feature]) -> Sentence:
    """The whole sentence: what was tested, the verdict, the reason."""
    reason = UNKNOWN[tested.reason] if tested.verdict == "unknown" else SAYINGS[tested.test](tested, features)
    return text("{test} – {verdict}: {reason}", test=LABELS[tested.test], verdict=VERDICTS[tested.verdict],
                reason=reason)


def _of(value: float | None) -> float:
    return value if value is not None else 0.0


def _share(tested: Tested) -> dict[str, Any]:
    return {"share": Share(_of(tested.value)), "low": Share(_of(tested.low)), "high": Share(_of(tested.high)),
            "other": Share(_of(tested.other)), "n": tested.n}


def _distinct(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    if told.reason == "as_everybody":
        return text("beyond what the rule itself asks, its members behave as everybody does")
    parts = {"feature": feature_label(features[told.word]), "size": abs(_of(told.value)),
             "low": min(abs(_of(told.low)), abs(_of(told.high))), "high": max(abs(_of(told.low)), abs(_of(told.high)))}
    if _of(told.value) < 0:
        parts["way"] = text("below")
    else:
        parts["way"] = text("above")
    if not told.count:
        return text("beyond what the rule itself asks they hardly differ from the others: most in {feature}, {size} "
                    "({low} to {high}) standard deviations {way} them", **parts)
    return counted("beyond what the rule itself asks they differ on {n} side of behaviour, most in {feature}: {size} "
                   "({low} to {high}) standard deviations {way} the others",
                   "beyond what the rule itself asks they differ on {n} sides of behaviour, most in {feature}: {size} "
                   "({low} to {high}) standard deviations {way} the others", told.count, **parts)


def _people(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return counted("{n} customer, {share} of all ({low} to {high})", "{n} customers, {share} of all ({low} to {high})",
                   told.count, **{k: v for k, v in _share(told).items() if k not in ("n", "other")})


def _money(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    if told.reason == "margin":
        return text("{share} ({low} to {high}) of the last year's margin comes from {other} of the customers",
                    **_without(told, "n"))
    return text("{share} ({low} to {high}) of the last year's money comes from {other} of the customers",
                **_without(told, "n"))


def _without(told: Tested, *names: str) -> dict[str, Any]:
    return {k: v for k, v in _share(told).items() if k not in names}


def _reachable(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    if told.reason == "nobody":
        return text("none of its members has agreed to be written to or called")
    return text("{share} ({low} to {high}) have agreed to be written to or called, most by {way}",
                way=WAYS[told.word], **_without(told, "n", "other"))


def _lasting(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text("{share} ({low} to {high}) of the {n} members of a quarter ago still are", **_without(told, "other"))


def _steady(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text("of the five things that mark its members most, {share} ({low} to {high}) are found again in resamples",
                **_without(told, "n", "other"))


def _actionable(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    parts = {
        name: round(1000 * _of(value))
        for name, value in (("share", told.value), ("other", told.other), ("low", told.low), ("high", told.high))
    }
    if told.reason == "alike":
        return text(
            "of 1,000 messages they click or answer {share}, the others {other} ({low} to {high} apart): no "
            "reason to write to them differently is proven",
            **parts,
        )
    return text("of 1,000 messages they click or answer {share}, the others {other} ({low} to {high} apart)", **parts)


def _discounts(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text("{share} ({low} to {high}) of their orders had a discount, of the others' {other}",
                **_without(told, "n"))


def _prices(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text(
        "they pay {share} ({low} to {high}) of what a product usually costs at the time, the others {other}",
        **_without(told, "n"),
    )


def _breadth(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    share = Share(_of(told.other))
    made: Mapping[str, Callable[[], Sentence]] = {
        "too_narrow": lambda: counted("too narrow: {n} member is too few for anything but a personal word",
                                      "too narrow: {n} members are too few for anything but a personal word", told.n),
        "too_broad": lambda: text("too broad: {share} of everybody are in it", share=share),
        "broad": lambda: text("rather broad: {share} of everybody are in it", share=share),
        "too_mixed": lambda: text("too broad: its members are as different from each other as all customers are"),
        "unmeasurable": lambda: counted(
            "rather narrow: with {n} member, fewer than {needed}, a campaign that makes half as many again buy would "
            "not be seen against a control group", "rather narrow: with {n} members, fewer than {needed}, a campaign "
            "that makes half as many again buy would not be seen against a control group", told.n, needed=told.count),
        "fits": lambda: text("its members are {share} of everybody, and more alike than all customers are",
                             share=share),
    }
    return made[told.reason]()


def _covered(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text("{share} ({low} to {high}) of everybody are in at least one of them", **_without(told, "n", "other"))


def _once(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text("{share} ({low} to {high}) of those are in more than one", **_without(told, "n", "other"))


def _apart(told: Tested, features: Mapping[str, Feature]) -> Sentence:
    return text("the two most alike are {pair}: at most {size} ({low} to {high}) standard deviations apart in anything",
                pair=Own(told.word), size=abs(_of(told.value)), low=_of(told.low), high=_of(told.high))


SAYINGS: Mapping[str, Callable[[Tested, Mapping[str, Feature]], Sentence]] = {
    "distinct": _distinct, "substantial": _people, "money": _money, "reachable": _reachable, "lasting": _lasting,
    "steady": _steady, "actionable": _actionable, "discounts": _discounts, "prices": _prices, "breadth": _breadth,
    "covered": _covered, "once": _once, "apart": _apart,
}
