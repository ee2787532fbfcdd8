"""What is decided about a campaign, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.app.automations.forms import ways
from regulars.app.facts import the_shop
from regulars.outreach.campaign import DRAFT, OFFERS, Campaign, Guard, Offer
from regulars.outreach.campaigns import LONGEST_NAME

OFFERED = {"percent": _("percent off"), "amount": _("an amount off"), "free_shipping": _("free delivery"),
           "gift": _("a gift")}


def _wall(moment: datetime | None) -> datetime | None:
    """Naive UTC as the shop's clock shows it, as it is typed."""
    return moment and moment.replace(tzinfo=UTC).astimezone(the_shop().settings.zone).replace(tzinfo=None)


def _typed(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"dir": "auto", "autocomplete": "off", **attributes})


class NewForm(forms.Form):
    """A campaign begins with one segment."""

    segment = forms.ChoiceField(label=_("Whom do you write to?"))
    name = forms.CharField(label=_("Name of the campaign"), max_length=LONGEST_NAME, required=False, widget=_typed(),
                           help_text=_("Left empty, it is called like the segment."))

    def __init__(self, names: Sequence[str], *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in names]


class WhoForm(forms.Form):
    """Who is meant, and who of them is not."""

    segments = forms.MultipleChoiceField(label=_("Segments that get it"), widget=forms.CheckboxSelectMultiple)
    exclude = forms.MultipleChoiceField(label=_("Segments that are left out"), required=False,
                                        widget=forms.CheckboxSelectMultiple)

    def __init__(self, names: Sequence[str], *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for field in self.fields.values():
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(name, name) for name in names]

    @staticmethod
    def of(campaign: Campaign) -> dict[str, Any]:
        return {"segments": [*campaign.segments], "exclude": [*campaign.exclude]}

    def changes(self, campaign: Campaign) -> dict[str, Any]:
        return {"segments": tuple(self.cleaned_data["segments"]), "exclude": tuple(self.cleaned_data["exclude"])}


class MessageForm(forms.Form):
    """One more message: for a segment, or for whoever is in none that has its own."""

    segment = forms.ChoiceField(label=_("For"), required=False)

    def __init__(self, names: Sequence[str], *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*((name, name) for name in names), ("", _("everybody else"))]


class TestForm(forms.Form):
    """Where a test goes."""

    to = forms.EmailField()


class OfferForm(forms.Form):
    """What is offered, and whether those who would buy anyway get it."""

    kind = forms.ChoiceField(label=_("Offer"), required=False, choices=[("", _("none")), *(
        (kind, OFFERED[kind]) for kind in OFFERS)])
    value = forms.DecimalField(label=_("How much"), required=False, min_value=Decimal(0), max_value=Decimal(1_000_000))
    code = forms.CharField(label=_("Code"), required=False, max_length=40, widget=_typed(dir="ltr"))
    single = forms.BooleanField(label=_("Each person gets a code of their own, good once"), required=False)
    valid_days = forms.IntegerField(label=_("Days it holds"), required=False, min_value=0, max_value=365)
    leave_out = forms.BooleanField(label=_("Leave out who buys without it often enough"), required=False)

    @staticmethod
    def of(campaign: Campaign) -> dict[str, Any]:
        offer = campaign.offer
        said: dict[str, Any] = {"leave_out": campaign.guard.leave_out}
        return said | ({"kind": offer.kind, "value": offer.value, "code": offer.code, "single": offer.single,
                        "valid_days": offer.valid_days} if offer else {})

    def changes(self, campaign: Campaign) -> dict[str, Any]:
        said = self.cleaned_data
        offer = Offer(said["kind"], str(said["value"] or 0), said["code"], said["single"],
                      said["valid_days"] or 0) if said["kind"] else None
        return {"offer": offer, "guard": guarded(campaign, said["leave_out"])}


class GuardForm(forms.Form):
    """Whether who would buy anyway is left out, and from which chance on somebody would."""

    leave_out = forms.BooleanField(required=False)
    threshold = forms.FloatField(min_value=0, max_value=1, required=False)

    @staticmethod
    def of(campaign: Campaign) -> dict[str, Any]:
        """It is one press: who else pressed it meanwhile wanted what is seen then."""
        return {}

    def changes(self, campaign: Campaign) -> dict[str, Any]:
        said = self.cleaned_data
        return {"guard": guarded(campaign, said["leave_out"], said["threshold"])}


def guarded(campaign: Campaign, leave_out: bool, threshold: float | None = None) -> Guard:
    """Its guard as somebody decides it: at a threshold of their own, else as it stands, else at the proposed one."""
    if threshold is not None:
        return Guard(leave_out, threshold)
    if leave_out and campaign.guard.leave_out:
        return campaign.guard
    return Guard(leave_out, campaign.guard.threshold, proposed=True)


class PlanForm(forms.Form):
    """By which way it goes, how it is proved, and when it goes."""

    channel = forms.ChoiceField(label=_("Goes by"), choices=ways, required=False)
    product = forms.CharField(label=_("Id of the product it is about"), max_length=200, required=False,
                              widget=_typed(dir="ltr"), help_text=_("Left empty, it is about none in particular."))
    control = forms.IntegerField(label=_("Control group, percent"), min_value=0, max_value=50, help_text=_(
        "They are meant and get nothing: only so can be told what the message brought."))
    window_days = forms.IntegerField(label=_("Days in which orders, or its goal, are looked at"), min_value=1,
                                     max_value=365)
    at = forms.DateTimeField(label=_("Send it at"), required=False, help_text=_("Left empty, it goes at once."),
                             widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))
    local = forms.BooleanField(label=_("By each customer’s own clock"), required=False)
    best_hour = forms.BooleanField(label=_("At the hour at which each usually reads"), required=False)
    track_opens = forms.BooleanField(label=_("Count who opens it"), required=False)
    track_clicks = forms.BooleanField(label=_("Count who clicks"), required=False)

    @staticmethod
    def of(campaign: Campaign) -> dict[str, Any]:
        return {"channel": campaign.channel, "product": campaign.product,
                "control": round(campaign.control_share * 100), "window_days": campaign.window_days,
                "at": _wall(campaign.scheduled_at), "local": campaign.local, "best_hour": campaign.best_hour,
                "track_opens": campaign.track_opens, "track_clicks": campaign.track_clicks}

    def changes(self, campaign: Campaign) -> dict[str, Any]:
        """``at`` is as it was typed, by the shop's clock: the view makes it a moment. The way of what has begun stays.
        """
        said = self.cleaned_data
        channel = said["channel"] if said["channel"] and campaign.state == DRAFT else campaign.channel
        return {"channel": channel, "product": said["product"].strip(), "control_share": said["control"] / 100,
                "window_days": said["window_days"], "scheduled_at": said["at"],
                **{name: said[name] for name in ("local", "best_hour", "track_opens", "track_clicks")}}
