"""A draft of the analysis as the content of a variant: blocks in every language, for whoever is in the segment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from regulars.insight.common import Result
from regulars.insight.draft.occasions import NEWS, TERMS
from regulars.insight.draft.saying import core, sells_next
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES, Settings
from regulars.outreach.content.blocks import to_json
from regulars.outreach.content.drafts import Lines, drafted
from regulars.outreach.says import MAIL


def draft_content(found: Result | None, settings: Settings, *, offer: bool = False,
                  languages: Collection[str] = LANGUAGES, says: str = MAIL) -> dict[str, Any]:
    """The content of a variant from a result of `draft`: its occasion, and what each of them likes or wants next.

    Without a result it is news, in the shop's language first. ``languages``: those to say it in, beside the first;
    ``says``: what of it the way carries by which it goes.
    """
    occasion = found.numbers["occasion"] if found else NEWS
    language = (found.numbers["language"] if found else None) or settings.language
    lines = _told(found) if found and occasion == TERMS else {
        each: _core(occasion, Figures(settings, each)) for each in LANGUAGES}
    spoken = {each: said for each, said in lines.items() if each in {*languages, language, settings.language}}
    show = {True: "next", False: "favourite", None: ""}[sells_next(occasion)]
    return to_json(drafted(settings, language, spoken, show=show, offer=offer, says=says))


def _core(occasion: str, figures: Figures) -> Lines:
    subject, lines = core(occasion, figures.settings.name)
    return subject.say(figures), [line.say(figures) for line in lines]


def _told(found: Result) -> dict[str, Lines]:
    """As the draft says it, without its greeting and its end."""
    return {row["language"]: (row["subject"], row["body"].split("\n\n")[1:-1]) for row in found.rows.to_pylist()}
