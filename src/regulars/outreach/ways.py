"""What the ways out beside e-mail say of themselves: titles, settings, forms, and what to know of them."""

from __future__ import annotations

from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.outreach", "ways")

PHONE = text("Phone calls")
POST = text("Post")
SMS = text("Text messages")
WHATSAPP = text("WhatsApp")
WEBHOOK = text("Another program (webhook)")
TABLE = text("A table (CSV)")
META = text("Audience for Meta (Facebook, Instagram)")
GOOGLE = text("Audience for Google (Customer Match)")
LOCAL = text("Advertising by area")

URL = text("Address that is posted to")
URL_HELP = text("https://… of the provider, or of your own program.")
FORMAT = text("Format")
FORMAT_HELP = text("json or form.")
BODY = text("What is posted")
BODY_HELP = text("JSON in which {{{{to}}}}, {{{{text}}}}, {{{{subject}}}}, {{{{name}}}}, {{{{language}}}}, {{{{id}}}} "
                 "and {{{{from}}}} are filled in.")
SENDER = text("Sender")
AUTHORIZATION = text("Authorization header")
AUTHORIZATION_HELP = text("Bearer … or Basic …, as the provider says.")
SIGNING = text("Secret to sign with")
SIGNING_HELP = text("Each message is signed as standardwebhooks.com says; answers are taken only where they are signed "
                    "with it too.")
CONNECTIONS = text("Connections side by side")
PER_SECOND = text("At most so many in a second (0: as many as go)")
SHEET = text("Labels on a sheet")
SHEET_HELP = text("Columns x rows on A4: 3x7, 2x7, 3x8, 2x8, 3x6.")
SMALLEST = text("The smallest area that is told")
SMALLEST_HELP = text("Areas with fewer people are told together, so that nobody can be found out.")

CALLS_TABLE = text("Calls as a table")
CALLS_PAGE = text("Calls to print, with the script")
LABELS = text("Address labels (PDF)")
ADDRESSES = text("Addresses as a table")
POSTCODES = text("Postcodes for flyers")
PEOPLE = text("People as a table")
UPLOAD = text("File to upload, hashed")
AREAS = text("Areas, with who is in them counted")

DATE = text("Called on")
REACHED = text("talked to")
NOT_REACHED = text("not reached")
UNWANTED = text("wants no more calls")
WRONG = text("wrong number")
BOUGHT = text("ordered on the phone")
OTHER_AREAS = text("smaller areas together")


def calls_of(campaign: str) -> Sentence:
    """What a list of calls is called."""
    return text("Calls: {campaign}", campaign=Own(campaign))
