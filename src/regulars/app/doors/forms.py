"""The forms of the doors."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

import pytz
from babel import Locale
from babel.numbers import get_territory_currencies
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.app.base.forms import as_invalid
from regulars.app.doors.models import ROLES, Invitation, Person
from regulars.app.settings import LANGUAGES
from regulars.model.settings import Settings, checked


def countries() -> list[tuple[str, str]]:
    """Code and name of each country, by name in the reader's language."""
    names = Locale.parse(get_language() or "en").territories
    return sorted(((code, name) for code, name in names.items() if len(code) == 2 and code not in ("EU", "UN", "ZZ",
                  "XA", "XB", "EZ", "QO")), key=lambda pair: pair[1])


def currencies() -> list[tuple[str, str]]:
    """Code and name of each currency."""
    names = Locale.parse(get_language() or "en").currencies
    return [(code, f"{code} · {names[code]}") for code in sorted(names)]


@cache
def usual() -> dict[str, list[str]]:
    """Of each country its currency and first time zone, those there are: what the form offers once it is chosen."""
    zones = {code: zones[0] for code, zones in pytz.country_timezones.items() if zones}
    return {code: [*get_territory_currencies(code, date.today())[:1], zone] for code, zone in zones.items()
            if get_territory_currencies(code, date.today())}


class NewPassword(forms.Form):
    """A name and a password that is hard to guess."""

    name = forms.CharField(label=_("Your name"), max_length=120,
                           widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}))
    password = forms.CharField(label=_("Password"), strip=False, help_text=_("At least ten characters."),
                               widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, Person(email=self.data.get("email", ""), name=self.data.get("name", "")))
        return password


class SetUp(NewPassword):
    """The owner's account, and what the shop says about itself."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    shop_name = forms.CharField(label=_("Name of the shop"), max_length=120,
                                widget=forms.TextInput(attrs={"dir": "auto"}))
    currency = forms.ChoiceField(label=_("Currency"), choices=currencies,
                                 help_text=_("Amounts are kept in it; it cannot be changed once orders are in."))
    country = forms.ChoiceField(label=_("Country"), choices=countries)
    timezone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(z, z) for z in sorted(available_timezones())])
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def __init__(self, *args: Any, shop: Settings, settled: bool, **attributes: Any) -> None:
        """``settled``: there are facts already, so that currency and time zone stand."""
        super().__init__(*args, **attributes)
        self.order_fields(["email", "name", "password", "shop_name", "country", "currency", "timezone", "language"])
        self.shop = shop
        self.fields["country"].widget.attrs["data-settles"] = json.dumps(usual())
        for name in ("currency", "timezone") if settled else ():
            self.fields[name].disabled = True
        self.initial = {"shop_name": shop.name, "currency": shop.currency, "country": shop.country,
                         "timezone": shop.timezone, "language": shop.language}

    def settings(self) -> Settings:
        """The shop's settings as said; raises `Refused` for what cannot be."""
        said = self.cleaned_data
        return checked(replace(self.shop, name=said["shop_name"], currency=said["currency"], country=said["country"],
                               timezone=said["timezone"], language=said["language"]))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors:
            with as_invalid():
                self.settings()
        return said


class Own(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic
    """What a person settles for themselves."""

    language = forms.ChoiceField(label=_("Language"), required=False,
                                 choices=[("", _("As the browser says")), *LANGUAGES])

    class Meta:
        model = Person
        fields: ClassVar = ["name", "language", "eastern_digits"]
        labels: ClassVar = {"name": _("Your name"), "eastern_digits": _("Eastern Arabic digits in Urdu (۱۲۳)")}
        widgets: ClassVar = {"name": forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"})}


class Invite(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Invitation
        fields: ClassVar = ["email", "role"]
        labels: ClassVar = {"email": _("E-mail address"), "role": _("May do")}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if Person.objects.filter(email=email, is_active=True).exists():
            raise ValidationError(_("There is somebody with this address already."))
        return email


class Role(forms.Form):
    role = forms.ChoiceField(label=_("May do"), choices=ROLES)
