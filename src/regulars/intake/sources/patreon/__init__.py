"""Patreon, Relationship manager > Export: members with their tier."""

from __future__ import annotations

from regulars.intake.sources.layout import Export, Layout, prefixed, reached, rows, said
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

STATUSES = {"active": ("active patron",), "canceled": ("former patron",), "past_due": ("declined patron",)}


class Patreon(Export):
    name = "patreon-members"
    title = "Patreon members"
    platform = "patreon"
    signature = ("Email", "Patron Status", "Tier")
    layout = Layout("""
        customers
        name            text    Name
        email           text    Email
        id_platform     key     User ID
        plan            text    Tier
        plan_status     text    Patron Status
        started         moment? Patronage Since Date
        street          text    Street
        city            text    City
        region          text    State
        postcode        key     Zip
        country         text    Country
        phone           key     Phone
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        started = cells.pop("started", "NULL::TIMESTAMP")
        hints = reached(cells["email"])
        if "id_platform" in cells:
            hints["id_platform"] = prefixed("patreon", cells.pop("id_platform"))
        columns = (
            hints
            | cells
            | {
                "plan_status": said(cells["plan_status"], STATUSES),
                "at": started,
                "plan_since": f"timezone('{settings.timezone}', timezone('UTC', {started}))::DATE",
            }
        )
        return {"customers": rows(stage, columns, f"coalesce({', '.join(hints.values())}) IS NOT NULL")}


SOURCES = (Patreon(),)
