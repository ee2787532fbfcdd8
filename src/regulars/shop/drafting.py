"""A draft of the analysis as the content of a variant: blocks in every language, for whoever is in the segment."""

from __future__ import annotations

from typing import Any

from regulars.insight.common import Result
from regulars.insight.draft.saying import core, sells_next
from regulars.model.settings import Settings
from regulars.outreach.content.blocks import to_json
from regulars.outreach.content.drafts import drafted


def draft_content(found: Result | None, settings: Settings, *, offer: bool = False) -> dict[str, Any]:
    """The content of a variant from a result of `draft`: its occasion, and what each of them likes or wants next.

    Without a result it is news, in the shop's language first.
    """
    occasion = found.numbers["occasion"] if found else "news"
    language = (found.numbers["language"] if found else None) or settings.language
    subject, lines = core(occasion, settings.name)
    show = {True: "next", False: "favourite", None: ""}[sells_next(occasion)]
    return to_json(drafted(settings, language, subject, lines, show=show, offer=offer))
