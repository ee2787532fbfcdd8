"""The automations, lists and channels that a person may see and change."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from regulars.app.automations.work import FILE
from regulars.app.base.requests import Request
from regulars.app.doors import roles
from regulars.app.facts import the_shop
from regulars.app.jobs.models import Job
from regulars.outreach.campaign import Campaign
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.channels.base import Channel
from regulars.shop.automations import Automations, Standing
from regulars.shop.lists import Lists


def automations(request: Request, what: str = roles.LOOK) -> Automations:
    """All of them, for whoever may do ``what``."""
    roles.require(request, what)
    return the_shop().automations


def automation(request: Request, name: str, what: str = roles.LOOK) -> Standing:
    """One by its name; raises `NotFound` with the nearest name."""
    return automations(request, what).show(name)


def listed(request: Request, name: str, what: str = roles.EXPORT) -> tuple[Lists, Campaign]:
    """A campaign that goes out by hand: its people are named, so for whoever may take people out."""
    roles.require(request, what)
    return the_shop().lists, the_shop().campaigns.get(name)


def making(campaign: Campaign, pk: int) -> Job:
    """A job that makes a file of a campaign, asked for by whoever may see its list; 404 where there is none."""
    return get_object_or_404(Job, pk=pk, kind=FILE, asked__campaign=campaign.id)


def channels(request: Request) -> tuple[str, ...]:
    """The ways out there are, for owners."""
    roles.require(request, roles.RUN)
    return tuple(the_shop().campaigns.channels)


def channel(request: Request, name: str) -> Channel:
    """One by its name; raises `NotFound`."""
    roles.require(request, roles.RUN)
    return find_channel(name)
