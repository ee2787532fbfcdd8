"""Square, Customer directory > Export. A birthday may lack its year: then it is kept as text of its own."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import (
    Export,
    Layout,
    consent,
    full_name,
    joined,
    prefixed,
    reached,
    rows,
    unguarded,
)
from regulars.intake.stage import Stage
from regulars.model.settings import Settings
from regulars.model.types import Type


class SquareCustomers(Export):
    name = "square-customers"
    title = "Square customer directory"
    platform = "square"
    signature = ("Square Customer ID",)
    one_of = (("Email Address", "Phone Number", "First Name"),)
    layout = Layout("""
        customers
        id_platform     key     Square Customer ID
        first_name      text    First Name
        last_name       text    Last Name
        email           text    Email Address
        phone           key     Phone Number
        street          text    Street Address 1
        street_more     text    Street Address 2
        city            text    City
        region          text    State
        postcode        key     Postal Code
        birthday        text    Birthday
        acquisition_channel text Creation Source
        at              moment? First Visit
        email_said      text    Email Subscription Status
        company         text    Company Name
        note            text    Memo
        reference_id    key     Reference ID
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        name = full_name(cells)
        hints = reached(cells.get("email"), unguarded(cells.get("phone", "NULL"))) | {
            "id_platform": prefixed("square", cells.pop("id_platform"))
        }
        if "street_more" in cells:
            cells["street"] = joined(cells.get("street", "NULL"), cells.pop("street_more"))
        if said := cells.pop("email_said", None):
            known = consent(said, ("subscribed", "true", "yes"), ("unsubscribed", "false", "no", "bounced"))
            cells |= {
                "email_consent": known,
                "email_consent_origin": f"CASE WHEN {known} IS NOT NULL THEN 'Square' END",
            }
        if birthday := cells.get("birthday"):
            cells["birth_date"] = f"try_cast({birthday} AS DATE)"
        return {"customers": rows(stage, hints | cells | {"name": name}, f"{hints['id_platform']} IS NOT NULL")}

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        own = (
            OwnField("customers", "company", Type.TEXT, "Company Name"),
            OwnField("customers", "note", Type.TEXT, "Memo"),
            OwnField("customers", "birthday", Type.TEXT, "Birthday"),
            OwnField("customers", "reference_id", Type.TEXT, "Reference ID"),
        )
        here = self.layout.read(stage, "customers")
        return tuple(f for f in own if f.name in here)


SOURCES = (SquareCustomers(),)
