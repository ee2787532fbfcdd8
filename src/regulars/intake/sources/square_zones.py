"""Square writes time zones as Rails names them."""

from __future__ import annotations

from regulars.engines.duckdb import literal

ZONES: dict[str, str] = {
    "Eastern Time (US & Canada)": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Arizona": "America/Phoenix",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Alaska": "America/Anchorage",
    "Hawaii": "Pacific/Honolulu",
    "Atlantic Time (Canada)": "America/Halifax",
    "Newfoundland": "America/St_Johns",
    "Saskatchewan": "America/Regina",
    "Puerto Rico": "America/Puerto_Rico",
    "Guam": "Pacific/Guam",
    "Mexico City": "America/Mexico_City",
    "London": "Europe/London",
    "Edinburgh": "Europe/London",
    "Dublin": "Europe/Dublin",
    "Paris": "Europe/Paris",
    "Madrid": "Europe/Madrid",
    "Berlin": "Europe/Berlin",
    "Amsterdam": "Europe/Amsterdam",
    "Tokyo": "Asia/Tokyo",
    "Osaka": "Asia/Tokyo",
    "Sapporo": "Asia/Tokyo",
    "Sydney": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
    "Canberra": "Australia/Melbourne",
    "Brisbane": "Australia/Brisbane",
    "Adelaide": "Australia/Adelaide",
    "Darwin": "Australia/Darwin",
    "Perth": "Australia/Perth",
    "Hobart": "Australia/Hobart",
    "UTC": "Etc/UTC",
}


def zone_of(cell: str, otherwise: str) -> str:
    """The IANA name for what a cell says: a Rails name, an IANA name as it is, else ``otherwise``."""
    whens = "".join(f" WHEN {literal(rails.casefold())} THEN {literal(iana)}" for rails, iana in ZONES.items())
    iana = f"CASE WHEN {cell} LIKE '%/%' AND {cell} NOT LIKE '% %' THEN {cell} ELSE {literal(otherwise)} END"
    return f"CASE lower({cell}){whens} ELSE {iana} END"
