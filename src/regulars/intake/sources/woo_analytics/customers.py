"""WooCommerce, Analytics > Customers. Guests have neither a user name nor a day they signed up."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import reached, rows, unguarded
from regulars.intake.sources.woo_analytics.headers import CUSTOMERS, columns_found, mapping
from regulars.intake.stage import Stage
from regulars.model.settings import Settings
from regulars.model.types import Type

NEEDED = {"name", "email", "orders", "spend"}
FIELDS = {
    "name": "customers.name",
    "username": "customers.username",
    "signup": "customers.signed_up_at",
    "email": "customers.email",
    "country": "customers.country",
    "city": "customers.city",
    "region": "customers.region",
    "postcode": "customers.postcode",
    "phone": "customers.phone",
}


class WooAnalyticsCustomers:
    name = "woo-analytics-customers"
    title = "WooCommerce Analytics customers report"
    platform = "woocommerce"

    def recognises(self, headers: frozenset[str], file_name: str) -> float:
        found = columns_found(headers, CUSTOMERS)
        if not found >= NEEDED or len(found) < 8:
            return 0.0
        return min(1.0, 0.7 + 0.3 * len(found) / len(headers))

    def mapping(self, stage: Stage) -> dict[str, str]:
        return mapping(stage, CUSTOMERS, FIELDS)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        text = {f: stage.text(*CUSTOMERS[f]) for f in ("name", "email", "country", "city", "region", "username")}
        phone = unguarded(stage.key(*CUSTOMERS["phone"]))
        postcode = stage.key(*CUSTOMERS["postcode"])
        signed_up = stage.moment(*CUSTOMERS["signup"], needed=False)
        hints = reached(text["email"], phone, text["name"], postcode)
        return {
            "customers": rows(
                stage,
                hints | text | {"phone": phone, "postcode": postcode, "signed_up_at": signed_up, "at": signed_up},
                f"coalesce({', '.join(hints.values())}) IS NOT NULL",
            )
        }

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return (OwnField("customers", "username", Type.TEXT, "Username"),)


SOURCES = (WooAnalyticsCustomers(),)
