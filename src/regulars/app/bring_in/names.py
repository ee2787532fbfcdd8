"""What exports, rows, fields and steps are called, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from regulars.intake.looking import PLAIN, Table, kinds
from regulars.rules.vocabulary import Vocabulary
from regulars.rules.words import Words

KINDS = {
    "customers": gettext_noop("customers"), "orders": gettext_noop("orders"), "lines": gettext_noop("order lines"),
    "products": gettext_noop("products"), "messages": gettext_noop("messages"), "visits": gettext_noop("visits"),
    "checkouts": gettext_noop("started checkouts"), "events": gettext_noop("events"),
    "tickets": gettext_noop("service cases"), "answers": gettext_noop("survey answers"),
    "accounts": gettext_noop("companies"), "returns": gettext_noop("returns"), "costs": gettext_noop("costs"),
    "identities": gettext_noop("addresses and numbers"),
}
EXPORTS = {
    "contacts": gettext_noop("contacts"), "campaigns": gettext_noop("campaigns"), "profiles": gettext_noop("customers"),
    "audience": gettext_noop("customers"), "members": gettext_noop("customers"), "items": gettext_noop("order lines"),
    "responses": gettext_noop("survey answers"), "transactions": gettext_noop("orders"),
    "payments": gettext_noop("payments"), "subscriptions": gettext_noop("subscriptions"),
    "subscribers": gettext_noop("customers"), "export": gettext_noop("orders"),
} | KINDS
PLATFORMS = {"shopify": "Shopify", "woo": "WooCommerce", "webtoffee": "WooCommerce", "advanced": "WooCommerce",
             "square": "Square", "stripe": "Stripe", "mailchimp": "Mailchimp", "klaviyo": "Klaviyo", "google": "Google",
             "outlook": "Outlook", "surveymonkey": "SurveyMonkey", "typeform": "Typeform", "qualtrics": "Qualtrics",
             "patreon": "Patreon", "substack": "Substack"}
ANSWERS = {
    "day-first": gettext_noop("The day comes first: 31/12/2026"),
    "month-first": gettext_noop("The month comes first: 12/31/2026"),
    "decimal-point": gettext_noop("A point before the cents: 1,234.56"),
    "decimal-comma": gettext_noop("A comma before the cents: 1.234,56"),
}
STEPS = {
    "reading": gettext_noop("Reading the file"), "understanding": gettext_noop("Understanding its columns"),
    "checking rows": gettext_noop("Checking its rows"), "finding customers": gettext_noop("Finding who they speak of"),
    "writing": gettext_noop("Writing"), "settling": gettext_noop("Working out what hangs on it"),
    "receipt": gettext_noop("Making the receipt"), "taking back": gettext_noop("Taking it back"),
    "making customers": gettext_noop("Making customers up"),
}


def kind_name(kind: str) -> str:
    return _(KINDS[kind]) if kind in KINDS else kind


def export_name(recognised_as: str) -> str:
    """``shopify-orders`` as "Shopify: orders"; a plain table by what its rows are."""
    if recognised_as.startswith(PLAIN):
        return _("Table of %(rows)s") % {"rows": kind_name(recognised_as.removeprefix(PLAIN))}
    platform, *rest = recognised_as.split("-")
    kind = next((EXPORTS[part] for part in reversed(rest) if part in EXPORTS), "")
    return f"{PLATFORMS.get(platform, platform)}: {_(kind)}" if kind else recognised_as


def answer_name(choice: str) -> str:
    return _(ANSWERS[choice])


def step_name(step: str) -> str:
    return _(STEPS[step]) if step in STEPS else step


def kind_choices(table: Table) -> list[tuple[str, str]]:
    """What a person may say the rows are; by itself first."""
    found = export_name(table.recognised_as) if table.recognised_as and not table.said_as else _("As found")
    said = [table.said_as] if table.said_as and table.said_as not in kinds() else []
    return [("", found), *((s, export_name(s)) for s in said), *((k, kind_name(k)) for k in kinds())]


def field_name(field: str, vocabulary: Vocabulary, language: str) -> str:
    """``orders.total`` in words: of a customer as rules say it, of a fact with what its rows are."""
    table, _dot, name = field.partition(".")
    words = Words(language, vocabulary)
    if table == "customers":
        return words.name(name)
    return f"{kind_name(table)}: {words.inside(table).name(name)}"
