"""New connections by webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.app.base.forms import as_invalid
from regulars.app.doors.models import Person
from regulars.app.facts import the_shop
from regulars.app.live import connections
from regulars.app.live.models import Incoming, Outgoing
from regulars.intake.live.hooks.all import PLATFORMS

TITLES = {"shopify": "Shopify", "woocommerce": "WooCommerce", "stripe": "Stripe"}


class IncomingForm(forms.Form):
    """A platform, and what it signs with."""

    prefix = "in"
    platform = forms.ChoiceField(label=_("It is sent by"), choices=[(p, TITLES[p]) for p in PLATFORMS])
    secret = forms.CharField(
        label=_("Its secret"), max_length=200, help_text=_("The platform shows it beside its webhooks.")
    )

    def make(self, by: Person) -> Incoming:
        return connections.receive(self.cleaned_data["platform"], self.cleaned_data["secret"], by)


class OutgoingForm(forms.Form):
    """An address, and the segments it is told of."""

    prefix = "out"
    url = forms.CharField(label=_("The address to tell"), max_length=500, help_text=_("It begins with https://."))
    segments = forms.MultipleChoiceField(
        label=_("Of these segments; none chosen means all"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(s.name, s.name) for s in the_shop().segments.list()],
    )

    made: Outgoing | None = None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            with as_invalid():
                connections.checked(said["url"], said["segments"])
        return said

    def make(self, by: Person) -> Outgoing:
        return connections.send(self.cleaned_data["url"], self.cleaned_data["segments"], by)
