"""Stripe, Billing > Subscriptions > Export: whose plan is what, in which state, since when."""

from __future__ import annotations

from regulars.intake.sources.layout import Export, Layout, latest, prefixed, reached, rows
from regulars.intake.stage import Stage
from regulars.model.settings import Settings

LIVING = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete")


class StripeSubscriptions(Export):
    """Who has several has the living one, of those the one begun last."""

    name = "stripe-subscriptions"
    title = "Stripe subscriptions export"
    platform = "stripe"
    signature = ("id", "Customer ID", "Status")
    one_of = (("Current Period Start (UTC)", "Canceled At (UTC)", "Current Period End (UTC)"),)
    layout = Layout("""
        customers
        id_platform     key     Customer ID
        email           text    Customer Email
        name            text    Customer Name
        plan            text    Plan | Product | Plan price ID | Price ID
        plan_status     text    Status
        started         utc?    Start (UTC) | Start Date (UTC) | Created (UTC)
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        started = cells.pop("started", "NULL::TIMESTAMP")
        hints = reached(cells.get("email")) | {"id_platform": prefixed("stripe", cells.pop("id_platform"))}
        local = f"timezone('{settings.timezone}', timezone('UTC', {started}))::DATE"
        living = f"fold({cells['plan_status']}) IN ({', '.join(repr(s) for s in LIVING)})"
        columns = hints | cells | {"plan_status": f"fold({cells['plan_status']})", "plan_since": local}
        fields = list(columns)
        return {
            "customers": latest(
                rows(stage, columns | {"living": living, "at": started}),
                "id_platform",
                fields,
                'living DESC NULLS LAST, "at"',
            )
        }


SOURCES = (StripeSubscriptions(),)
