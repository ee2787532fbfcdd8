"""What the analyses said, for whoever may look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import OPEN, Job
from regulars.app.told.models import Told
from regulars.app.told.work import UNDERSTAND
from regulars.segments.kept import facts_version
from regulars.shop.folder import has_facts


@dataclass(frozen=True)
class Insights:
    """Sections by key as of a moment (None before the first time); ``stale``: facts came in since."""

    sections: dict[str, dict[str, Any]]
    as_of: datetime | None
    stale: bool
    job: Job | None
    failed: Job | None
    empty: bool


LEADS = re.compile(r'<a href="[^"]*"|</a>')
"""Where a part of a picture begins to lead to the editor of segments, and where it ends to."""


def insights(request: Request, *keys: str) -> Insights:
    """What was said last in the reader's language, and whether it is being worked out now."""
    roles.require(request, roles.LOOK)
    engine = the_shop().engine
    told = {t.key: t for t in Told.objects.filter(key__in=keys, language=request.figures.locale)}
    changes = roles.may(request.user, roles.CHANGE)
    newest = next(iter(told.values()), None)
    jobs = Job.objects.filter(kind=UNDERSTAND)
    latest = jobs.first()
    return Insights({key: told[key].said if changes else _led_nowhere(told[key].said) for key in keys if key in told},
                    datetime.fromisoformat(newest.as_of) if newest else None,
                    newest is not None and newest.facts_version != facts_version(engine),
                    jobs.filter(state__in=OPEN).first(), latest if latest and latest.error else None,
                    not has_facts(engine))


def _led_nowhere(section: dict[str, Any]) -> dict[str, Any]:
    """The section for whoever may make no segment of what its pictures show."""
    return {**section, "pictures": [{**each, "svg": LEADS.sub(lambda found: "</g>" if found[0] == "</a>" else "<g",
                                                              each["svg"])} for each in section.get("pictures", ())]}
