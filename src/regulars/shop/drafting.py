"""A draft of the analysis as the content of a variant: blocks in every language, for whoever is in the segment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from regulars.engines.duckdb import DuckDBEngine
from regulars.insight.common import Result
from regulars.insight.draft.goods import Goods
from regulars.insight.draft.occasions import NEWS, TERMS
from regulars.insight.draft.saying import core, sells_next
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES, Settings
from regulars.outreach.campaign import Campaign
from regulars.outreach.content.blocks import Block, Button, every, read, to_json
from regulars.outreach.content.drafts import Lines, drafted
from regulars.outreach.content.links import is_link
from regulars.outreach.says import MAIL

ANSWERS = "self_service"
"""The change of terms by which questions are answered elsewhere than by a person."""


def draft_content(found: Result | None, settings: Settings, *, offer: bool = False,
                  languages: Collection[str] = LANGUAGES, says: str = MAIL, home: str = "") -> dict[str, Any]:
    """The content of a variant from a result of `draft`: its occasion, and what each of them likes or wants next.

    Without a result it is news, in the shop's language first. ``languages``: those to say it in, beside the first;
    ``says``: what of it the way carries by which it goes; ``home``: where the button leads (see `home`).
    """
    occasion = found.numbers["occasion"] if found else NEWS
    language = (found.numbers["language"] if found else None) or settings.language
    known = Goods.read(found.numbers.get("goods") or {}) if found else Goods()
    lines = _told(found) if found and occasion == TERMS else {
        each: _core(occasion, Figures(settings, each), known) for each in LANGUAGES}
    spoken = {each: said for each, said in lines.items() if each in {*languages, language, settings.language}}
    show = {True: "next", False: "favourite", None: ""}[sells_next(occasion)]
    return to_json(drafted(settings, language, spoken, show=show, offer=offer, says=says, home=home,
                           answers=occasion == TERMS and found is not None and found.numbers.get("lever") == ANSWERS))


def _core(occasion: str, figures: Figures, goods: Goods) -> Lines:
    subject, lines = core(occasion, figures.settings.name, goods)
    return subject.say(figures), [line.say(figures) for line in lines]


def _told(found: Result) -> dict[str, Lines]:
    """As the draft says it, without its greeting and its end."""
    return {row["language"]: (row["subject"], row["body"].split("\n\n")[1:-1]) for row in found.rows.to_pylist()}


PAGES = """
SELECT lower(regexp_extract(address, '(?i)^https?://[^/?#]+')) AS site FROM ({rows}) WHERE site <> '' GROUP BY 1
ORDER BY count(*) DESC, 1 LIMIT 1"""
PRODUCTS = "SELECT coalesce(attributes->>'url', attributes->>'link', attributes->>'permalink') AS address FROM products"
VISITS = "SELECT url AS address FROM visits WHERE url IS NOT NULL LIMIT 1000"


def home(engine: DuckDBEngine, campaigns: Iterable[Campaign]) -> str:
    """Where the shop's own pages begin: where the latest message led, else where most products have theirs, else what
    was visited; "" where nobody knows."""
    led = (site(block.link) for campaign in campaigns for block in _blocks(campaign) if isinstance(block, Button))
    known = next(filter(None, led), "")
    for rows in (PRODUCTS, VISITS):
        found = [] if known else engine.rows(PAGES.format(rows=rows))
        known = known or next((site(address) for (address,) in found), "")
    return known


def site(address: str) -> str:
    """The first part of the address of a page; "" of any other."""
    if not is_link(address) or not address.lower().startswith(("http://", "https://")):
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}/"


def _blocks(campaign: Campaign) -> Iterator[Block]:
    """Of its messages, in the language that each was written in first."""
    for variant in campaign.variants:
        if "blocks" in variant.content:
            yield from every(read(variant.content).base.blocks)
