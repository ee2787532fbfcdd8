"""A custom audience for Meta: e-mail addresses, numbers, names and places, normalised and hashed as Meta says.

Rules and vectors: https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/customer-information-parameters
The file's headers: https://www.facebook.com/business/help/2082575038703844. Whose e-mail consent is asked: it is
advertising, and Meta asks for the same lawful ground.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from regulars.model import countries
from regulars.outreach import ways
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel, Made, table
from regulars.outreach.channels.numbers import e164
from regulars.outreach.says import NOTHING

COLUMNS = ("email", "phone", "fn", "ln", "ct", "st", "zip", "country")
MAIN = ("email", "phone")
"""One of these has to be known: names and places alone are of too many."""
US_STATE = re.compile(r"[a-z]{2}")


def email(text: str) -> str:
    """Without spaces around, in lower case."""
    return text.strip().lower()


def phone(text: str, person: Mapping[str, Any], home: str) -> str:
    """Digits alone with the country's code, no zeros before it."""
    return e164(text, person, home).removeprefix("+").lstrip("0")


def name(text: str) -> str:
    """Lower case without punctuation; letters of every script, accents among them, stay."""
    return _letters(text)


def place(text: str) -> str:
    """A city, or a state outside the United States: lower case without spaces, punctuation or special characters."""
    return _letters(text).replace(" ", "")


def state(text: str, country: str) -> str:
    """Two letters in the United States, where the shop knows them so."""
    found = place(text)
    return found if country != "us" or US_STATE.fullmatch(found) else ""


def postcode(text: str, country: str) -> str:
    """Lower case without spaces and dashes; five digits in the United States."""
    found = re.sub(r"[\s-]", "", text).lower()
    return found[:5] if country == "us" else found


def country_code(text: str) -> str:
    """Two letters in lower case, "" for what is no country."""
    code = text.strip().upper()
    return code.lower() if countries.known(code) else ""


def _letters(text: str) -> str:
    kept = "".join(c for c in unicodedata.normalize("NFC", text.lower()) if unicodedata.category(c)[0] in "LMNZ")
    return " ".join(kept.split())


def normalised(person: Mapping[str, Any], home: str) -> dict[str, str]:
    """What is hashed of a person, by column, "" where it is not known; ``home`` is the shop's country."""
    known = {column: str(person.get(column) or "") for column in (
        "email", "phone", "first_name", "last_name", "city", "region", "postcode", "country")}
    country = country_code(known["country"]) or home.lower()
    return {"email": email(known["email"]), "phone": phone(known["phone"], person, home),
            "fn": name(known["first_name"]).replace(" ", ""), "ln": name(known["last_name"]).replace(" ", ""),
            "ct": place(known["city"]), "st": state(known["region"], country),
            "zip": postcode(known["postcode"], country), "country": country}


def hashed(text: str) -> str:
    """SHA-256 in lower-case hexadecimal digits; nothing of nothing."""
    return sha256(text.encode()).hexdigest() if text else ""


def upload(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A row each of whom an address or a number is known."""
    people = [normalised(p.person, asked.settings.country) for p in parcels]
    rows = [[hashed(person[c]) for c in COLUMNS] for person in people if any(person[c] for c in MAIN)]
    return Made(table(COLUMNS, rows, plain=True), len(rows), len(parcels) - len(rows))


CHANNEL = ListChannel("meta", ways.META, "email", "", (Form("meta.csv", ways.UPLOAD, "text/csv", upload),),
                      says=NOTHING)
