"""Writing a segment, and filling in a ready one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.segments.saved import LONGEST_NAME
from regulars.segments.templates import Parameter


class SegmentForm(forms.Form):
    """Name, rule and note; what is wrong with the rule is said beside it by the view."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME,
                           widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}))
    rule = forms.CharField(label=_("Rule"), strip=False)
    note = forms.CharField(label=_("What it is for"), required=False, max_length=2000,
                           widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}))


class ReadyForm(forms.Form):
    """The values of a ready segment's rule, with the shop's own to choose from."""

    def __init__(self, parameters: tuple[tuple[Parameter, tuple[str, ...]], ...], language: str, *args: Any,
                 **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for parameter, choices in parameters:
            self.fields[parameter.name] = _field(parameter, choices, language)


def _field(parameter: Parameter, choices: tuple[str, ...], language: str) -> forms.Field:
    label, initial = parameter.label[language], parameter.value
    if parameter.kind == "date":
        return forms.DateField(label=label, initial=initial, widget=forms.DateInput(attrs={"type": "date"}))
    if not choices:
        return forms.CharField(label=label, initial=initial)
    listed = dict.fromkeys((str(initial), *choices))
    return forms.ChoiceField(label=label, initial=str(initial), choices=[(c, c) for c in listed])
