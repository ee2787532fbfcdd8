"""The reference page of the rule language, written from the code: functions, attributes, facts, limits.

What no code can tell (what a form means) stands here beside an example of it; a test reads every example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from regulars.model.clock import UNITS
from regulars.model.tables import TABLES
from regulars.rules.check import DEEPEST_SEGMENTS
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.constructs.regularly import MOST_PERIODS
from regulars.rules.constructs.text_test import LONGEST_PATTERN
from regulars.rules.parser import DEEPEST, LONGEST, MOST_CONDITIONS
from regulars.rules.tree import MOST_DIGITS
from regulars.rules.vocabulary import ATTRIBUTES, FACTS, Fact, Field

Rows = Sequence[tuple[str, str, str]]

VALUES: Rows = (
    ("`=` `!=` `<` `<=` `>` `>=`", "compares; false where the value is unknown, `!=` too", "gender != 'female'"),
    ("`in (…)`, `not in (…)`", "is one of these, is none of these", "city in ('Bandung', 'Jakarta')"),
    ("`between … and …`, `not between`", "both ends included", "household_size between 2 and 4"),
    ("`contains` (`not contains`)", "of text, a part; of a list, a whole item", "tags contains 'press'"),
    ("`starts with`, `ends with`", "of text", "email ends with '@example.com'"),
    ("`matches`", "an RE2 pattern, found anywhere, without regard to case", "postcode matches '^40[0-9]{3}$'"),
    ("`is known`, `is not known`", "whether there is a value at all", "birth_date is not known"),
    ("a window", "of a moment or a date", "signed_up_at in last 30 days"),
    ("a yes/no by itself", "true where it is yes", "email_consent"),
    ("`and`, `or`, `not`, brackets", "`and` binds before `or`; `not` is true of all of whom the inside is not true",
     "not (gender = 'female' or age < 18) and email_consent"))

OF_ROWS: Rows = (
    ("`any(ROWS)`, `no(ROWS)`", "there are such rows, there are none",
     "any(lines where category = 'Bricks' in last 60 days) and no(lines where category = 'Sand')"),
    ("`FUNCTION(ROWS)`", "a value to compare, see functions", "count(orders where channel = 'store') >= 3"),
    ("`FUNCTION(FACT.COLUMN …)`", "of one column", "sum(orders.total in last 1 year) > 500"),
    ("`where (COLUMN WINDOW)`", "a column's own window is put in brackets; a bare window is the rows' own",
     "count(tickets where (closed in last 7 days) in last 30 days) = 0"),
    ("`stopped(ROWS for LENGTH)`", "there are rows, and none in the last LENGTH", "stopped(orders for 90 days)"),
    ("`restarted(ROWS after LENGTH)`", "the newest row came at least LENGTH after the one before",
     "restarted(orders after 1 year)"),
    ("`regularly(ROWS every LENGTH, N of M)`", "of the M periods that end at now, at least N hold a row",
     "regularly(orders every 1 month, 4 of 6)"),
    ("`sequence(ROWS then ROWS within LENGTH)`", "a first is followed by a second, later and at most LENGTH later",
     "sequence(opens then orders within 7 days)"),
    ("`sequence(ROWS then no ROWS within LENGTH)`", "a first that is at least LENGTH old is not",
     "sequence(checkouts then no orders within 2 days)"))

OF_CUSTOMERS: Rows = (
    ("`anniversary(DATE) WINDOW`", "the yearly return of a date, in whole days of the shop, both ends included",
     "anniversary(birth_date) in next 14 days"),
    ("`within N km of PLACE`", "also `mi`; a city, a place the shop has saved, or latitude and longitude",
     "within 25 km of 'Bandung' or within 10 mi of (-6.2, 106.8)"),
    ("`in segment NAME`", "whoever is in another segment", "in segment 'VIP'"),
    ("`top N% by VALUE`, `bottom`", "of all of whom the value is known, rounded up; ties share the better rank",
     "top 10% by sum(orders.total)"),
    ("`sample N%`, `sample N% of SALT`", "a part of all that stays the same; another salt, another part",
     "sample 10% of 'spring'"),
    ("`everyone`", "all customers", "everyone"))

WINDOWS: Rows = (
    ("`in last LENGTH`, `less than LENGTH ago`", "up to and with now, without the far end",
     "any(orders in last 30 days) or any(visits less than 12 hours ago)"),
    ("`in next LENGTH`", "for dates to come", "plan_since in next 7 days"),
    ("`more than LENGTH ago`", "up to and with that moment", "last(orders) more than 180 days ago"),
    ("`between N and M UNITS ago`", "without the far end, with the near one",
     "last(engagements) between 60 and 90 days ago"),
    ("`before`, `after`, `since`", "a date is a whole day: before it starts, after it ends, from its start",
     "any(orders before 2026-11-22) and no(visits after today) and first(orders) since 2026-01-01"),
    ("`from … to …`", "both included, days whole", "any(orders from 2026-11-27 to 2026-11-30T18:00)"),
    ("`today`, `yesterday`", "days of the shop's time zone", "any(orders today) or any(orders yesterday)"),
    ("`this` / `last` `week`, `month`, `quarter`, `year`", "periods of the calendar; weeks begin on Monday",
     "count(orders last month) > 2"))


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from ("# The rule language", "",
                "A rule is true or false of one customer at one moment, now. "
                "[How to write one](../how-to/write-a-rule.md) begins with examples; this page has everything. "
                "Keywords and names may be in capitals or not; `--` or `#` starts a comment.", "")
    yield from _section("Of what is known", VALUES)
    yield from _section("Of what happened", OF_ROWS)
    yield "ROWS name a fact, then perhaps a condition on its columns after `where`, then perhaps a window."
    yield from ("", "## Functions", "")
    yield from _table(("function", "of", "what it is"), (
        (f"`{name}`", "a column" if each.needs_column else "rows", _plain(type(each).__doc__ or ""))
        for name, each in FUNCTIONS.items()))
    yield "`count` and `sum` of nothing are 0; every other function of nothing is unknown."
    yield ""
    yield from _section("Of customers among customers", OF_CUSTOMERS)
    yield from _section("Windows of time", WINDOWS)
    yield from _time()
    yield from _facts(FACTS)
    yield from _attributes(ATTRIBUTES)
    yield from _limits()


def examples() -> list[str]:
    """Every rule the page shows."""
    return [example for rows in (VALUES, OF_ROWS, OF_CUSTOMERS, WINDOWS) for _, _, example in rows]


def _time() -> Iterator[str]:
    units = ", ".join(f"`{unit}s`" for unit in UNITS)
    yield from (f"A LENGTH is a number and one of {units}. Minutes to weeks are exact; months and years move by the "
                "calendar in the shop's time zone and end on a month's last day where they must. A moment "
                "is `2026-11-22`, `2026-11-22T14:30`, `today`, `yesterday` or `now`; without a zone it is the shop's. "
                "What happens after now does not exist yet. A date without a time is judged by its midnight.", "",
                "Text stands in quotes, single or double, and is compared without regard to case, to spaces around it, "
                "or to how Unicode writes it. Numbers may carry `_`; amounts are in the shop's currency.", "")


def _facts(facts: Mapping[str, Fact]) -> Iterator[str]:
    yield from ("## Facts", "", "Each has `at`, the moment it happened. Events, visits and checkouts also have the "
                "properties they were sent with.", "")
    for fact in facts.values():
        yield from (f"### {fact.name}", "", _of_fact(fact), "")
        yield from _table(("column", "type", "what it is"), _fields(fact.columns))


def _of_fact(fact: Fact) -> str:
    said = _plain(TABLES[fact.table].note)
    if fact.types:
        said = f"messages that were {' or '.join(fact.types)}, by a human"
    elif fact.counted_only:
        said = {"orders": "paid orders that were not cancelled; `total` is less what was refunded",
                "lines": "the lines of such orders; `amount` is less what was returned"}[fact.name]
    return f"{said[:1].upper()}{said[1:]}."


def _attributes(attributes: Mapping[str, Field]) -> Iterator[str]:
    yield from ("## What is known of a customer", "", "Beside these: the shop's own columns by their names, scores "
                "once they are worked out, and `answer.QUESTION`, the newest answer to a question of a survey. "
                "Names that begin with `account.` are of the company the customer belongs to.", "")
    yield from _table(("name", "type", "what it is"), _fields(attributes))


def _limits() -> Iterator[str]:
    yield from ("## Limits", "")
    yield from _table(("of", "at most"), (
        ("a rule's text", f"{LONGEST:,} characters"), ("brackets and `not` in each other", f"{DEEPEST} deep"),
        ("conditions", f"{MOST_CONDITIONS:,}; those on rows count for 2, `sequence`, `restarted`, `favourite` for 20"),
        ("segments in segments", f"{DEEPEST_SEGMENTS} deep, and never in a circle"),
        ("a number", f"{MOST_DIGITS} digits"), ("a percentage", "6 decimals"),
        ("a pattern", f"{LONGEST_PATTERN:,} characters, without look-ahead and back-references"),
        ("periods of `regularly`", f"{MOST_PERIODS}"), ("years", "2 to 9998")))


def _fields(fields: Mapping[str, Field]) -> Iterator[tuple[str, str, str]]:
    return ((f"`{name}`", field.type.value, _plain(field.note)) for name, field in fields.items())


def _section(title: str, rows: Rows) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield from _table(("write", "true where", "for example"), ((form, what, f"`{rule}`") for form, what, rule in rows))


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headers)} |"
    yield f"|{'---|' * len(headers)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _plain(text: str) -> str:
    return " ".join(text.split())
