"""Google Contacts > Export > Google CSV, in its older and newer columns."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, full_name, reached, rows
from regulars.intake.stage import Stage
from regulars.model.settings import Settings
from regulars.model.types import Type

OWN_LABELS = "x -> trim(x, ' *') NOT IN ('', 'myContacts', 'starred')"


class GoogleContacts(Export):
    """Several values in a cell stand between ``:::``: the first counts. A birthday without a year is kept as text."""

    name = "google-contacts"
    title = "Google contacts"
    platform = "google"
    one_of = (("E-mail 1 - Value", "Phone 1 - Value"),)
    layout = Layout("""
        customers
        first_name      text    First Name | Given Name
        last_name       text    Last Name | Family Name
        name            text    Name | File As
        email           text    E-mail 1 - Value | E-mail 2 - Value
        phone           text    Phone 1 - Value | Phone 2 - Value
        street          text    Address 1 - Street
        city            text    Address 1 - City
        region          text    Address 1 - Region
        postcode        key     Address 1 - Postal Code
        country         text    Address 1 - Country
        birthday        text    Birthday
        gender          text    Gender
        occupation      text    Organization Title | Organization 1 - Title
        labels          text    Labels | Group Membership
        company         text    Organization Name | Organization 1 - Name
        note            text    Notes
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        for field in ("email", "phone"):
            if field in cells:
                cells[field] = f"nullif(trim(split_part({cells[field]}, ':::', 1)), '')"
        if birthday := cells.get("birthday"):
            cells["birth_date"] = f"try_cast({birthday} AS DATE)"
        if listed := cells.pop("labels", None):
            items = f"list_filter(string_split({listed}, ':::'), {OWN_LABELS})"
            cells["tags"] = f"nullif(list_transform({items}, x -> trim(x, ' *')), [])"
        name = f"coalesce({full_name(cells)}, {cells.pop('name', 'NULL')})"
        hints = reached(cells.get("email"), cells.get("phone"), name)
        known = {"name": name, "kind": "'prospect'"}
        return {"customers": rows(stage, hints | cells | known, f"coalesce({', '.join(hints.values())}) IS NOT NULL")}

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        own = (
            OwnField("customers", "birthday", Type.TEXT, "Birthday"),
            OwnField("customers", "company", Type.TEXT, "Organization"),
            OwnField("customers", "note", Type.TEXT, "Notes"),
        )
        here = self.layout.read(stage, "customers")
        return tuple(f for f in own if f.name in here)


SOURCES = (GoogleContacts(),)
