"""Connecting a database, and saying what is wanted of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.app.bring_in.names import kind_name
from regulars.intake.database_drivers import DRIVERS
from regulars.intake.looking import kinds

EVERY = ((0, _("only by hand")), (15, _("every 15 minutes")), (60, _("every hour")), (24 * 60, _("every day")))
PLAIN = {"dir": "ltr", "class": "code", "autocomplete": "off", "spellcheck": "false"}


class SourceForm(forms.Form):
    """An address and its password apart, so that the one can be shown and the other never is."""

    name = forms.CharField(label=_("What it is called"), max_length=120, widget=forms.TextInput(attrs={"dir": "auto"}))
    address = forms.CharField(label=_("Address"), max_length=500, widget=forms.TextInput(attrs=PLAIN),
                              help_text="postgresql://name@host:5432/database · mysql://name@host:3306/database · "
                                        "sqlite:////path/file.db")
    password = forms.CharField(label=_("Password"), required=False, strip=False, widget=forms.PasswordInput(
        attrs={"autocomplete": "new-password"}), help_text=_("It is kept on this machine alone, in a file of its own, "
                                                             "and shown nowhere."))
    minutes = forms.TypedChoiceField(label=_("Read it"), choices=EVERY, coerce=int, initial=0)

    def clean_address(self) -> str:
        """An address that a driver knows."""
        address = str(self.cleaned_data["address"]).strip()
        try:
            scheme = urlsplit(address).scheme.partition("+")[0].lower()
        except ValueError:
            scheme = ""
        if scheme not in DRIVERS:
            raise ValidationError(_("An address begins with %(schemes)s.") % {
                "schemes": ", ".join(f"{s}://" for s in DRIVERS)})
        return address


class QueryForm(forms.Form):
    """A query whose columns are read as those of a file are."""

    rows_are = forms.ChoiceField(label=_("What a row is"), required=False)
    sql = forms.CharField(label=_("Query"), max_length=10_000, widget=forms.Textarea(attrs={**PLAIN, "rows": 5}),
                          help_text="SELECT id AS order_id, customer_id, sold_at AS at, amount AS total FROM sales")
    watermark = forms.CharField(label=_("Column that grows"), required=False, max_length=120, widget=forms.TextInput(
        attrs=PLAIN), help_text=_("Such as the moment of the last change: the next reading begins where the last one "
                                  "ended. Leave it empty to read everything each time; nothing comes in twice."))
    good_rows = forms.BooleanField(label=_("Leave out rows that cannot be used, in place of the whole reading"),
                                   required=False)

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.fields["rows_are"].choices = [  # type: ignore[attr-defined]
            ("", _("as its columns say")), *((kind, kind_name(kind)) for kind in kinds())]
