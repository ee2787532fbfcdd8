"""Phone numbers as the world dials them (E.164)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regulars.model import countries
from regulars.model.later import later

phonenumbers = later("phonenumbers")


def e164(text: str, person: Mapping[str, Any], home: str) -> str:
    """``+`` and up to fifteen digits, "" where it is no number; without a country code it is of the person's country,
    else of ``home``, the shop's."""
    country = str(person.get("country") or "").upper()
    try:
        number = phonenumbers.parse(text, country if countries.known(country) else home.upper())
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
