"""An address in lines, in the order in which the post of its country reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.model import countries

POSTCODE_AFTER = frozenset((
    "AU", "BD", "CA", "GB", "HK", "ID", "IE", "IN", "LK", "MM", "NZ", "PK", "SG", "TH", "TW", "US", "ZA"))
"""Countries that write the postcode behind the city (Universal Postal Union, addressing sheets); others before it."""


def lines(name: str, person: Mapping[str, Any], home: str) -> list[str]:
    """Name, street, place and, abroad, the country in capitals and English, as the UPU asks; empty ones left out."""
    street, city, region, postcode, country = (str(person.get(c) or "").strip() for c in (
        "street", "city", "region", "postcode", "country"))
    code = country.upper() or home.upper()
    place = [city, region, postcode] if code in POSTCODE_AFTER else [postcode, city]
    abroad = "" if code == home.upper() else countries.names().get(code, country).upper()
    return [line for line in (name.strip(), *street.splitlines(), " ".join(filter(None, place)), abroad) if line]
