"""What a person chooses of what they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

LABELS = {"email": _("By e-mail"), "sms": _("By text message"), "phone": _("By telephone"), "post": _("By post")}
ASKED = {"email": gettext_noop("Do you want no more e-mail from %(name)s?"),
         "sms": gettext_noop("Do you want no more text messages from %(name)s?"),
         "phone": gettext_noop("Do you want no more calls from %(name)s?"),
         "post": gettext_noop("Do you want no more post from %(name)s?")}
NO_MORE = {"email": gettext_noop("%(name)s sends you no e-mail any more."),
           "sms": gettext_noop("%(name)s sends you no text messages any more."),
           "phone": gettext_noop("%(name)s does not call you any more."),
           "post": gettext_noop("%(name)s sends you no post any more.")}
TRACKING = "tracking"


class Preferences(forms.Form):
    """A box for each way that the shop can reach them by, ticked where they agreed."""

    def __init__(self, *args: Any, ways: Mapping[str, bool], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for way, agreed in ways.items():
            label = _("You may note what I open and click") if way == TRACKING else LABELS[way]
            self.fields[way] = forms.BooleanField(label=label, required=False, initial=agreed)

    def ways(self) -> dict[str, bool]:
        """What they said of each."""
        return {name: bool(self.cleaned_data[name]) for name in self.fields}
