"""What the analysis drafts for the people of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.app.base.requests import Request
from regulars.app.campaigns import access, listing
from regulars.app.doors import audit, roles
from regulars.app.facts import the_shop
from regulars.app.insights import kept
from regulars.insight.common import Result
from regulars.outreach.campaign import Campaign, Variant
from regulars.outreach.channels import channel
from regulars.outreach.results.power import control_share
from regulars.shop.drafting import draft_content, home

DRAFT = "draft"
DEFAULT = "email"
"""The channel of a draft of which nothing else is said."""


def begin(request: Request, segment: str, name: str = "", extra: Mapping[str, Any] | None = None,
          way: str = DEFAULT) -> Campaign:
    """A draft to one segment, by a channel; ``extra`` is kept with it. Raises `Refused` where the name is taken."""
    shop, found = the_shop(), drafted(request, segment)
    occasion = {"occasion": found.numbers["occasion"]} if found else {}
    variant = Variant(segment, segment, content=content(segment, found, way=way))
    made = access.campaigns(request, roles.CHANGE).add(
        Campaign(name or listing.free_name(shop.campaigns, segment), (segment,), variants=(variant,),
                 channel=way, control_share=_apart(request, segment, way), extra={**occasion, **(extra or {})}),
        now=request.now, by=str(request.user))
    audit.note(request, "campaign.made", made.name, segment=segment)
    return made


def _apart(request: Request, segment: str, way: str) -> float:
    """How large a control group to take: by how many there are to draw it of, as the campaign's page advises."""
    shop = the_shop()
    members: list[str] = shop.members(shop.segments.get(segment).rule).column(0).to_pylist()
    reached = len(shop.campaigns.may_reach(way, members, request.now))
    return control_share(round(reached * (1 - shop.campaigns.rules.held_out_share)))


def content(segment: str, found: Result | None, *, offer: bool = False, way: str = DEFAULT) -> dict[str, Any]:
    """The message to a segment's people by a channel, in the languages they speak; "" is everybody else."""
    shop = the_shop()
    return draft_content(found, shop.settings, offer=offer, languages=_spoken(segment), says=channel(way).says,
                         home=home(shop.engine, shop.campaigns.list()))


def _spoken(segment: str) -> set[str]:
    """Asked of the rule: a segment that was only just saved has not been looked at yet."""
    shop = the_shop()
    rule = shop.segments.get(segment).rule if segment else "everyone"
    return {language for (language,) in shop.engine.rows(
        "SELECT DISTINCT lower(language[:2]) FROM customers SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS customer_id)"
        " USING (customer_id) WHERE language IS NOT NULL", [shop.members(rule).column(0).to_pylist()])}


def drafted(request: Request, segment: str) -> Result | None:
    """As it was last worked out, else now; None where there is nobody to write to yet."""
    rule = {"segment": the_shop().segments.get(segment).rule}
    return (kept.find(DRAFT, rule, request.now) or kept.work_out(DRAFT, rule)).result
