"""All buckets made segments: they are found again (the same seed finds the same) and saved together."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from regulars.app import moments
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import Job
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.intake.prepared import Progress

ADOPT = "adopt"


@work(ADOPT)
def adopt(job: Job, tell: Tell) -> dict[str, Any]:
    """As of the moment the page tells of; a segment of the shop's own that has the name of one stays as it is."""
    shop = the_shop()
    tell(Progress("buckets"))
    now = moments.current().replace(tzinfo=UTC)
    saved = [segment.name for segment in shop.adopt(shop.insight("buckets", now), now)]
    start(REFRESH, {"past": saved})
    return {"segments": saved}
