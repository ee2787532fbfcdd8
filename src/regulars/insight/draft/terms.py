"""Telling people of new terms, by the change that breaks even first; or parting kindly, where none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from regulars.insight.profit import label as lever_label
from regulars.model.phrases import About, Own, Sentence, phrases

text, counted = phrases("regulars.insight", "draft")


@dataclass(frozen=True)
class Terms:
    """A ``lever`` of `insight.profit` with its ``amount`` (None where it has none), first for ``n`` of ``of``."""

    lever: str
    amount: float | None
    n: int
    of: int


SUBJECTS: Mapping[str, Callable[[Own], Sentence]] = {
    "no_discount": lambda shop: text("Our prices from now on"),
    "delivery_fee": lambda shop: text("What changes when {shop} delivers", shop=shop),
    "minimum_order": lambda shop: text("What changes when you order from {shop}", shop=shop),
    "self_service": lambda shop: text("Answers at any hour, from {shop}", shop=shop)}

LINES: Mapping[str, Callable[[Terms], Sentence]] = {
    "no_discount": lambda terms: text(
        "Beginning two weeks from now we give fewer codes, and keep our prices fair for everybody all year instead."),
    "delivery_fee": lambda terms: text(
        "To bring every parcel as carefully as before, we ask {amount} for delivery, beginning two weeks from now.",
        amount=About(terms.amount)),
    "minimum_order": lambda terms: text(
        "To pack every order as carefully as before, we deliver from {amount} of goods on, beginning two weeks from "
        "now. Smaller wishes can wait for each other in one parcel.", amount=About(terms.amount)),
    "self_service": lambda terms: text(
        "What is asked most often is now answered at any hour on our pages. For all else we are there as before.")}
"""Days are counted from the message: a date would be past where it is sent later than it was drafted."""


def telling(shop: Own, terms: Terms | None) -> Iterator[Sentence]:
    """Subject and lines: of the new terms, or a kind parting where there are none that help."""
    if terms is None:
        yield text("Thank you for having bought from {shop}", shop=shop)
        yield text("You have bought from us, and we thank you for it. For what you are looking for, somebody else may "
                   "suit you better.")
        yield text("What you have ordered comes as agreed, and we write less from now on. Whenever you find something "
                   "here that you like, you are welcome.")
        return
    yield SUBJECTS[terms.lever](shop)
    yield LINES[terms.lever](terms)
    yield text("If this is difficult for you, simply answer this message. It is read by a person.")


def new_terms(terms: Terms | None) -> Sentence:
    """What to do, in a sentence."""
    if terms is None:
        return text("No single change of terms is enough for them: serve what they order at full price, advertise no "
                    "more, and part kindly. Nothing to win them back with.")
    return text("For {n} of the {of} at a loss {lever} breaks even first: say it kindly and in time. No discount, and "
                "nothing to win them back with.", n=terms.n, of=terms.of, lever=lever_label(terms.lever))
