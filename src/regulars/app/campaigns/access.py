"""The campaigns a person may see, change and send."""

from __future__ import annotations

from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import Job
from regulars.errors import NotFound
from regulars.outreach.automations.automation import Automation
from regulars.outreach.campaign import STEP, Campaign, Variant
from regulars.outreach.content.blocks import Content, read
from regulars.shop.campaigns import Campaigns


def campaigns(request: Request, what: str = roles.LOOK) -> Campaigns:
    """All of them, for whoever may do ``what``."""
    roles.require(request, what)
    return the_shop().campaigns


def campaign(request: Request, name: str, what: str = roles.LOOK) -> Campaign:
    """One by its name; raises `NotFound` with the nearest name."""
    return campaigns(request, what).get(name)


def variant(request: Request, name: str, place: int, what: str = roles.LOOK) -> tuple[Campaign, Variant]:
    """A campaign and one of its variants, by its place from 0."""
    found = campaign(request, name, what)
    if not 0 <= place < len(found.variants):
        raise NotFound(_("There is no such message in this campaign."))
    return found, found.variants[place]


def content(said: Variant) -> Content:
    """What a variant says; the plain form of other programs as one block of text."""
    language = the_shop().settings.language
    if "blocks" in said.content:
        return read(said.content, language)
    return read({"subject": said.content.get("subject", ""), "plain": said.content.get("text", ""),
                 "blocks": [{"kind": "text", "text": said.content.get("text", "")}]}, language)


def automation_of(found: Campaign) -> Automation | None:
    """The automation that a campaign is a step of."""
    if found.kind != STEP:
        return None
    return next((each for each in the_shop().automations.list()
                 if any(step.campaign == found.id for step in each.steps)), None)


def number_of_step(found: Campaign) -> int | None:
    """Which step of its automation it is, from 1; None of what is no step."""
    automation = automation_of(found)
    return next((number for number, step in enumerate(automation.steps, 1) if step.campaign == found.id),
                None) if automation else None


def waited_for(request: Request) -> Job | None:
    """The job that a part of a page waits for, as it says itself."""
    number = request.GET.get("job", "")
    return Job.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
