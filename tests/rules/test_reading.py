"""How a text is read: keywords in any case, comments, and one canonical text for many ways of writing."""

from __future__ import annotations

import pytest

from regulars.rules import format, parse
from regulars.rules.reference import examples

KEYWORDS = ("and", "or", "not", "in", "between", "contains", "starts with", "ends with", "matches", "is", "known",
            "any", "no",
            "where", "last", "next", "ago", "more than", "less than", "before", "after", "since", "from", "to", "today",
            "yesterday", "this", "week", "month", "quarter", "year", "days", "day", "months", "hours", "stopped",
            "restarted",
            "regularly", "every", "of", "sequence", "then", "within", "for", "anniversary", "segment", "top",
            "bottom", "by",
            "sample", "everyone", "km", "mi", "count", "sum", "first")


def shouted(rule: str) -> str:
    """The rule with its keywords in capitals; texts and names as they are."""
    parts = rule.split("'")
    for i in range(0, len(parts), 2):
        words = parts[i].replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split(" ")
        parts[i] = " ".join(w.upper() if w in {k for key in KEYWORDS for k in key.split()} else w for w in words)
    return "'".join(parts)


@pytest.mark.parametrize("rule", examples())
def test_keywords_may_be_in_capitals(rule: str) -> None:
    assert parse(shouted(rule)) == parse(rule)


@pytest.mark.parametrize(("written", "canonical"), [
    ("count(orders)>=10", "count(orders) >= 10"),
    ("  count ( orders )\n>=\t1_0.00 ", "count(orders) >= 10"),
    ("gender = \"it's\"", "gender = 'it''s'"),
    ("gender = 'say \"x\"'", "gender = 'say \"x\"'"),
    ('gender = "a ""b"""', "gender = 'a \"b\"'"),
    ("((gender = 'x'))", "gender = 'x'"),
    ("(gender = 'x' and age > 1) or everyone", "gender = 'x' and age > 1 or everyone"),
    ("gender = 'x' and (age > 1 or everyone)", "gender = 'x' and (age > 1 or everyone)"),
    ("not (not everyone)", "not not everyone"),
    ("not (gender = 'x')", "not gender = 'x'"),
    ("not (gender = 'x' or everyone)", "not (gender = 'x' or everyone)"),
    ("any(orders IN LAST 1 days)", "any(orders in last 1 day)"),
    ("any(orders in last 2 DAY)", "any(orders in last 2 days)"),
    ("any(orders between 90 and 60 day ago)", "any(orders between 60 and 90 days ago)"),
    ("any(orders This  Month)", "any(orders this month)"),
    ("age between -1.0 and 01", "age between -1 and 1"),
    ("signed_up_at = 2026-11-22t14:30z", "signed_up_at = 2026-11-22T14:30Z"),
    ("home_owner = TRUE", "home_owner = true"),
    ("COUNT(Orders) > 1", "count(orders) > 1"),
    ("sample 10.50 % of ''", "sample 10.5%"),
    ("TOP 10 % BY count(orders)", "top 10% by count(orders)"),
    ("within 1.0 KM of ( 1 , -2.50 )", "within 1 km of (1, -2.5)"),
    ("everyone -- all of them", "everyone"),
    ("-- who\neveryone # all\nand # more\neveryone", "everyone and everyone"),
    ("name = 'a -- b # c'", "name = 'a -- b # c'"),
    ("any(lines where category = 'x' and returned in last 3 days)",
     "any(lines where category = 'x' and returned in last 3 days)"),
    ("any(tickets where (closed in last 7 days))", "any(tickets where (closed in last 7 days))"),
    ("any(tickets where ((closed in last 7 days) or effort > 1) in last 3 days)",
     "any(tickets where (closed in last 7 days) or effort > 1 in last 3 days)"),
    ("any(tickets where not (closed in last 7 days))", "any(tickets where not (closed in last 7 days))")])
def test_there_is_one_canonical_text(written: str, canonical: str) -> None:
    assert format(written) == canonical
    assert format(canonical) == canonical
    assert parse(canonical) == parse(written)


def test_a_bare_window_belongs_to_the_rows() -> None:
    """The same words with brackets speak of the column."""
    rows, column = parse("any(lines where returned in last 3 days)"), parse("any(lines where (at in last 3 days))")
    assert rows.selection.window is not None and rows.selection.where.text() == "returned"  # type: ignore[attr-defined]
    assert column.selection.window is None  # type: ignore[attr-defined]
