"""Shopify, Customers > Export, the import template, and the export's older columns."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, joined, prefixed, reached, rows, unguarded
from regulars.intake.stage import Stage
from regulars.model.settings import Settings
from regulars.model.types import Type


class ShopifyCustomers(Export):
    name = "shopify-customers"
    title = "Shopify customers export"
    platform = "shopify"
    signature = ("First Name", "Last Name", "Email", "Tax Exempt")
    one_of = (("Accepts Email Marketing", "Accepts Marketing"), ("Tags", "Note"))
    layout = Layout("""
        customers
        id_platform     key     Customer ID
        first_name      text    First Name
        last_name       text    Last Name
        email           text    Email
        phone           key     Phone
        other_phone     key     Default Address Phone
        street          text    Default Address Address1 | Address1
        street_more     text    Default Address Address2 | Address2
        city            text    Default Address City | City
        region          text    Default Address Province Code | Province Code | Province
        postcode        key     Default Address Zip | Zip
        country         text    Default Address Country Code | Country Code | Country
        email_consent   yesno   Accepts Email Marketing | Accepts Marketing
        sms_consent     yesno   Accepts SMS Marketing
        tags            texts   Tags
        company         text    Default Address Company | Company
        note            text    Note
        tax_exempt      yesno   Tax Exempt
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        name = joined(cells["first_name"], cells["last_name"])
        other = unguarded(cells.pop("other_phone", "NULL"))
        own = unguarded(cells["phone"]) if "phone" in cells else "NULL"
        # An address's phone is often a family's or an office's: it names someone only where nothing else does.
        phone = f"coalesce({own}, CASE WHEN {cells['email']} IS NULL THEN {other} END)"
        postcode = unguarded(cells.get("postcode", "NULL"))
        hints = reached(cells["email"], phone, name, postcode)
        if "id_platform" in cells:
            hints["id_platform"] = prefixed("shopify", unguarded(cells.pop("id_platform")))
        if "street_more" in cells:
            cells["street"] = joined(cells.get("street", "NULL"), cells.pop("street_more"))
        for channel in ("email", "sms"):
            if f"{channel}_consent" in cells:
                cells[f"{channel}_consent_origin"] = (
                    f"CASE WHEN {cells[f'{channel}_consent']} IS NOT NULL THEN 'Shopify' END"
                )
        anyone = f"coalesce({', '.join(hints.values())}) IS NOT NULL"
        return {"customers": rows(stage, hints | cells | {"name": name, "phone": phone, "postcode": postcode}, anyone)}

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        own = (
            OwnField("customers", "company", Type.TEXT, "Company"),
            OwnField("customers", "note", Type.TEXT, "Note"),
            OwnField("customers", "tax_exempt", Type.YESNO, "Tax Exempt"),
        )
        here = self.layout.read(stage, "customers")
        return tuple(f for f in own if f.name in here)


SOURCES = (ShopifyCustomers(),)
