"""What a shop says about itself, what things cost it, and who else may ask."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from regulars.app.api.scopes import SCOPES
from regulars.app.base.forms import Options, as_invalid
from regulars.app.doors.forms import countries, currencies
from regulars.app.settings import LANGUAGES
from regulars.model.settings import Settings, checked

CHANNELS = {"email": _("An e-mail costs"), "sms": _("An SMS costs"), "phone": _("A call costs"),
            "post": _("A letter costs")}
MAY = {
    "segments:read": gettext_noop("Read segments, their members’ ids, and count rules"),
    "segments:write": gettext_noop("Write and remove segments"),
    "customers:read": gettext_noop("Read people: names, addresses, what they did"),
    "imports:read": gettext_noop("Read receipts"),
    "imports:write": gettext_noop("Bring files in, take imports back"),
    "write": gettext_noop("Send messages in live"),
    "changes:read": gettext_noop("Read who entered and left segments"),
    "campaigns:read": gettext_noop("Read campaigns, whom they reach and what came of them"),
    "campaigns:send": gettext_noop("Send campaigns, pause and stop them"),
    "automations:read": gettext_noop("Read automations, how many people are in them and what their steps brought"),
    "automations:write": gettext_noop("Write, change and remove drafts of automations"),
    "automations:run": gettext_noop("Make ready automations drafts, switch automations on and off, pause them"),
    "lists:read": gettext_noop("Take out lists of people: who to call, addresses, audiences"),
    "lists:write": gettext_noop("Write down what came of calls"),
    "insight:read": gettext_noop("Ask what the analyses say"),
    "customers:write": gettext_noop("Join customers that are one person, and take them apart"),
}


@cache
def zones() -> list[str]:
    """Every time zone: looking for them reads the disk."""
    return sorted(available_timezones())


def _amount(label: Any, **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=1e9, **more)


class ShopForm(forms.Form):
    """``shop.toml`` as a form: who the shop is, and what things cost it."""

    name = forms.CharField(label=_("Name of the shop"), max_length=120, widget=forms.TextInput(attrs={"dir": "auto"}))
    country = forms.ChoiceField(label=_("Country"), choices=countries, widget=Options)
    currency = forms.ChoiceField(label=_("Currency"), choices=currencies, widget=Options)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(z, z) for z in zones()], widget=Options)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    service_hour_cost = _amount(_("An hour of service costs"))
    payment_fee_percent = forms.FloatField(label=_("Payment fee, percent of an order"), min_value=0, max_value=100,
                                           required=False, help_text=_("Leave it empty where it is not known."))
    shipping_cost = _amount(_("Sending an order costs"), required=False,
                            help_text=_("Leave it empty where it is not known."))
    webhooks_to_own_network = forms.BooleanField(
        label=_("Tell programs in our own network too who enters and leaves segments"), required=False,
        help_text=_("Else webhooks go to addresses of the public internet only."))

    def __init__(self, *args: Any, shop: Settings, settled: bool, **attributes: Any) -> None:
        """``settled``: there are facts already, so that currency and time zone stand."""
        super().__init__(*args, **attributes)
        self.shop = shop
        for name in self.fields:
            self.fields[name].initial = getattr(shop, name)
        for channel, label in CHANNELS.items():
            self.fields[f"message_{channel}"] = _amount(label, initial=shop.message_costs.get(channel, 0))
        for name, field in self.fields.items():
            if name.endswith("_cost") or name.removeprefix("message_") in CHANNELS:
                field.label = format_lazy("{label} ({currency})", label=field.label, currency=shop.currency)
        for name in ("currency", "timezone") if settled else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = _("It stands, since orders were read by it.")

    def settings(self) -> Settings:
        """The settings as said; raises `Refused` for what cannot be."""
        said = dict(self.cleaned_data)
        costs = {channel: said.pop(f"message_{channel}") for channel in CHANNELS}
        return checked(replace(self.shop, **said, message_costs={**self.shop.message_costs, **costs}))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            with as_invalid():
                self.settings()
        return said


class KeyForm(forms.Form):
    """A key of the API: what it is for, and what it may."""

    name = forms.CharField(label=_("What it is for"), max_length=120)
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple,
                                       choices=lambda: [(s, _now(MAY[s])) for s in SCOPES])
