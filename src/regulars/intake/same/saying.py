"""What speaks for and against two being one person, and how sure it is, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulars.intake.same.kept import Pair
from regulars.intake.same.kinds import IS_LIKELY, IS_POSSIBLE, IS_SURE
from regulars.model.phrases import Sentence, phrases

text, counted = phrases("regulars.intake", "same")

KINDS: Mapping[str, Sentence] = {
    "mailbox": text("The same mailbox, written in another way"),
    "phone-and-name": text("The same telephone number and name"),
    "birth-date-and-name": text("The same date of birth and name"),
    "address-and-name": text("The same address and name"),
    "mail-name-and-name": text("The same name, also before the @ of another provider"),
    "name-alone": text("The same name, which is all that is known of one"),
    "phone": text("The same telephone number alone"),
    "several": text("Several things together"),
}
GRADES: Mapping[str, Sentence] = {
    IS_SURE: text("almost certain"), IS_LIKELY: text("likely"), IS_POSSIBLE: text("possible")}
LEVELS: Mapping[tuple[str, str], Sentence] = {
    ("name", "same"): text("The same name"),
    ("name", "near"): text("Nearly the same name"),
    ("name", "initial"): text("The same family name and initial"),
    ("name", "relative"): text("The same family name, another given name"),
    ("name", "other"): text("Another name"),
    ("mail", "same"): text("The same mailbox"),
    ("mail", "namesake"): text("The same name before the @ of another provider"),
    ("mail", "other"): text("Another e-mail address"),
    ("phone", "same"): text("The same telephone number"),
    ("phone", "other"): text("Another telephone number"),
    ("address", "street"): text("The same street and number"),
    ("address", "postcode"): text("The same postcode"),
    ("address", "moved"): text("Another postcode"),
    ("address", "town"): text("The same town"),
    ("address", "elsewhere"): text("Another town"),
    ("birth", "same"): text("The same date of birth"),
    ("birth", "other"): text("Another date of birth"),
    ("household", "household"): text("Whoever lives together shares address and telephone: it counts once"),
    ("bare", "bare"): text("Nothing but a name is known of one"),
}
STRENGTHS = (
    (10.0, text("speaks strongly for it")), (4.0, text("speaks for it")), (0.0, text("speaks a little for it")),
    (-3.0, text("speaks a little against it")), (float("-inf"), text("speaks clearly against it")))


def kind(code: str) -> Sentence:
    return KINDS[code]


def grade(pair: Pair) -> Sentence:
    return GRADES[pair.grade]


def evidence(pair: Pair) -> Sequence[Sentence]:
    """What each field that is known of both says, what weighs most first."""
    said = sorted(pair.evidence.items(), key=lambda e: -abs(e[1][1]))
    return [text("{what}: {speaks}", what=LEVELS[field, level], speaks=strength(bits))
            for field, (level, bits) in said]


def strength(bits: float) -> Sentence:
    """How much a weight is, in words."""
    return next(said for least, said in STRENGTHS if bits >= least)
