"""A file of many people, made as a job: it waits for an hour for whoever asked for it."""

from __future__ import annotations

from typing import Any

from regulars.app import moments
from regulars.app.facts import the_shop
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import DONE, FAILED, OPEN, Job
from regulars.app.jobs.running import start
from regulars.outreach.campaign import Campaign
from regulars.shop import finished
from regulars.shop.lists import File

FILE = "list file"
FEW = 100
"""A file of so many people is made while a page is: drawing a label takes milliseconds."""
MOST_SHOWN = 10


@work(FILE)
def list_file(job: Job, tell: Tell) -> dict[str, Any]:
    """The file is kept for an hour; after a restart it is made anew when somebody asks."""
    shop, asked = the_shop(), job.asked
    name = shop.campaigns.by_id(asked["campaign"]).name
    made = shop.lists.compose(name, asked["form"], moments.current(), after=asked["after"], language=asked["language"],
                              report=tell)
    finished.keep(shop.folder, job.pk, made, shop.moment())
    if not shop.lists.holds(name, made, moments.current()):
        # Whoever was erased meanwhile was to be in no file any more, and this one was not there yet to be found.
        finished.drop(shop.folder, job.pk)
    return {"rows": made.rows, "passed_over": made.passed_over, "left_out": sum(made.left_out.values())}


def ask(campaign: Campaign, form: str, after: int, language: str, by: Any) -> Job:
    """The job that makes it: the one that does already, else it is begun."""
    asked = {"campaign": campaign.id, "form": form, "after": after, "language": language}
    return Job.objects.filter(kind=FILE, state__in=OPEN, asked=asked).first() or start(FILE, asked, by=by)


def jobs(campaign: Campaign) -> list[Job]:
    """Those of a campaign that are under way, failed, or whose file waits to be taken out: the latest of each file."""
    latest: dict[tuple[str, bool], Job] = {}
    for job in Job.objects.filter(kind=FILE, asked__campaign=campaign.id)[:MOST_SHOWN]:
        latest.setdefault((job.asked["form"], job.asked["after"] > 0), job)
    return [job for job in latest.values() if job.is_open or job.state == FAILED or waits(job)]


def waits(job: Job) -> bool:
    """Whether the file that a job made is kept still."""
    shop = the_shop()
    return job.state == DONE and finished.is_kept(shop.folder, job.pk, shop.moment())


def waiting(job: Job) -> File | None:
    """The file that a job made, while it is kept."""
    shop = the_shop()
    return finished.find(shop.folder, job.pk, shop.moment()) if job.state == DONE else None
