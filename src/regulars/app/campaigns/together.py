"""Two people at one campaign: the second to save is told who saved what and when, sees both, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _

from regulars.app.base.requests import Request
from regulars.app.campaigns.access import content
from regulars.app.facts import the_shop
from regulars.outreach.campaign import Campaign

Part = Callable[[Campaign], Any]
"""What of a campaign somebody changes: equal where nobody else did."""


@dataclass(frozen=True)
class Met:
    """Who saved it meanwhile, and when; ``rows``: a label, what stands saved, and what was typed."""

    by: str
    at: datetime | None
    rows: Sequence[tuple[str, str, str]] = ()


def seen(request: Request, campaign: Campaign) -> Campaign:
    """The version that a form was made of, as it says itself: the present one where it says none."""
    number = request.POST.get("version", "")
    if not number.isascii() or not number.isdigit() or int(number) == campaign.version:
        return campaign
    return next((v for v in the_shop().campaigns.versions(campaign.name) if v.version == int(number)), campaign)


def met(before: Campaign, campaign: Campaign, part: Part) -> Met | None:
    """Who changed a part since; None where it is as it was."""
    if before.version == campaign.version or part(before) == part(campaign):
        return None
    versions = [v for v in the_shop().campaigns.versions(campaign.name) if v.version >= before.version]
    for newer, older in pairwise(versions):
        if part(newer) != part(older):
            return Met(newer.changed_by or _("Somebody"), newer.changed_at)
    return Met(campaign.changed_by or _("Somebody"), campaign.changed_at)


def beside(form: forms.Form, saved: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The fields of a form in which what stands saved is not what was typed, in words."""
    found = []
    for name, field in form.fields.items():
        theirs, mine = _said(field, saved.get(name)), _said(field, form.cleaned_data.get(name))
        if name in saved and theirs != mine:
            found.append((str(field.label or name), theirs, mine))
    return found


def _said(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, forms.MultipleChoiceField):
        return ", ".join(value or ()) or "–"
    if isinstance(field, forms.ChoiceField):
        labels: dict[str, Any] = dict(cast(Any, field.choices))
        return str(labels.get(value or "", value or "–"))
    if value in (None, ""):
        return "–"
    return str(field.prepare_value(value).replace(tzinfo=None)) if isinstance(value, datetime) else str(value)


def message(key: tuple[str, str], language: str) -> Part:
    """What a message (see `order`) says in one language: None where nobody wrote it in that."""
    def said(campaign: Campaign) -> Any:
        place = place_of(campaign, key)
        found = content(campaign.variants[place]) if place is not None else None
        if found is None:
            return None
        return found.base if language == found.base.language else found.other.get(language)
    return said


def key(campaign: Campaign, place: int) -> tuple[str, str]:
    """Which message stands at a place; 404 where none does."""
    if place >= len(campaign.variants):
        raise Http404
    return order(campaign)[place]


def place_of(campaign: Campaign, key: tuple[str, str]) -> int | None:
    """Where a message stands by now; None where somebody removed it."""
    return order(campaign).index(key) if key in order(campaign) else None


def order(campaign: Campaign) -> list[tuple[str, str]]:
    """Which messages there are, in their order."""
    return [(variant.name, variant.test) for variant in campaign.variants]
