"""Klaviyo, a list, segment or all profiles > Export. Custom properties are columns of their own."""

from __future__ import annotations

from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, consent, full_name, prefixed, reached, rows
from regulars.intake.sources.own import own_columns
from regulars.intake.stage import Stage, normalise_header
from regulars.model.settings import Settings

YES = ("subscribed", "true", "yes", "opted_in", "opt-in")
NO = ("unsubscribed", "never_subscribed", "never subscribed", "false", "no", "suppressed", "opted_out")
UNUSED = frozenset(normalise_header(h) for h in ("Date Added", "Last Active", "Profile Updated On", "Organization"))


class KlaviyoProfiles(Export):
    name = "klaviyo-profiles"
    title = "Klaviyo profiles export"
    platform = "klaviyo"
    signature = ("Klaviyo ID",)
    one_of = (("Email", "Email Address", "Phone Number"),)
    layout = Layout("""
        customers
        email           text    Email | Email Address
        id_platform     key     Klaviyo ID
        first_name      text    First Name
        last_name       text    Last Name
        phone           key     Phone Number | Phone
        street          text    Address | Address 1
        city            text    City
        region          text    State / Region | State/Region | Region
        country         text    Country
        postcode        key     Zip Code | Zip
        acquisition_channel text Source | Initial Source
        email_said      text    Email Marketing Consent
        sms_said        text    SMS Consent | SMS Marketing Consent
        at              moment? Profile Created On
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        cells["id_platform"] = prefixed("klaviyo", cells["id_platform"])
        for channel in ("email", "sms"):
            if said := cells.pop(f"{channel}_said", None):
                known = cells[f"{channel}_consent"] = consent(said, YES, NO)
                cells[f"{channel}_consent_origin"] = f"CASE WHEN {known} IS NOT NULL THEN 'Klaviyo' END"
        own = {field.name: sql for field, sql in self._own(stage)}
        name = full_name(cells)
        cells["kind"] = f"CASE WHEN {cells.get('email_consent', 'NULL')} THEN 'subscriber' ELSE 'prospect' END"
        hints = reached(cells.get("email"), cells.get("phone")) | {"id_platform": cells.pop("id_platform")}
        return {"customers": rows(stage, hints | cells | own | {"name": name}, f"{hints['id_platform']} IS NOT NULL")}

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return tuple(field for field, _ in self._own(stage))

    def _own(self, stage: Stage) -> list[tuple[OwnField, str]]:
        return own_columns(stage, self.layout.known | UNUSED, self.platform)


SOURCES = (KlaviyoProfiles(),)
