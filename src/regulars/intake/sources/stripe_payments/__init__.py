"""Stripe, Payments > Export: one row a payment, amounts in whole units of the currency."""

from __future__ import annotations

from regulars.engines.duckdb import literal
from regulars.intake import findings
from regulars.intake.sources.layout import Export, Layout, prefixed, reached, rows, said
from regulars.intake.stage import Stage
from regulars.model.phrases import Said
from regulars.model.settings import Settings

STATUSES = {
    "paid": ("paid", "succeeded", "partially refunded", "partial_refund", "partially_refunded", "disputed"),
    "refunded": ("refunded",),
    "pending": (
        "uncaptured",
        "requires_capture",
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "pending",
        "incomplete",
    ),
    "cancelled": ("canceled", "cancelled"),
    "failed": ("failed", "blocked"),
}


class StripePayments(Export):
    """The columns are the owner's choice in the dashboard, so few of them are counted on."""

    name = "stripe-payments"
    title = "Stripe payments export"
    platform = "stripe"
    signature = ("id", "Amount")
    one_of = (
        ("Created (UTC)", "Created date (UTC)"),
        ("Seller Message", "PaymentIntent ID", "Statement Descriptor", "Amount Refunded"),
    )
    never = ("Current Period Start (UTC)", "Canceled At (UTC)", "Plan")
    layout = Layout("""
        orders
        order_id        key     id
        at              utc     Created (UTC) | Created date (UTC)
        status          text    Status
        mode            text    Mode
        total           money   Amount
        refunded        money?  Amount Refunded
        converted       money?  Converted Amount
        converted_back  money?  Converted Amount Refunded
        converted_to    text    Converted Currency
        currency        text    Currency
        tax             money?  Tax
        payment_method  text    Payment Source Type
        customers
        email           text    Customer Email
        id_platform     key     Customer ID
        country         text    Card Address Country
        city            text    Card Address City
        postcode        key     Card Address Zip
        orders
        country         text    Card Address Country
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self._converted(self.layout.read(stage, "orders"), settings)
        person = self.layout.read(stage, "customers")
        hints = reached(person.get("email"))
        if "id_platform" in person:
            hints["id_platform"] = prefixed("stripe", person["id_platform"])
        test = f"fold({cells.pop('mode', 'NULL')}) = 'test'"
        status = said(cells["status"], STATUSES) if "status" in cells else "NULL"
        # A payment in test mode never happened.
        cells["status"] = f"CASE WHEN {test} THEN 'cancelled' ELSE {status} END"
        known = f"{cells['order_id']} IS NOT NULL"
        return {"orders": rows(stage, cells | hints | {"order_id": prefixed("stripe", cells["order_id"])}, known)}

    def _converted(self, cells: dict[str, str], settings: Settings) -> dict[str, str]:
        """Stripe's own conversion counts where it is into the shop's currency and the payment was not in it."""
        to, amount, back = (cells.pop(f, None) for f in ("converted_to", "converted", "converted_back"))
        if not (to and amount and "currency" in cells):
            return cells | ({"currency": f"upper({cells['currency']})"} if "currency" in cells else {})
        ours = literal(settings.currency.upper())
        taken = f"upper({to}) = {ours} AND upper({cells['currency']}) <> {ours} AND {amount} IS NOT NULL"
        cells["total"] = f"CASE WHEN {taken} THEN {amount} ELSE {cells['total']} END"
        if back and "refunded" in cells:
            cells["refunded"] = f"CASE WHEN {taken} THEN {back} ELSE {cells['refunded']} END"
        return cells | {"currency": f"CASE WHEN {taken} THEN {ours} ELSE upper({cells['currency']}) END"}

    def cautions(self, stage: Stage) -> tuple[Said, ...]:
        return (findings.may_be_twice(),)


SOURCES = (StripePayments(),)
