"""A Customer Match list for Google: addresses, numbers and names hashed, country and postcode plain, as Google says.

Rules and examples: https://developers.google.com/data-manager/api/devguides/concepts/formatting
The file: https://support.google.com/google-ads/answer/7476159. Whose e-mail consent is asked: it is advertising, and
Google's policy asks for consent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from regulars.outreach import ways
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel, Made, table
from regulars.outreach.channels.meta import country_code, hashed
from regulars.outreach.channels.numbers import e164
from regulars.outreach.says import NOTHING

COLUMNS = ("Email", "Phone", "First Name", "Last Name", "Country", "Zip")
DOTS_MEAN_NOTHING = ("gmail.com", "googlemail.com")
BEFORE, AFTER = re.compile(r"^(mrs?|ms|miss|dr|prof)\.?\s+"), re.compile(r",?\s+(jr|sr|ii|iii|iv)\.?$")


def email(text: str) -> str:
    """Lower case without any spaces; at Gmail without dots and what follows a plus, both of which it ignores."""
    local, at, domain = re.sub(r"\s", "", text).lower().rpartition("@")
    if domain in DOTS_MEAN_NOTHING:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}{at}{domain}"


def phone(text: str, person: Mapping[str, Any], home: str) -> str:
    """E.164, with the plus."""
    return e164(text, person, home)


def first_name(text: str) -> str:
    """Lower case, without a title before it."""
    return BEFORE.sub("", _spaced(text))


def last_name(text: str) -> str:
    """Lower case, without a suffix."""
    return AFTER.sub("", _spaced(text))


def postcode(text: str, country: str) -> str:
    """As it is written; in the United States five digits, and four more where they are known."""
    found = text.strip()
    return found if country != "US" or re.fullmatch(r"\d{5}(-?\d{4})?", found) else ""


def _spaced(text: str) -> str:
    return " ".join(text.lower().split())


def normalised(person: Mapping[str, Any], home: str) -> dict[str, str]:
    """Each column before it is hashed. A name without country and postcode matches nobody: then neither is told."""
    known = {column: str(person.get(column) or "") for column in (
        "email", "phone", "first_name", "last_name", "postcode", "country")}
    country = country_code(known["country"]).upper() or home.upper()
    where = [first_name(known["first_name"]), last_name(known["last_name"]), country,
             postcode(known["postcode"], country)]
    return dict(zip(COLUMNS, [email(known["email"]), phone(known["phone"], person, home),
                              *(where if all(where) else [""] * 4)], strict=True))


def upload(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A row each of whom an address, a number, or name and place are known."""
    people = [normalised(p.person, asked.settings.country) for p in parcels]
    rows = [[*(hashed(person[c]) for c in COLUMNS[:4]), *(person[c] for c in COLUMNS[4:])]
            for person in people if any(person.values())]
    return Made(table(COLUMNS, rows, plain=True), len(rows), len(parcels) - len(rows))


CHANNEL = ListChannel("google", ways.GOOGLE, "email", "", (
    Form("google.csv", ways.UPLOAD, "text/csv", upload),), says=NOTHING)
