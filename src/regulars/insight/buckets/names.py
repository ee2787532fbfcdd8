"""What marks a bucket, and a name made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regulars.insight.buckets.features import Feature
from regulars.model.figures import Figures
from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.insight", "buckets")

MARKED = 0.25
"""Standard deviations away from everybody (Cohen's small effect is 0.2) from which something marks a bucket."""
PARTS = 2
TELLING = {"category": 0.2, "named": 0.2, "channel": 0.5, "device": 0.6, "occasion": 0.5, "discount": 0.4,
           "asked": 0.5, "came": 0.5, "country": 0.5}
"""The least share that gives a bucket its name: a little more of little says nothing of most of its people."""
ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Mark:
    """``away`` is how far the bucket's mean lies from everybody's, in standard deviations; the means are plain ones."""

    feature: Feature
    away: float
    inside: float | None
    everyone: float | None


def label(feature: Feature) -> Sentence:
    """What a feature is, in words."""
    word = Own(feature.word)
    return {
        "frequency": text("number of orders"), "recency": text("days since the last order"),
        "money": text("average order"), "basket": text("pieces an order"),
        "discount": text("share of orders at a discount"), "occasion": text("share of orders for an occasion"),
        "returns": text("share of lines sent back"), "service": text("number of service cases"),
        "engagement": text("share of messages opened, clicked or answered"),
        "channel": text("share of orders by {channel}", channel=word),
        "category": text("share of lines from {category}", category=word),
        "named": text("share of lines with “{word}” in the product's name", word=word),
        "asked": text("prefers {channel}", channel=word), "came": text("found the shop by {way}", way=word),
        "country": text("lives in {country}", country=word),
        "device": text("share of visits on {device}", device=word),
        "age": text("age"), "gender": text("share of women"),
    }[feature.block]


def trait(mark: Mark) -> Sentence | None:
    """A few words for what somebody is like who stands out in this way; None where it says nothing by itself."""
    word, high = Own(mark.feature.word), mark.away > 0
    said = {
        ("frequency", True): text("buy often"), ("frequency", False): text("buy seldom"),
        ("recency", True): text("not seen for long"), ("recency", False): text("seen lately"),
        ("money", True): text("large orders"), ("money", False): text("small orders"),
        ("basket", True): text("in large quantities"), ("basket", False): text("a piece at a time"),
        ("discount", True): text("at a discount"), ("discount", False): text("at full price"),
        ("occasion", True): text("for occasions"), ("returns", True): text("send back"),
        ("service", True): text("need help"),
        ("engagement", True): text("read our mail"), ("engagement", False): text("ignore our mail"),
        ("category", True): text("{category}", category=word), ("named", True): text("“{word}”", word=word),
        ("asked", True): text("prefer {channel}", channel=word), ("came", True): text("came by {way}", way=word),
        ("country", True): text("in {country}", country=word),
        ("country", False): text("outside {country}", country=word),
        ("channel", True): text("by {channel}", channel=word), ("device", True): text("on {device}", device=word),
        ("age", True): text("older"), ("age", False): text("younger"),
        ("gender", True): text("women"), ("gender", False): text("men"),
    }
    return said.get((mark.feature.block, high))


def named(marks: Sequence[Sequence[Mark]], buys: Sequence[bool], figures: Figures) -> list[str]:
    """A name for each bucket: what marks it most, one trait a side of behaviour; no two of the same traits."""
    taken: list[str] = []
    seen: set[frozenset[str]] = set()
    for own, buying in zip(marks, buys, strict=True):
        traits = [t.say(figures) for t in _traits(own, _telling) or _traits(own, lambda mark: True)]
        traits = traits if buying else [text("never bought").say(figures), *traits]
        parts = next((n for n in range(PARTS if buying else 1, len(traits)) if frozenset(traits[:n]) not in seen),
                     len(traits))
        seen.add(frozenset(traits[:parts]))
        taken.append(_free(_joined(traits[:parts], figures), taken))
    return taken


def _telling(mark: Mark) -> bool:
    high = mark.away > 0
    least = TELLING.get(mark.feature.block, 0.0) if high else 0.0
    return abs(mark.away) >= MARKED and (mark.inside or 0.0) >= least


def _traits(marks: Sequence[Mark], telling: Callable[[Mark], bool]) -> list[Sentence]:
    """The strongest first, one a block."""
    found: dict[str, Sentence] = {}
    for mark in sorted(marks, key=lambda m: -abs(m.away)):
        said = trait(mark) if telling(mark) else None
        if said and mark.feature.block not in found:
            found[mark.feature.block] = said
    return list(found.values())


def _joined(traits: Sequence[str], figures: Figures) -> str:
    said = text("{traits}", traits=[Own(t) for t in traits]) if traits else text("in the middle")
    plain = said.say(figures).translate(ISOLATES)
    return plain[:1].upper() + plain[1:]


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, with a number where another bucket has it."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
