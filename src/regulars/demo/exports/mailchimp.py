"""Mailchimp: an audience."""

from __future__ import annotations

import zipfile
from pathlib import Path

from regulars.demo.exports.layout import copy, has, laid_out, local
from regulars.engines.duckdb import DuckDBEngine
from regulars.model.settings import Settings


def mailchimp(engine: DuckDBEngine, folder: Path, settings: Settings) -> list[Path]:
    """The audience as a zip of three files: who wants mail, who left, and who never said."""
    if not has(engine, "customers"):
        return []
    archive = folder / "audience_export.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for state, holds in (
            ("subscribed", "email_consent"),
            ("unsubscribed", "NOT email_consent"),
            ("nonsubscribed", "email_consent IS NULL"),
        ):
            part = copy(engine, _members(state, holds, settings), folder / f"{state}_members_export_demo.csv")
            packed.write(part, part.name)
            part.unlink()
    return [archive]


def _members(state: str, holds: str, settings: Settings) -> str:
    since = local("coalesce(email_consent_at, signed_up_at)", settings)
    joined = local("signed_up_at", settings) if state == "unsubscribed" else since
    cells = {
        "Email Address": "email",
        "First Name": "coalesce(first_name, name)",
        "Last Name": "last_name",
        "Phone Number": "phone",
        "Address": "street",
        "Birthday": "strftime(birth_date, '%m/%d')",
        "MEMBER_RATING": "2",
        "OPTIN_TIME": joined,
        "CONFIRM_TIME": joined,
        "LATITUDE": "latitude",
        "LONGITUDE": "longitude",
        "CC": "lower(country)",
        "REGION": "region",
        "LAST_CHANGED": since,
        "LEID": "row_number() OVER (ORDER BY customer_id)",
        "EUID": "left(md5(lower(email)), 10)",
        "TAGS": "array_to_string(list_transform(tags, t -> '\"' || t || '\"'), ',')",
    }
    left = f", {since} AS UNSUB_TIME, '' AS UNSUB_CAMPAIGN_TITLE" if state == "unsubscribed" else ""
    source = f"customers WHERE email IS NOT NULL AND {holds} ORDER BY customer_id"
    return laid_out("mailchimp", cells, source, left)
