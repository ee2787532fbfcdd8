"""People of a segment as a file: a table for spreadsheets, or cards for an address book."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO

from babel.numbers import get_currency_precision
from django.utils.text import slugify
from django.utils.translation import gettext as _

from regulars.shop.customers import Person

COLUMNS = ("customer_id", "name", "email", "phone", "city", "country", "orders", "spent", "last_order_at")
HEADER = (*COLUMNS, "email_consent", "phone_consent", "since")
CONSENT = {True: "yes", False: "no", None: ""}
Consents = Mapping[str, tuple[bool | None, bool | None]]
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
PHONE = re.compile(r"\+?[\d\s().-]+")


def file_name(segment: str, at: datetime, ending: str, *, past: bool = False) -> str:
    """``win-back-2026-11-26.csv``: a segment's name as a file's, in its own script, and the day of the shop.

    Of a moment that is over ``win-back-as-of-2026-11-25-1430.csv``.
    """
    name = slugify(segment, allow_unicode=True)[:80] or "segment"
    if past:
        name += f"-{slugify(_('as of'), allow_unicode=True)}"
    return f"{name}-{at:{'%Y-%m-%d-%H%M' if past else '%Y-%m-%d'}}.{ending}"


def as_csv(people: Iterable[Person], since: Mapping[str, str], consents: Consents, currency: str) -> Iterator[str]:
    """Rows of text, the header first; a cell that a spreadsheet would run as a formula is kept from it.

    Money has the decimals of the currency. Consent is yes, no, or empty where nothing is known of it: whoever mails by
    the table can leave them out.
    """
    digits = get_currency_precision(currency)
    yield "\ufeff" + _row(HEADER)
    for person in people:
        consent = [CONSENT[said] for said in consents.get(person.customer_id, (None, None))]
        known = {column: getattr(person, column) for column in COLUMNS}
        known["spent"] = None if person.spent is None else f"{person.spent:.{digits}f}"
        values = [*known.values(), *consent, since.get(person.customer_id, "")]
        yield _row([_cell(value) for value in values])


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    safe = not text.startswith(STARTS_A_FORMULA) or PHONE.fullmatch(text) is not None
    return text if safe else "'" + text


def _row(cells: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def as_vcard(people: Iterable[Person]) -> Iterator[str]:
    """vCard 3.0 (RFC 2426), which every address book reads; who has neither address nor number is left out."""
    for person in people:
        if person.email or person.phone:
            lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{_escaped(person.customer_id)}",
                     f"FN:{_escaped(person.name or person.email or person.phone or '')}",
                     f"N:{_name(person.name or '')}"]
            lines += [f"EMAIL;TYPE=INTERNET:{_escaped(person.email)}"] if person.email else []
            lines += [f"TEL:{_escaped(person.phone)}"] if person.phone else []
            lines += [f"ADR:;;;{_escaped(person.city or '')};;;{_escaped(person.country or '')}", "END:VCARD"]
            yield "".join(_folded(line) for line in lines)


def _name(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{_escaped(last)};{_escaped(first)};;;"


def _escaped(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").split())


def _folded(line: str) -> str:
    """Lines of at most 75 bytes, continued behind a space; no character is cut."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        encoded = character.encode()
        if len(piece) + len(encoded) > (75 if not pieces else 74):
            pieces.append(piece)
            piece = b""
        piece += encoded
    return "\r\n ".join(p.decode() for p in (*pieces, piece)) + "\r\n"
