"""Stripe, Customers > Export."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, prefixed, reached, rows
from regulars.intake.stage import Stage
from regulars.model.settings import Settings
from regulars.model.types import Type


class StripeCustomers(Export):
    name = "stripe-customers"
    title = "Stripe customers export"
    platform = "stripe"
    signature = ("id", "Email", "Created (UTC)")
    one_of = (("Delinquent", "Account Balance", "Payment Count", "Total Spend", "Card ID"),)
    never = ("Amount", "Customer ID")
    layout = Layout("""
        customers
        id_platform     key     id
        email           text    Email
        name            text    Name | Card Name
        signed_up_at    utc?    Created (UTC)
        street          text    Card Address Line1 | Shipping Address Line1
        city            text    Card Address City | Shipping Address City
        region          text    Card Address State | Shipping Address State
        country         text    Card Address Country | Shipping Address Country
        postcode        key     Card Address Zip | Shipping Address Postal Code
        plan            text    Plan
        plan_status     text    Status
        delinquent      yesno   Delinquent
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        hints = reached(cells["email"]) | {"id_platform": prefixed("stripe", cells.pop("id_platform"))}
        if "plan_status" in cells:
            cells["plan_status"] = f"fold({cells['plan_status']})"
        return {
            "customers": rows(
                stage, hints | cells | {"at": cells["signed_up_at"]}, f"{hints['id_platform']} IS NOT NULL"
            )
        }

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return (OwnField("customers", "delinquent", Type.YESNO, "Delinquent"),) if stage.has("Delinquent") else ()


SOURCES = (StripeCustomers(),)
