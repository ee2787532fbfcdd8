"""Outlook, File > Export > Contacts."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, full_name, reached, rows
from regulars.intake.stage import Stage
from regulars.model.settings import Settings
from regulars.model.types import Type


class OutlookContacts(Export):
    """The private address counts before the office's."""

    name = "outlook-contacts"
    title = "Outlook contacts"
    platform = "outlook"
    signature = ("E-mail Address",)
    one_of = (("Mobile Phone", "Home Phone", "Business Phone"), ("Company", "Job Title", "First Name"))
    layout = Layout("""
        customers
        first_name      text    First Name
        last_name       text    Last Name
        email           text    E-mail Address | E-mail 2 Address
        phone           key     Mobile Phone | Home Phone | Business Phone | Primary Phone
        street          text    Home Street | Business Street
        city            text    Home City | Business City
        region          text    Home State | Business State
        postcode        key     Home Postal Code | Business Postal Code
        country         text    Home Country/Region | Home Country | Business Country/Region | Business Country
        born            text    Birthday
        gender          text    Gender
        occupation      text    Job Title
        tags            texts   Categories
        company         text    Company
        note            text    Notes
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        if cells.pop("born", None):
            cells["birth_date"] = stage.day("Birthday", needed=False)
        if "gender" in cells:
            cells["gender"] = f"CASE WHEN fold({cells['gender']}) <> 'unspecified' THEN lower({cells['gender']}) END"
        name = full_name(cells)
        hints = reached(cells["email"], cells.get("phone"), name)
        known = {"name": name, "kind": "'prospect'"}
        return {"customers": rows(stage, hints | cells | known, f"coalesce({', '.join(hints.values())}) IS NOT NULL")}

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        own = (
            OwnField("customers", "company", Type.TEXT, "Company"),
            OwnField("customers", "note", Type.TEXT, "Notes"),
        )
        here = self.layout.read(stage, "customers")
        return tuple(f for f in own if f.name in here)


SOURCES = (OutlookContacts(),)
