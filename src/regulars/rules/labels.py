"""The English names and phrases from which sentences are made: the message ids of the catalogs."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.rules.scores import SCORES
from regulars.rules.vocabulary import ATTRIBUTES as KNOWN_ATTRIBUTES
from regulars.rules.vocabulary import FACTS

ROWS = {"orders": "orders", "lines": "order lines", "messages": "messages", "opens": "opened messages",
        "clicks": "clicks", "engagements": "opens or clicks", "visits": "visits", "checkouts": "started checkouts",
        "tickets": "service cases", "events": "events", "answers": "survey answers"}

AGGREGATES = {
    "count": "the number of {rows}", "sum": "the sum of {column} over {rows}",
    "avg": "the average of {column} over {rows}", "min": "the lowest {column} over {rows}",
    "max": "the highest {column} over {rows}", "median": "the median of {column} over {rows}",
    "first": "the earliest of {rows}", "last": "the most recent of {rows}",
    "distinct": "the number of different {column} over {rows}", "favourite": "the most frequent {column} over {rows}",
    "share": "the share of {rows}", "gap": "the average number of days between {rows}",
    "since": "the number of days since the most recent of {rows}"}

COMPARISONS = {"=": "{what} is {value}", "!=": "{what} is not {value}", "<": "{what} is less than {value}",
               "<=": "{what} is at most {value}", ">": "{what} is more than {value}",
               ">=": "{what} is at least {value}"}
MOMENT_COMPARISONS = {"<": "{what} is before {value}", "<=": "{what} is not after {value}",
                      ">": "{what} is after {value}", ">=": "{what} is not before {value}"}

DURATIONS = {
    "in the last": ("in the last {unit}", "in the last {n} {unit}s"),
    "in the next": ("in the next {unit}", "in the next {n} {unit}s"),
    "between ago": ("between {low} and {n} {unit} ago", "between {low} and {n} {unit}s ago"),
    "more than ago": ("more than {n} {unit} ago", "more than {n} {unit}s ago"),
    "less than ago": ("less than {n} {unit} ago", "less than {n} {unit}s ago"),
    "for the last": ("for the last {unit}", "for the last {n} {unit}s"),
    "after a pause of": ("after a pause of at least {n} {unit}", "after a pause of at least {n} {unit}s"),
    "of": ("{n} {unit}", "{n} {unit}s"),
    "within": ("within {n} {unit}", "within {n} {unit}s")}

MILES = ("{n} mile", "{n} miles")

_NAMED = {
    "at": "moment", "birth_date": "date of birth", "signed_up_at": "moment of signing up",
    "plan_since": "start of the plan",
    "account_id": "company", "email_consent": "consent to e-mail", "sms_consent": "consent to SMS",
    "phone_consent": "consent to calls", "post_consent": "consent to post", "referred_by": "referrer (customer)",
    "customer_id": "customer number", "order_id": "order number", "product_id": "product number",
    "line": "line number",
    "utm_source": "UTM source", "utm_medium": "UTM medium", "utm_campaign": "UTM campaign",
    "url": "address of the page", "founded": "year of founding", "employees": "number of employees",
    "parent_account_id": "parent",
    "number": "answer as a number", "value": "answer", "released_at": "release date"}


def _label(name: str) -> str:
    if name.startswith("account."):
        return f"{_label(name.removeprefix('account.'))} of the company"
    if name.endswith("_consent_at") or name.endswith("_consent_origin"):
        consent, _, what = name.rpartition("_")
        return f"{'moment' if what == 'at' else 'origin'} of the {_NAMED[consent]}"
    return _NAMED.get(name, name.replace("_", " "))


ATTRIBUTES = {name: _label(name) for name in KNOWN_ATTRIBUTES} | dict(SCORES)
COLUMNS = {name: _label(name) for fact in FACTS.values() for name in fact.columns}

PHRASES = (
    "not true that {condition}", "{what}: yes", "{what}: no", "{what} is none of {items}", "{what} is one of {items}",
    "{what} is not between {low} and {high}", "{what} is between {low} and {high}",
    "{what} contains {text}", "{what} does not contain {text}", "{what} starts with {text}",
    "{what} does not start with {text}", "{what} ends with {text}", "{what} does not end with {text}",
    "{what} matches the pattern {text}", "{what} does not match the pattern {text}",
    "{what} is known", "{what} is not known", "{what} lies {window}", "has {rows}", "has no {rows}", "everyone",
    "in a stable random {percent} of all", "in the top {percent} by {what}", "in the bottom {percent} by {what}",
    "is in the segment {name}", "lives within {distance} of {place}",
    "has had no {rows} {window}, after having had some", "came back with {rows} {pause}",
    "has {rows} in at least {least} of the last {periods} periods of {length}",
    "has {first}, followed by {then} {window}", "has {first}, not followed by {then} {window}",
    "the yearly return of {what} falls {window}",
    "before {moment}", "after {moment}", "since {moment}", "from {first} to {last}",
    "today", "yesterday", "now", "this week", "this month", "this quarter", "this year",
    "last week", "last month", "last quarter", "last year",
    "{rows} {window}", "{rows} where {where}", "{rows} {window} where {where}", "{one} and {other}", "{one} or {other}",
    "{one}, {other}", "“{text}”", "{number}%", "{number} km", "yes", "no",
)
VALUES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("messages", "type"): ("sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "replied",
                           "redeemed")}
"""By fact and column, the values that are words of the model and not of the shop."""
