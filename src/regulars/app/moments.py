"""The one moment all pages speak of: now, or the last day of data that ended long ago."""

from __future__ import annotations

from datetime import datetime

from regulars.app.facts import the_shop
from regulars.shop import standing


def current() -> datetime:
    """In naive UTC."""
    shop = the_shop()
    return standing.as_of(shop.engine, shop.moment())


def settled() -> datetime:
    """The same, after it is looked whether facts that came or went change it: for whoever works in the background."""
    shop = the_shop()
    return standing.settle(shop, shop.moment())
