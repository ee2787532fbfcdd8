"""What the analysis drafts for the people of a segment."""

from __future__ import annotations

from typing import Any

from regulars.app.base.requests import Request
from regulars.app.facts import the_shop
from regulars.app.insights import kept
from regulars.insight.common import Result
from regulars.shop.drafting import draft_content

DRAFT = "draft"


def content(segment: str, found: Result | None, *, offer: bool = False) -> dict[str, Any]:
    """The message to a segment's people, in the languages they speak; "" is everybody else."""
    return draft_content(found, the_shop().settings, offer=offer, languages=_spoken(segment))


def _spoken(segment: str) -> set[str]:
    engine = the_shop().engine
    among = ("SEMI JOIN (SELECT customer_id FROM memberships WHERE segment = ? AND until IS NULL) USING (customer_id)"
             if segment else "")
    return {language for (language,) in engine.rows(
        f"SELECT DISTINCT lower(language[:2]) FROM customers {among} WHERE language IS NOT NULL",
        [segment] if segment else [])}


def drafted(request: Request, segment: str) -> Result | None:
    """As it was last worked out, else now; None where there is nobody to write to yet."""
    rule = {"segment": the_shop().segments.get(segment).rule}
    return (kept.find(DRAFT, rule, request.now) or kept.work_out(DRAFT, rule)).result
