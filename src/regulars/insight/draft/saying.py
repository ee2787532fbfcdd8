"""The words of drafts: subject, greeting and lines of each occasion, and why it was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from regulars.insight.draft.goods import Goods
from regulars.insight.draft.liking import Liked
from regulars.insight.draft.occasions import NEWS, TERMS
from regulars.insight.draft.terms import Terms, telling
from regulars.model.phrases import Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "draft")

LABELS: Mapping[str, Sentence] = {
    "checkout": text("an order that was broken off"), "birthday": text("a birthday"),
    "first": text("the first order"), "second": text("the second order"), "quiet": text("a long silence"),
    "thanks": text("thanks"), "news": text("news"), "terms": text("new terms")}

SUBJECTS: Mapping[str, Callable[[Own, Liked], Sentence]] = {
    "checkout": lambda shop, found: text("Your basket is still here"),
    "birthday": lambda shop, found: text("Happy birthday from {shop}", shop=shop),
    "first": lambda shop, found: text("Where to begin at {shop}", shop=shop),
    "second": lambda shop, found: text("How was your first order?"),
    "quiet": lambda shop, found: text("It has been a while"),
    "thanks": lambda shop, found: text("Thank you, from all of us at {shop}", shop=shop),
    "news": lambda shop, found: text("New at {shop}: {category}", shop=shop, category=Own(found.category))
    if found.category else text("News from {shop}", shop=shop)}

LINES: Mapping[str, Callable[[Goods], tuple[Sentence, ...]]] = {
    "checkout": lambda goods: (
        text("You were about to order when something came in between. Your basket is just as you left it."),
        text("If a question kept you, simply answer this message. It is read by a person.")),
    "birthday": lambda goods: (text("All the best for your birthday, from all of us!"),),
    "first": lambda goods: (
        text("You have looked around at our shop and not ordered yet. Many begin with this: {product}.",
             product=Own(goods.first)) if goods.first else
        text("You have looked around at our shop and not ordered yet."),
        text("Is there something you would like to know first? Answer this message and you will hear from us.")),
    "second": lambda goods: (
        text("Not long ago you ordered from us for the first time: thank you. Did everything arrive as you had hoped? "
             "If not, tell us, and we put it right."),),
    "quiet": lambda goods: (
        text("You have not been here for a while, and we noticed. Since then this is new: {products}.",
             products=[Own(each) for each in goods.new]) if goods.new else
        text("You have not been here for a while, and we noticed."),
        text("If something was not right the last time, please tell us. An answer to this message is enough.")),
    "thanks": lambda goods: (
        text("You are one of the people this shop lives by: thank you. Before anybody else hears of it, here is what "
             "comes next: {product}.", product=Own(goods.coming)) if goods.coming else
        text("You are one of the people this shop lives by: thank you."),),
    "news": lambda goods: (
        text("We thought of you, because this may be something for you: {products}.",
             products=[Own(each) for each in goods.new]) if goods.new else
        text("We thought of you, because this may be something for you: [what is new]."),)}
"""Where the shop knows nothing new, only whoever writes can say what the news is: all else is said without a gap."""

ADVICE: Mapping[str, Sentence] = {
    "checkout": text("Send the basket as it was, within a week, and name a person to ask."),
    "birthday": text("Congratulate first; the gift goes with the next order, so it costs nothing where there is none."),
    "first": text("Make the first order small and easy, and answer the usual doubt."),
    "second": text("Ask how the first order was before anything is offered; no discount yet."),
    "quiet": text("Say what is new since they were here, and ask what was missing."),
    "thanks": text("Thank them and let them see something first; they need no discount."),
    "news": text("Say one thing that is new, and why it is for them.")}


def label(occasion: str) -> Sentence:
    """What an occasion is called."""
    return LABELS[occasion]


def advice(occasion: str) -> Sentence:
    """What to do, in a sentence."""
    return ADVICE[occasion]


def message(occasion: str, shop: str, found: Liked, terms: Terms | None, goods: Goods) -> Iterator[Sentence]:
    """The subject, then the message paragraph by paragraph."""
    own = Own(shop)
    subject, *lines = telling(own, terms) if occasion == TERMS else (
        SUBJECTS[occasion](own, found), *LINES[occasion](goods), *_liking(occasion, found))
    yield subject
    yield text("Hello,")
    yield from lines
    yield text("Kind regards from {shop}", shop=own)


def core(occasion: str, shop: str, goods: Goods) -> tuple[Sentence, tuple[Sentence, ...]]:
    """The subject and the lines in the middle: what is true of everybody the occasion is of.

    New terms are not here: what changes hangs on the people.
    """
    return SUBJECTS[occasion](Own(shop), Liked()), LINES[occasion](goods)


def sells_next(occasion: str) -> bool | None:
    """Whether it speaks of what they want next (yes), of what they like (no), or of neither (None)."""
    return None if occasion in (TERMS, "checkout", "first") else occasion in ("second", "thanks", "birthday")


def _liking(occasion: str, found: Liked) -> Iterator[Sentence]:
    """What may interest them, so said that it is true of whoever gets it: not all of them bought what most bought. Who
    has only just been asked how it was is sold nothing more than what goes with it."""
    if occasion == "checkout":
        return
    if found.product and sells_next(occasion):
        yield text("Many chose this next: {product}.", product=Own(found.product))
    elif found.category and found.of_category:
        yield text("From {category}: {product}.", category=Own(found.category), product=Own(found.of_category))


def because(occasion: str, share: float | None, days: int) -> Sentence:
    """Why it is this occasion; ``days``: without an order, from which somebody is quiet."""
    if share is None and occasion == TERMS:
        return text("What each of them earns is not worked out yet.")
    if share is None or occasion == NEWS:
        return text("Nothing else is true of half of them, so it is about what is new.")
    parts: dict[str, Any] = {"share": Share(share)}
    return {
        "terms": lambda: text("{share} of them bought this year and cost more than they brought.", **parts),
        "checkout": lambda: text("{share} of them broke off an order in the last 7 days.", **parts),
        "birthday": lambda: text("{share} of them have their birthday in the next 14 days.", **parts),
        "first": lambda: text("{share} of them have never ordered.", **parts),
        "second": lambda: text("{share} of them have ordered once, in the last 180 days.", **parts),
        "quiet": lambda: text("{share} of them have not ordered for {days} days, longer than is usual.", **parts,
                              days=days),
        "thanks": lambda: text("{share} of them are among the fifth who spend most or order most often.", **parts),
    }[occasion]()
