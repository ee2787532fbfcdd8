"""What an offer gives, in the words of a message's language, and whether a message says it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from regulars.model.figures import Figures
from regulars.model.phrases import Money, Own, Sentence, Share, phrases
from regulars.outreach.campaign import Offer

text, counted = phrases("regulars.outreach", "content")


def gives(offer: Offer) -> Sentence:
    """As in "10% off"; for a checked offer."""
    value = Decimal(offer.value)
    if offer.kind == "percent":
        whole = value == value.to_integral_value()
        return text("{share} off", share=Share(float(value) / 100) if whole else Own(f"{value.normalize():f}%"))
    if offer.kind == "amount":
        return text("{amount} off", amount=Money(value))
    return text("free delivery") if offer.kind == "free_shipping" else text("a gift")


def is_said(offer: Offer, sources: Iterable[str], figures: Figures) -> bool:
    """Whether a message's texts speak of the offer: by its code, its number, or its words."""
    said = " ".join(sources).casefold()
    if offer.kind in ("percent", "amount") and re.search(
            rf"(?<![\d.,]){re.escape(f'{Decimal(offer.value).normalize():f}')}(?!\d)", said):
        return True
    return any(word and word.casefold() in said for word in (offer.code, gives(offer).say(figures)))


__all__ = ["gives", "is_said"]
