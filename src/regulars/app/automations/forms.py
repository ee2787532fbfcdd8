"""A new automation, and the settings of a channel: a form that its fields make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from regulars.app.facts import the_shop
from regulars.model.figures import Figures
from regulars.model.phrases import Said, said
from regulars.outreach.automations.automation import (
    DATE,
    DATES,
    ENTERED,
    INSIDE,
    LEFT,
    MOST_DAYS,
    RELEASE,
    Letter,
    Trigger,
)
from regulars.outreach.automations.kept import LONGEST_NAME
from regulars.outreach.channels import channel, names
from regulars.outreach.channels.base import Channel

KINDS = {ENTERED: _("when somebody enters the segment"), LEFT: _("when somebody leaves the segment"),
         INSIDE: _("after days in the segment"), DATE: _("on a date of theirs"),
         RELEASE: _("when something new of a favourite comes out")}
YEARLY = ("birth_date", "signed_up_at")


def title(found: Channel, figures: Figures) -> str:
    """What a channel is called."""
    named: Said = getattr(found, "title", "") or gettext("E-mail")
    return said(named, figures)


def ways() -> list[tuple[str, str]]:
    """Every channel with what it is called, for a form to choose from, in the reader's language."""
    figures = Figures(the_shop().settings, get_language() or "")
    return [(name, title(channel(name), figures)) for name in names()]


class NewForm(forms.Form):
    """What begins it, and how many days lie before each step."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"dir": "auto"}))
    kind = forms.ChoiceField(label=_("It begins"), choices=[*KINDS.items()])
    segment = forms.ChoiceField(label=_("Segment"), required=False, help_text=_(
        "It ends for whoever leaves the segment; where leaving begins it, for whoever comes back."))
    days = forms.IntegerField(label=_("Days"), initial=0, required=False, min_value=-730, max_value=730, help_text=_(
        "Of days in the segment: how many. Of a date: so many days after it, before it below 0."))
    attribute = forms.ChoiceField(label=_("Date"), required=False)
    waits = forms.CharField(label=_("Days before each step"), initial="0, 7, 14", max_length=100, help_text=_(
        "One number a step: 0, 7, 14 are three messages, at once, a week later, and two weeks after that."))
    channel = forms.ChoiceField(label=_("They go by"))
    again = forms.BooleanField(label=_("It may begin again for the same person"), required=False, initial=True)
    present = forms.BooleanField(label=_("It begins too for who is in the segment already"), required=False)
    goes_on = forms.BooleanField(label=_("It goes on for whoever leaves the segment, or comes back"), required=False)

    def __init__(self, segments: Sequence[str], figures: Figures, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._choose("segment", [("", "–"), *((name, name) for name in segments)])
        self._choose("attribute", [(name, each.say(figures)) for name, each in DATES.items()])
        self._choose("channel", ways())
        self.fields["channel"].initial = "email"

    def _choose(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_waits(self) -> list[int]:
        parts = [part.strip() for part in str(self.cleaned_data["waits"]).replace("،", ",").split(",")]
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise forms.ValidationError(_("Write numbers with commas between them."))
        return [int(part) for part in parts]

    def trigger(self) -> Trigger:
        said_of_it = self.cleaned_data
        dated = said_of_it["kind"] == DATE
        return Trigger(said_of_it["kind"], "" if said_of_it["kind"] == RELEASE else said_of_it["segment"],
                       (said_of_it["days"] or 0) if said_of_it["kind"] in (DATE, INSIDE) else 0,
                       said_of_it["attribute"] if dated else "", dated and said_of_it["attribute"] in YEARLY)

    def letters(self, language: str) -> list[Letter]:
        """Steps without words yet: they are written on the page of each."""
        return [Letter(_unwritten(language), days, self.cleaned_data["channel"]) for days in self.cleaned_data["waits"]]


class StepForm(forms.Form):
    """One more step of an automation of so many ``steps``: where it stands, and how long it waits."""

    prefix = "step"
    before = forms.ChoiceField(label=_("It comes"))
    after_days = forms.IntegerField(label=_("Days after what comes before it"), initial=7, min_value=0,
                                    max_value=MOST_DAYS)
    channel = forms.ChoiceField(label=_("It goes by"))

    def __init__(self, steps: int, way: str, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for name, choices in (("before", _places(steps)), ("channel", ways())):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["channel"].initial = way

    def letter(self, language: str) -> Letter:
        """Without words yet."""
        return Letter(_unwritten(language), self.cleaned_data["after_days"], self.cleaned_data["channel"])


def _places(steps: int) -> list[tuple[str, str]]:
    return [("0", gettext("last")), *((str(n), gettext("before step %(number)s") % {"number": n})
                                    for n in range(1, steps + 1))]


def _unwritten(language: str) -> dict[str, Any]:
    return {"language": language, "subject": "", "blocks": [{"kind": "text", "text": ""}]}
