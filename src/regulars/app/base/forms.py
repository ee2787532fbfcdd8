"""How every form looks: our field template, in place of Django's; and how it says what the shop refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.template import engines
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from regulars.app.facts import the_shop
from regulars.errors import Refused
from regulars.model.figures import Figures


class Renderer(DjangoTemplates):
    """Django's own widgets, but a field's row and a form's layout from ``base/``."""

    form_template_name = "base/form.html"
    field_template_name = "base/field.html"

    def get_template(self, template_name: str):  # type: ignore[no-untyped-def]  # Django types it no better
        return engines["django"].get_template(template_name) if template_name.startswith("base/") else \
            super().get_template(template_name)


class Options(forms.Select):
    """A long list to choose from, written in one go: Django's own renders a template for each option."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = format_html_join("", '<option value="{}"{}>{}</option>', (
            (key, mark_safe(" selected") if str(key) in chosen else "", label) for key, label in self.choices))
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs(
            self.attrs, {**(attrs or {}), "name": name})), options)


@contextmanager
def as_invalid() -> Iterator[None]:
    """What the shop refuses is said beside the form."""
    try:
        yield
    except Refused as error:
        raise ValidationError(error.say(Figures(the_shop().settings, translation.get_language() or ""))) from error
