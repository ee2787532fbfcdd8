"""Some of those who would get a message, to look at it as."""

from __future__ import annotations

from datetime import datetime

from regulars.app.facts import the_shop
from regulars.outreach.audience import members
from regulars.outreach.campaign import Campaign, Variant
from regulars.shop.customers import Person

MOST_SHOWN = 30


def some(campaign: Campaign, variant: Variant, now: datetime) -> list[Person]:
    """The first of them by id."""
    shop = the_shop()
    return shop.customers.people(_ids(campaign, variant)[:MOST_SHOWN], now=now)


def somebody(campaign: Campaign, variant: Variant) -> str:
    """The first of them, "" where there is nobody yet."""
    return next(iter(_ids(campaign, variant)), "")


def _ids(campaign: Campaign, variant: Variant) -> list[str]:
    segments = [variant.segment] if variant.segment else list(campaign.segments)
    return sorted(members(the_shop().engine, segments))
