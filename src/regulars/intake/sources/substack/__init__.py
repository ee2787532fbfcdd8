"""Substack, Settings > Exports: the list of subscribers."""

from __future__ import annotations

from regulars.intake.sources.layout import Export, Layout, reached, rows
from regulars.intake.stage import Stage
from regulars.model.settings import Settings


class Substack(Export):
    """Whoever has mail turned off has withdrawn consent."""

    name = "substack-subscribers"
    title = "Substack subscribers"
    platform = "substack"
    signature = ("email", "active_subscription")
    layout = Layout("""
        customers
        email           text    email
        paying          yesno   active_subscription
        plan            text    plan
        disabled        yesno   email_disabled
        at              utc?    created_at
        first_payment   utc?    first_payment_at
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        paying, disabled = cells.pop("paying"), cells.pop("disabled", "NULL")
        paid_since = cells.pop("first_payment", "NULL::TIMESTAMP")
        columns = (
            reached(cells["email"])
            | cells
            | {
                "plan_status": f"CASE WHEN {paying} THEN 'active' WHEN NOT {paying} THEN 'none' END",
                "plan_since": f"timezone('{settings.timezone}', timezone('UTC', {paid_since}))::DATE",
                "email_consent": f"NOT ({disabled})",
                "email_consent_origin": f"CASE WHEN {disabled} IS NOT NULL THEN 'Substack' END",
                "kind": "'subscriber'",
            }
        )
        if "at" in cells:
            columns |= {"signed_up_at": cells["at"]}
        return {"customers": rows(stage, columns, f"{cells['email']} IS NOT NULL")}


SOURCES = (Substack(),)
