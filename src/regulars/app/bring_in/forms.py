"""Handing files over, and saying what is in one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from regulars.app.bring_in.names import ANSWERS, answer_name, kind_choices
from regulars.intake.looking import Table


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; each is held to what one would be."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given]


class HandOver(forms.Form):
    dropped = FilesField(label=_("Files"), allow_empty_file=True)


class Naming(forms.Form):
    """Which field each column of a table without a header is (``field_0`` …), each field once."""

    def __init__(self, table: Table, fields: list[tuple[str, str]], *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        for i, column in enumerate(table.columns):
            self.fields[f"field_{i}"] = forms.ChoiceField(label=column.header, required=False,
                                                          choices=[("", _("Leave it out")), *fields])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        given = [field.partition(".")[2] for field in said.values() if field]
        if not given or len(set(given)) < len(given):
            raise forms.ValidationError(_("Say what at least one column is, and each field once."))
        return said

    def names(self) -> list[str]:
        """A header for each column."""
        given = [self.cleaned_data[f"field_{i}"] for i in range(len(self.fields))]
        return [field.partition(".")[2] or f"column {i + 1}" for i, field in enumerate(given)]


class Saying(forms.Form):
    """What a table's rows are, which field each column is (``field_0`` …), and the answer to a question."""

    as_ = forms.ChoiceField(label=_("What a row is"), required=False)

    def __init__(self, table: Table, fields: list[tuple[str, str]], *args: Any, **attributes: Any) -> None:
        """``fields``: what a column may be, with its name for a person."""
        super().__init__(*args, **attributes)
        self.table = table
        self.fields["as_"].choices = kind_choices(table)  # type: ignore[attr-defined]
        self.fields["as_"].initial = table.said_as
        known = {name for name, _ in fields}
        for i, column in enumerate(table.columns if fields else ()):
            more = [] if column.field in known or not column.field else [(column.field, column.field)]
            choices = [("", _("Leave it out")), *more, *fields]
            self.fields[f"field_{i}"] = forms.ChoiceField(label=column.header, required=False, initial=column.field,
                                                          choices=choices)
        if table.question:
            self.fields["answer"] = forms.ChoiceField(
                label=_("How it is written"), widget=forms.RadioSelect,
                choices=[(c, answer_name(c)) for c in table.question.choices if c in ANSWERS])

    def said(self) -> dict[str, Any]:
        """As `Imports.choose` takes it."""
        given, question = self.cleaned_data, self.table.question
        fields = {c.header: given[f"field_{i}"] for i, c in enumerate(self.table.columns) if f"field_{i}" in given}
        return {"as_": given["as_"], "fields": fields,
                "answers": {question.column: given["answer"]} if question and given.get("answer") else {}}
