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
        "From [day] on we give fewer codes, and keep our prices fair for everybody all year instead. What is new you "
        "will see first: [what is new]."),
    "delivery_fee": lambda terms: text(
        "To bring every parcel as carefully as before, we ask {amount} for delivery from [day] on. From [amount] of "
        "goods on, and for whoever collects them, it stays free.", amount=About(terms.amount)),
    "minimum_order": lambda terms: text(
        "To pack every order as carefully as before, we deliver from {amount} of goods on, beginning on [day]. Smaller "
        "wishes can wait for each other in one parcel, or be collected: [where and when].",
        amount=About(terms.amount)),
    "self_service": lambda terms: text(
        "What is asked most often is now answered at any hour: [link to the answers]. For all else we are there as "
        "before: [how and when].")}


def telling(shop: Own, terms: Terms | None) -> Iterator[Sentence]:
    """Subject and lines: of the new terms, or a kind parting where there are none that help."""
    if terms is None:
        yield text("Thank you for having bought from {shop}", shop=shop)
        yield text("You have bought from us, and we thank you for it. For what you are looking for, somebody else may "
                   "suit you better: [whom you would recommend].")
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
