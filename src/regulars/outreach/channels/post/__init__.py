"""Post: address labels to print, addresses as a table, and postcodes with their people counted, for flyers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from regulars.outreach import ways
from regulars.outreach.channels.base import Field, Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel, Made, said, table
from regulars.outreach.channels.post.addresses import lines
from regulars.outreach.channels.post.labels import SHEET, labels
from regulars.outreach.says import PRINTED

COLUMNS = ("street", "postcode", "city", "region", "country")


def labels_file(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A label each, as an envelope shows it."""
    told = [lines(p.name, p.person, asked.settings.country) for p in parcels]
    return Made(labels(told, str(asked.channel.get("sheet") or SHEET), asked.tell), len(told))


def addresses(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A row each, with what the letter says."""
    rows = [[p.customer_id, p.name, *(said(p, column) for column in COLUMNS), p.subject, p.text] for p in parcels]
    return Made(table(("customer_id", "name", *COLUMNS, "subject", "text"), rows), len(rows))


def postcodes(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """Each postcode with how many live there, the most first; who has none is passed over."""
    counts = Counter((said(p, "country").upper(), said(p, "postcode").upper(), said(p, "city"))
                     for p in parcels if said(p, "postcode"))
    rows = [[*place, people] for place, people in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]
    return Made(table(("country", "postcode", "city", "people"), rows), counts.total(), len(parcels) - counts.total())


CHANNEL = ListChannel("post", ways.POST, "post", "post", (
    Form("labels.pdf", ways.LABELS, "application/pdf", labels_file),
    Form("addresses.csv", ways.ADDRESSES, "text/csv", addresses),
    Form("postcodes.csv", ways.POSTCODES, "text/csv", postcodes)),
    (Field("sheet", ways.SHEET, default=SHEET, help=ways.SHEET_HELP),), says=PRINTED)
