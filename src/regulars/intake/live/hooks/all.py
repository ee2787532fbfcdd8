"""Every platform whose webhooks are understood."""

from __future__ import annotations

from regulars.errors import NotFound
from regulars.intake.live.hooks import Platform
from regulars.intake.live.hooks.shopify import SHOPIFY
from regulars.intake.live.hooks.stripe import STRIPE
from regulars.intake.live.hooks.woocommerce import WOOCOMMERCE

PLATFORMS: dict[str, Platform] = {p.name: p for p in (SHOPIFY, WOOCOMMERCE, STRIPE)}


def platform(name: str) -> Platform:
    """Raises `NotFound` for a platform whose webhooks are not understood."""
    if name not in PLATFORMS:
        raise NotFound(f"There are no webhooks of {name!r}.", hint=f"There are: {', '.join(PLATFORMS)}.")
    return PLATFORMS[name]
