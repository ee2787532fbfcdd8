"""Settings as forms: of the gate and of each channel, made of the fields that they declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.model.figures import Figures
from regulars.model.phrases import said
from regulars.model.settings import Settings
from regulars.outreach.channels.base import NUMBER, SECRET, SHARE, WHOLE, YESNO, Field
from regulars.outreach.settings import OF_THE_GATE

KEPT = "••••••••"
"""Stands where a secret is kept: left as it is, it stays."""


class Secret(forms.PasswordInput):
    """Shows that a secret is kept, and never one: what was typed before a refusal is typed again."""

    def __init__(self, kept: bool) -> None:
        super().__init__(attrs={"dir": "ltr", "autocomplete": "new-password"}, render_value=True)
        self._shown = KEPT if kept else ""

    def format_value(self, value: Any) -> str:
        return self._shown


class LongSecret(forms.Textarea):
    """The same of one with several lines, a key say."""

    def __init__(self, kept: bool) -> None:
        super().__init__(attrs={"rows": 2, "dir": "ltr", "autocomplete": "off"})
        self._shown = KEPT if kept else ""

    def format_value(self, value: Any) -> str:
        return self._shown


class DeclaredForm(forms.Form):
    """A field for each setting. A secret is never shown: left alone it stays, emptied it is forgotten."""

    def __init__(self, declared: Sequence[Field], held: Mapping[str, Any], figures: Figures, *args: Any,
                 **more: Any) -> None:
        super().__init__(*args, **more)
        self._seldom = {each.name for each in declared if each.seldom}
        self._shares = [each.name for each in declared if each.kind == SHARE]
        for each in declared:
            value = held.get(each.name, each.default)
            self.fields[each.name] = field = _choice(each, value, figures) if each.choices else _field(each, value)
            field.label, field.help_text = said(each.label, figures), said(each.help, figures) if each.help else ""

    @property
    def often(self) -> list[forms.BoundField]:
        """The fields that every shop fills in."""
        return [field for field in self if field.name not in self._seldom]

    @property
    def seldom(self) -> list[forms.BoundField]:
        """Those that most leave as they are."""
        return [field for field in self if field.name in self._seldom]

    @property
    def seldom_wrong(self) -> bool:
        return any(field.errors for field in self.seldom)

    def changes(self) -> dict[str, Any]:
        """What was said, secrets that stay left out; a number left empty is none."""
        said = {name: 0 if value is None else value for name, value in self.cleaned_data.items() if value != KEPT}
        return said | {name: said[name] / 100 for name in self._shares if name in said}


class SendingForm(DeclaredForm):
    """The gate's settings, and the shop's own address for the foot of mails.

    ``proposed`` stands as the address of the pages where none was said yet; it holds once it is saved.
    """

    def __init__(self, held: Mapping[str, Any], shop: Settings, proposed: str, figures: Figures, *args: Any,
                 **more: Any) -> None:
        held = {**held, "public_address": held["public_address"] or proposed}
        super().__init__(OF_THE_GATE, held, figures, *args, **more)
        self._shop = shop
        self.fields["shop_address"] = forms.CharField(
            label=_("Postal address of the shop"), required=False, initial=shop.address, max_length=300,
            widget=forms.TextInput(attrs={"dir": "auto"}),
            help_text=_("It stands at the foot of every e-mail. Many countries ask for it."))

    def gate(self) -> dict[str, Any]:
        """What was said of the gate."""
        return {name: value for name, value in self.changes().items() if name != "shop_address"}

    def shop(self) -> Settings:
        """The shop with the address as said."""
        return replace(self._shop, address=self.cleaned_data["shop_address"])


def _field(each: Field, value: Any) -> forms.Field:
    if each.kind == YESNO:
        return forms.BooleanField(required=False, initial=bool(value))
    if each.kind == WHOLE:
        return forms.IntegerField(required=False, initial=value, min_value=0)
    if each.kind == SHARE:
        return forms.FloatField(required=False, initial=_plain(round(float(value) * 100, 4)), min_value=0,
                                max_value=100)
    if each.kind == NUMBER:
        return forms.FloatField(required=False, initial=_plain(value), min_value=0)
    if each.kind == SECRET:
        widget = LongSecret(bool(value)) if each.long else Secret(bool(value))
        return forms.CharField(required=False, initial=KEPT if value else "", strip=False, widget=widget)
    return forms.CharField(required=False, initial=value, widget=forms.TextInput(
        attrs={"dir": "ltr", "autocomplete": "off"}))


def _choice(each: Field, value: Any, figures: Figures) -> forms.Field:
    """One that is kept and none of them stays to be seen, and is changed by nobody but the reader."""
    choices = [(key, said(label, figures)) for key, label in each.choices]
    others = [] if value in dict(choices) or not value else [(value, value)]
    return forms.ChoiceField(required=False, initial=value, choices=[*choices, *others])


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
