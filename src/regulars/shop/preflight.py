"""Before a campaign goes: everything that keeps it back, and each message as a customer would get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regulars.errors import ContentRefused, RegularsError
from regulars.model.phrases import whole
from regulars.outreach.audience import MESSAGE, Audience
from regulars.outreach.campaign import Campaign, Variant
from regulars.outreach.composing import people_of
from regulars.outreach.content.blocks import Message
from regulars.outreach.content.fields import fields
from regulars.outreach.content.preflight import LOOK, STOP, Finding, given, look_at
from regulars.outreach.content.template import Made, Template

if TYPE_CHECKING:
    from regulars.shop.shop import Shop

People = dict[str, list[str]]
"""Customer ids by the language they are written to in."""


@dataclass(frozen=True)
class Looked:
    """What was found, what keeps it back first; ``audience`` is None where nobody can say who is meant."""

    findings: tuple[Finding, ...]
    audience: Audience | None

    @property
    def stops(self) -> list[Finding]:
        return [each for each in self.findings if each.level == STOP]

    @property
    def looks(self) -> list[Finding]:
        return [each for each in self.findings if each.level == LOOK]


def looked_at(shop: Shop, name: str, now: datetime) -> Looked:
    """Segments, way out and every message over the people who would get it; ``now`` is naive UTC."""
    campaign = shop.campaigns.get(name)
    found, audience = _refused(shop, campaign, now)
    for variant in campaign.variants:
        people = _people(shop, campaign, variant, audience) if audience else {}
        found += _of_variant(shop, campaign, variant, people, now)
    return Looked(tuple(sorted(found, key=lambda each: each.level != STOP)), audience)


def _refused(shop: Shop, campaign: Campaign, now: datetime) -> tuple[list[Finding], Audience | None]:
    """What keeps the whole of it back, and who would get it all the same."""
    try:
        return [], shop.campaigns.check(campaign.name, now)
    except RegularsError as error:
        refused = [Finding(STOP, whole(error))]
    try:
        return refused, shop.campaigns.audience(campaign.name, now)
    except RegularsError:
        return refused, None


def _people(shop: Shop, campaign: Campaign, variant: Variant, audience: Audience) -> People:
    ids = [row.customer_id for row in audience.rows if row.arm == MESSAGE and row.variant == variant.name]
    composer, found = shop.campaigns.composer(campaign), People()
    for who, person in people_of(shop.engine, ids).items():
        found.setdefault(composer.language_of(person), []).append(who)
    return found


def _of_variant(shop: Shop, campaign: Campaign, variant: Variant, people: People, now: datetime) -> list[Finding]:
    """A message as other programs write it, without blocks, has no fields to look at."""
    if "blocks" not in variant.content:
        return []
    known: dict[str, Mapping[str, Mapping[str, Any]]] = {}
    for language, ids in people.items():
        try:
            template = Template(variant.content, language, shop.settings)
            known[language] = fields(shop.engine, ids, template.needs, now, shop.settings, template.language)
        except ContentRefused:
            known[language] = {who: {} for who in ids}
    return look_at(variant.content, shop.settings, known, variant.name, offer=campaign.offer_of(variant) is not None)


def as_customer(shop: Shop, message: Message, customer_id: str, now: datetime, *, offer: bool = True) -> Made:
    """A message as this person would get it, without what is refused of it; "" is somebody of whom nothing is known."""
    template = Template.of(message, shop.settings)
    ids = [customer_id] if customer_id else []
    known = fields(shop.engine, ids, template.needs, now, shop.settings, template.language)
    somebody = {"shop": {"name": shop.settings.name}, "customer": {}, "products": {}}
    return template.render(given(known.get(customer_id, somebody), offer=offer))
