"""Those who get the message, with what it says to each, as a table for whatever sends it.

Whose e-mail consent is asked: a table is taken to another program, most often one that sends e-mail.
"""

from __future__ import annotations

from collections.abc import Sequence

from regulars.outreach import ways
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel, Made, said, table

COLUMNS = ("name", "first_name", "last_name", "email", "phone", "street", "postcode", "city", "region", "country",
           "language")


def people(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """A row each: who they are, and subject and text of their message."""
    rows = [[p.customer_id, *(said(p, column) for column in COLUMNS), p.subject, p.text] for p in parcels]
    return Made(table(("customer_id", *COLUMNS, "subject", "text"), rows), len(rows))


CHANNEL = ListChannel("table", ways.TABLE, "email", "", (Form("people.csv", ways.PEOPLE, "text/csv", people),))
