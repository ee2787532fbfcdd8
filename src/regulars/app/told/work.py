"""Working out what the analyses say, for every page and in every language, once a day and when asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from regulars.app import moments
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import ALONE, Tell, work
from regulars.app.jobs.models import OPEN, WAITING, Job
from regulars.app.jobs.running import start
from regulars.app.segments.work import REFRESH
from regulars.app.told.models import Told
from regulars.app.told.sections import ANALYSES, SECTIONS, as_json
from regulars.insight.common import Result
from regulars.insight.page.parts import Reading, Spoken
from regulars.intake.prepared import Progress
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.segments.kept import facts_version
from regulars.shop import Shop
from regulars.shop.folder import has_facts

UNDERSTAND = "understand"


@work(UNDERSTAND, every=timedelta(days=1), lane=ALONE)
def understand(job: Job, tell: Tell) -> dict[str, Any]:
    """Each analysis once, its scores kept for rules; then each section said in each language."""
    shop = the_shop()
    if not has_facts(shop.engine) or Job.objects.filter(kind=UNDERSTAND, state=WAITING, id__gt=job.pk).exists():
        return {}
    now = moments.settled()
    reading = Reading(Spoken(shop, shop.settings.language), now, Figures(shop.settings), linked=True)
    steps, version = len(ANALYSES) + len(LANGUAGES), facts_version(shop.engine)
    for done, name in enumerate(ANALYSES):
        tell(Progress(name, done, steps))
        found = reading.result(name)
        if found is not None and found.scores is not None:
            version = _keep(shop, found, version)
    for done, language in enumerate(LANGUAGES):
        tell(Progress("saying", len(ANALYSES) + done, steps))
        _say(replace(reading, shop=Spoken(shop, language), figures=Figures(shop.settings, language)), version, tell)
    start(REFRESH, {})
    return {"as_of": now.isoformat()}


def _keep(shop: Shop, found: Result, version: int) -> int:
    """Keep the scores; the version of the facts that all was worked out from, behind the shop's where facts came in."""
    shop.keep(found)
    return version + 1 if facts_version(shop.engine) == version + 1 else version


def _say(reading: Reading, version: int, tell: Tell) -> None:
    for key, section in SECTIONS.items():
        Told.objects.update_or_create(key=key, language=reading.figures.locale, defaults={
            "said": as_json(section(reading)), "as_of": reading.now.isoformat(), "facts_version": version})
        tell(Progress("saying"))


def begin(by: Any = None, unless: Collection[str] = OPEN) -> None:
    """Have it worked out, unless that is being done: a job of a state in ``unless`` does."""
    if not Job.objects.filter(kind=UNDERSTAND, state__in=unless).exists():
        start(UNDERSTAND, {}, by=by)
