"""Mailchimp, Audience > Export: a zip of files whose names say whether their people want mail."""

from __future__ import annotations

import re

from regulars.engines.duckdb import literal
from regulars.intake.prepared import OwnField
from regulars.intake.sources.layout import Export, Layout, full_name, prefixed, reached, rows
from regulars.intake.sources.own import own_columns
from regulars.intake.stage import Stage, normalise_header
from regulars.model.settings import Settings
from regulars.model.types import Type

STATES = ("nonsubscribed", "unsubscribed", "subscribed", "cleaned")
"""In this order: the longer words hold the shorter."""

UNUSED_TEXT = """CONFIRM_IP OPTIN_IP GMTOFF DSTOFF LAST_CHANGED LEID NOTES UNSUB_CAMPAIGN_ID UNSUB_REASON
    UNSUB_REASON_OTHER CLEAN_CAMPAIGN_ID"""
UNUSED = frozenset(normalise_header(h) for h in UNUSED_TEXT.split())


class Mailchimp(Export):
    name = "mailchimp-audience"
    title = "Mailchimp audience export"
    platform = "mailchimp"
    signature = ("Email Address", "MEMBER_RATING", "LEID", "EUID")
    layout = Layout("""
        customers
        email           text    Email Address
        id_platform     key     EUID
        first_name      text    First Name
        last_name       text    Last Name
        phone           key     Phone Number | Phone
        street          text    Address
        latitude        real?   LATITUDE
        longitude       real?   LONGITUDE
        country         text    CC
        region          text    REGION
        tags            texts   TAGS
        joined_at       moment? CONFIRM_TIME | OPTIN_TIME
        left_at         moment? UNSUB_TIME | CLEAN_TIME
        member_rating   whole?  MEMBER_RATING
        birthday        text    Birthday
        gender          text    Gender
        messages
        campaign        text    UNSUB_CAMPAIGN_TITLE | CLEAN_CAMPAIGN_TITLE
    """)

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        cells = self._member(stage)
        state = state_of(stage)
        left = cells.pop("left_at", "NULL")
        joined_at = cells.pop("joined_at", "NULL")
        consent = _consent(state, joined_at, left)
        own = {field.name: sql for field, sql in own_columns(stage, self.layout.known | UNUSED, self.platform)}
        known = {"at": joined_at, "kind": "'subscriber'" if state in ("subscribed", "") else "'prospect'"}
        made = {"customers": rows(stage, cells | consent | own | known, f"{cells['id_email']} IS NOT NULL")}
        if stage.has("UNSUB_TIME", "CLEAN_TIME"):
            made["messages"] = self._parting(stage, cells, state, left)
        return made

    def _member(self, stage: Stage) -> dict[str, str]:
        cells = self.layout.read(stage, "customers")
        cells["id_platform"] = prefixed("mailchimp", cells["id_platform"])
        if "country" in cells:
            cells["country"] = f"upper({cells['country']})"
        return reached(cells["email"], cells.get("phone")) | cells | {"name": full_name(cells)}

    def _parting(self, stage: Stage, cells: dict[str, str], state: str, left: str) -> str:
        kind = "bounced" if state == "cleaned" else "unsubscribed"
        columns = {
            "message_id": f"{cells['id_platform']} || {literal(':' + kind)}",
            "at": left,
            "type": literal(kind),
            "channel": "'email'",
            "id_email": cells["id_email"],
            "id_platform": cells["id_platform"],
            **self.layout.read(stage, "messages"),
        }
        return rows(stage, columns, f"{left} IS NOT NULL")

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        own = (
            OwnField("customers", "member_rating", Type.WHOLE, "MEMBER_RATING"),
            OwnField("customers", "birthday", Type.TEXT, "Birthday"),
        )
        here = self.layout.read(stage, "customers")
        return (
            *(f for f in own if f.name in here),
            *(f for f, _ in own_columns(stage, self.layout.known | UNUSED, self.platform)),
        )


def state_of(stage: Stage) -> str:
    """What the file's name says of its people; without a name that says it, the columns do, else nothing is known."""
    name = re.sub(r"[^a-z]", "", stage.file_name.casefold())
    for state in STATES:
        if state in name:
            return state
    return "unsubscribed" if stage.has("UNSUB_TIME") else "cleaned" if stage.has("CLEAN_TIME") else ""


def _consent(state: str, joined_at: str, left_at: str) -> dict[str, str]:
    if state == "subscribed":
        return {"email_consent": "true", "email_consent_at": joined_at, "email_consent_origin": "'Mailchimp'"}
    if state:
        at = f"coalesce({left_at}, {joined_at})" if state != "nonsubscribed" else "NULL::TIMESTAMP"
        return {
            "email_consent": "false",
            "email_consent_at": at,
            "email_consent_origin": literal(f"Mailchimp ({state})"),
        }
    return {}


SOURCES = (Mailchimp(),)
