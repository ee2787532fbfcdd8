"""Some of those who would get a message, to look at it as."""

from __future__ import annotations

from datetime import datetime

from regulars.app.facts import the_shop
from regulars.model.languages import LANGUAGES
from regulars.outreach.audience import members
from regulars.outreach.campaign import Campaign, Variant
from regulars.shop.customers import Person

MOST_SHOWN = 30


def some(campaign: Campaign, variant: Variant, language: str, now: datetime) -> list[Person]:
    """The first of them by id, those before the others who are written to in ``language``."""
    shop = the_shop()
    return shop.customers.people(_ids(campaign, variant, language), now=now)


def somebody(campaign: Campaign, variant: Variant, language: str) -> str:
    """The first of them, "" where there is nobody yet."""
    return next(iter(_ids(campaign, variant, language)), "")


def _ids(campaign: Campaign, variant: Variant, language: str) -> list[str]:
    """By the language that the `Composer` writes to each in; a campaign of one language writes to all alike."""
    shop, segments = the_shop(), [variant.segment] if variant.segment else list(campaign.segments)
    return [who for (who,) in shop.engine.rows(
        "SELECT customer_id FROM customers SEMI JOIN (SELECT unnest($1::VARCHAR[]) AS customer_id) USING (customer_id) "
        "ORDER BY $2 = '' AND CASE WHEN list_contains($3::VARCHAR[], lower(language[:2])) THEN lower(language[:2]) "
        "ELSE $4 END <> $5, customer_id LIMIT $6",
        [list(members(shop.engine, segments)), campaign.language, list(LANGUAGES), shop.settings.language, language,
         MOST_SHOWN])]
