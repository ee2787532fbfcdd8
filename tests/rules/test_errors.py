"""What a person is told of a rule that cannot be used: where, what was expected, and the nearest right thing."""

from __future__ import annotations

import pytest

from regulars.errors import NeverHolds, RuleError, RuleSyntaxError, RuleTooLarge, SegmentCircle, UnknownName, WrongType
from regulars.rules import check, from_json, parse
from regulars.rules.constructs.functions import FUNCTIONS
from tests.rules.world import World

# The mark under each rule shows where the error points.
WRONG = [
    # names
    ("gendre = 'x'",
     "^^^^^^", UnknownName, "There is no attribute called 'gendre'. Did you mean gender?"),
    ("everyone and gendre = 'x'",
     "             ^^^^^^", UnknownName, "There is no attribute called 'gendre'. Did you mean gender?"),
    ("orders = 1",
     "^^^^^^", UnknownName, "There is no attribute called 'orders'. orders is a kind of fact: write any(orders) or "
                           "count(orders)."),
    ("orders.total > 3",
     "^^^^^^^^^^^^", UnknownName, "There is no attribute called 'orders.total'. orders is a kind of fact: write "
                                 "sum(orders.total) or max(orders.total)."),
    ("coutn(orders) > 1",
     "^^^^^", UnknownName, "There is no function called 'coutn'. Did you mean count?"),
    ("count(ordrs) > 1",
     "      ^^^^^", UnknownName, "There is no kind of fact called 'ordrs'. Did you mean orders?"),
    ("sum(orders.totl) > 1",
     "           ^^^^", UnknownName, "There is no column of orders called 'totl'. Did you mean total?"),
    ("any(orders where chanel = 'x')",
     "                 ^^^^^^", UnknownName, "There is no column of orders called 'chanel'. Did you mean channel?"),
    ("not in segment 'VPI'",
     "               ^^^^^", UnknownName, "There is no segment called 'VPI'. Did you mean VIP?"),
    ("within 3 km of 'Bandng'",
     "               ^^^^^^^^", UnknownName, "No place called 'Bandng' is known. Did you mean Bandung?"),
    ("any(orders in last 30 dayz)",
     "                      ^^^^", UnknownName, "There is no unit called 'dayz'. Did you mean day?"),
    ("last(orders) between 6 and 9 moths ago",
     "                             ^^^^^", UnknownName, "There is no unit called 'moths'. Did you mean months?"),
    ("stopped(orders for 3 fortnights)",
     "                     ^^^^^^^^^^", UnknownName,
     "There is no unit called 'fortnights'. Write one of minute, hour, day, week, month, year."),
    ("within 25 kms of 'Bandung'",
     "          ^^^", UnknownName, "There is no unit called 'kms'. Did you mean km?"),
    ("account.industri = 'x'",
     "^^^^^^^^^^^^^^^^", UnknownName,
     "There is no attribute called 'account.industri'. Did you mean account.industry?"),
    # windows in which no moment lies
    ("any(orders in last 0 days)",
     "                   ^^^^^^", NeverHolds, "No moment lies in 0 days. Write 1 day or more."),
    ("no(orders less than 0 weeks ago)",
     "                    ^^^^^^^", NeverHolds, "No moment lies in 0 weeks. Write 1 week or more."),
    ("signed_up_at in next 0 minutes",
     "                     ^^^^^^^^^", NeverHolds, "No moment lies in 0 minutes. Write 1 minute or more."),
    ("count(tickets where (closed in last 0 days)) > 1",
     "                                    ^^^^^^", NeverHolds, "No moment lies in 0 days. Write 1 day or more."),
    ("sequence(orders then tickets within 0 days)",
     "                                    ^^^^^^", NeverHolds, "No moment lies in 0 days. Write 1 day or more."),
    ("any(orders between 60 and 60 days ago)",
     "                   ^^", NeverHolds, "No moment lies between 60 and 60 days ago: one end is the other. Write two "
                                         "different numbers of days."),
    ("any(orders from 2026-05-02 to 2026-05-01)",
     "                ^^^^^^^^^^", NeverHolds, "No moment lies from 2026-05-02 to 2026-05-01: it ends before it "
                                              "begins. Write from 2026-05-01 to 2026-05-02."),
    ("last(orders) from today to yesterday",
     "                  ^^^^^", NeverHolds, "No moment lies from today to yesterday: it ends before it begins. Write "
                                           "from yesterday to today."),
    ("anniversary(birth_date) from 2026-05-02 to 2026-05-01",
     "                             ^^^^^^^^^^", NeverHolds, "No moment lies from 2026-05-02 to 2026-05-01: it ends "
                                                           "before it begins. Write from 2026-05-01 to 2026-05-02."),
    ("any(orders from 2026-05-03T09:00+14:00 to 2026-05-01)",
     "                ^^^^^^^^^^^^^^^^^^^^^^", NeverHolds,
     "No moment lies from 2026-05-03T09:00+14:00 to 2026-05-01: it ends before it begins. "
     "Write from 2026-05-01 to 2026-05-03T09:00+14:00."),
    ("count(orders in next 7 days) > 1",
     "                     ^^^^^^", NeverHolds, "None of the orders lie in next 7 days: what is still to come is not "
                                               "counted. Write in last 7 days."),
    ("count(orders) between 4 and 2",
     "^^^^^^^^^^^^^", NeverHolds, "Nothing lies between 4 and 2: the first is the greater. Write between 2 and 4."),
    ("signed_up_at not between 2026-05-02 and 2026-05-01",
     "^^^^^^^^^^^^", NeverHolds, "Nothing lies between 2026-05-02 and 2026-05-01: the first is the greater. Write "
                                "between 2026-05-01 and 2026-05-02."),
    ("city between 'Straße' and 'STRA'",
     "^^^^", NeverHolds, "Nothing lies between 'Straße' and 'STRA': the first is the greater. Write between 'STRA' and "
                         "'Straße'."),
    # types
    ("gender",
     "^^^^^^", WrongType,
     "gender is text, not a yes/no by itself. Compare it with something, or write: gender is known."),
    ("home_owner = 1",
     "^^^^^^^^^^", WrongType, "home_owner is a yes or no and cannot be compared with 1, which is a number. Write "
                             "home_owner or not home_owner."),
    ("age = 'x'",
     "^^^", WrongType, "age is a whole number and cannot be compared with 'x', which is text. Write a number without "
                       "quotes."),
    ("gender in ('a', 5)",
     "^^^^^^", WrongType, "gender is text and cannot be compared with 5, which is a number. Write it in quotes: '5'."),
    ("signed_up_at > '2026-01-01'",
     "^^^^^^^^^^^^", WrongType,
     "signed_up_at is a moment and cannot be compared with '2026-01-01', which is text. Write "
                               "a date such as 2026-11-22, without quotes."),
    ("tags = 'x'",
     "^^^^", WrongType, "tags is a list of texts and cannot be compared with 'x', which is text. It is a list: write "
                        "tags contains 'item'."),
    ("tags starts with 'x'",
     "^^^^", WrongType, "tags is a list of texts: starts with is asked of text. Of a list, ask: contains 'item'."),
    ("age contains 'x'",
     "^^^", WrongType, "age is a whole number: contains is asked of text."),
    ("age in last 3 days",
     "^^^", WrongType, "age is a whole number, not a moment: it cannot lie in a window of time."),
    ("count(orders) in last 30 days",
     "^^^^^^^^^^^^^", WrongType, "count(orders) is a whole number, not a moment: it cannot lie in a window of time."),
    ("sum(orders.channel) > 1",
     "           ^^^^^^^", WrongType, "sum(orders.channel): numbers are needed, and the column is text."),
    ("max(orders.channel) > 1",
     "           ^^^^^^^", WrongType, "max(orders.channel): least and greatest are asked of numbers and moments."),
    ("favourite(lines.tags) = 'x'",
     "                ^^^^", WrongType, "favourite(lines.tags): a list has no most frequent value."),
    ("distinct(lines.tags) > 1",
     "               ^^^^", WrongType, "distinct(lines.tags): a list has no different values to count."),
    ("top 10% by gender",
     "           ^^^^^^", WrongType, "gender is text: a rank needs numbers or moments."),
    ("anniversary(gender) today",
     "            ^^^^^^", WrongType, "gender is text: only a date or a moment returns every year."),
    ("any(tickets where closed in last 7 days)",
     "                  ^^^^^^", WrongType, "closed is a moment, not a yes/no by itself. Put its window in brackets: "
                                            "(closed in last 7 days)."),
    *((f"any(orders where {what})", "                 ^", WrongType, f"{named} has no place inside where")
      for what, named in (("any(lines)", "any(…)"), ("count(lines) > 1", "count(…)"), ("everyone", "everyone"),
                          ("within 1 km of (0, 0)", "within … of"), ("top 1% by total", "top"), ("sample 1%", "sample"),
                          ("stopped(orders for 1 day)", "stopped(…)"), ("restarted(orders after 1 day)",
                                                                        "restarted(…)"),
                          ("regularly(orders every 1 day, 1 of 2)", "regularly(…)"),
                          ("sequence(orders then orders within 1 day)", "sequence(…)"),
                          ("anniversary(at) today", "anniversary"))),
    # what is asked of what
    ("count(orders)",
     "^^^^^^^^^^^^^", RuleSyntaxError, "count(orders) is a value, not yet a condition. Compare it with something: "
                                      "count(orders) >= 1."),
    ("sum(orders) > 1",
     "    ^^^^^^", RuleSyntaxError, "sum needs a column, such as sum(orders.…)."),
    ("count(orders.total) > 1",
     "             ^^^^^", RuleSyntaxError, "count takes rows, not a column. Write count(orders)."),
    ("any(tickets where closed in last 7 days in last 30 days)",
     "                  ^^^^^^^^^^^^^^^^^^^^^", RuleSyntaxError, "A bare window belongs to the rows and closes the "
     "selection. Put a column's own window in brackets: (closed in last 7 days)."),
    ("any(tickets where not not closed today and effort > 1)",
     "                          ^^^^^^^^^^^^", RuleSyntaxError, "A bare window belongs to the rows"),
    ("within 1 km of (91, 0)",
     "                ^", RuleSyntaxError, "(91, 0) is no place on earth. Latitude goes from -90 to 90"),
    ("regularly(orders every 3 days, 4 of 3)",
     "^", RuleSyntaxError, "4 of 3 cannot be. Write, for example, 3 of 6."),
    ("regularly(orders every 3 days, 1 of 401)",
     "^", RuleSyntaxError, "At most 400 periods are looked at"),
    ("regularly(orders every 0 days, 1 of 2)",
     "                       ^", RuleSyntaxError, "A period cannot be of no length."),
    ("top 101% by age",
     "^", RuleSyntaxError, "101% is not between 0% and 100%."),
    ("sample 1.0000001%",
     "^", RuleSyntaxError, "1.0000001% is too fine: a percentage may have 6 decimals."),
    ("gender matches '(a'",
     "               ^", RuleSyntaxError, "The pattern '(a' cannot be used: missing ): (a. Patterns are RE2"),
    ("gender matches '(?=a)'",
     "               ^", RuleSyntaxError, "Patterns are RE2: no look-ahead, no back-references."),
    ("any(orders in last 1.5 months)",
     "                   ^", RuleSyntaxError, "1.5 months: months and years are counted whole."),
    ("any(orders between 1 and 1.5 months ago)",
     "                         ^", RuleSyntaxError, "1.5 months: months and years are counted whole."),
    ("any(orders in last -1 days)",
     "                   ^", RuleSyntaxError, "-1 days: a length of time is not negative."),
    ("any(orders in last 9001 years)",
     "                   ^", RuleSyntaxError, "9001 years is longer than time is kept."),
    ("last(orders) = 2026-02-29",
     "               ^^^^^^^^^^", RuleSyntaxError, "2026-02-29 is not a moment of the calendar."),
    ("last(orders) = 9999-01-01",
     "               ^^^^^^^^^^", RuleSyntaxError, "The year of 9999-01-01 is out of reach."),
    ("age = 12345678901234567890123456789",
     "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^", RuleSyntaxError, "has more digits than are kept: a number may have 28."),
    # grammar
    ("",
     "^", RuleSyntaxError, "The rule is empty. Write, for example: count(orders) >= 10"),
    ("gender = 'x' and",
     "                ^", RuleSyntaxError,
     "The rule ends too early. Expected a condition such as count(orders) >= 10."),
    ("count(orders",
     "            ^", RuleSyntaxError, "The rule ends too early. Expected a window such as in last 30 days"),
    ("(gender = 'x'",
     "             ^", RuleSyntaxError, "The rule ends too early. Expected )."),
    ("gender = female",
     "         ^^^^^^", RuleSyntaxError, "'female' at position 10 cannot stand here. Write text in quotes: 'female'."),
    ("gender == 'x'",
     "        ^", RuleSyntaxError, "'=' at position 9 cannot stand here. Write =."),
    ("gender <> 'x'",
     "        ^", RuleSyntaxError, "'>' at position 9 cannot stand here. Write !=."),
    ("gender = 'x' gender",
     "             ^^^^^^", RuleSyntaxError, "'gender' at position 14 cannot stand here. Expected and, or or the end"),
    ("gender = 'x",
     "         ^^", RuleSyntaxError, "The text that begins at position 10 is not closed."),
    ("last(orders) = 22-11-2026",
     "                 ^^^", RuleSyntaxError, "Write a date as year-month-day, such as 2026-11-22."),
    ("any(orders in last month)",
     "                   ^^^^^", RuleSyntaxError, "Write last month."),
    ("any(orders in the last 3 days)",
     "              ^^^", RuleSyntaxError, "'the' at position 15 cannot stand here. Expected last or next."),
    ("top 10 by age",
     "       ^^", RuleSyntaxError, "Expected %."),
    ("gender = 'x'; drop",
     "            ^", RuleSyntaxError,
     "';' at position 13 cannot stand here. Expected and, or or the end of the rule."),
    ("gender\x01 = 'x'",
     "      ^", RuleSyntaxError, "The character U+0001 at position 7 cannot stand here."),
    ("gender = 'x\0'",
     "           ^", RuleSyntaxError, "The character U+0000 at position 12 cannot be in a rule."),
    # size
    ("(" * 61 + "everyone" + ")" * 61,
     " " * 60 + "^", RuleTooLarge, "Brackets and not may be nested 60 deep; this rule goes deeper."),
    ("not " * 61 + "everyone",
     " " * 240 + "^", RuleTooLarge, "Brackets and not may be nested 60 deep; this rule goes deeper."),
    ("everyone" + " " * 100_000,
     " " * 100_000 + "^", RuleTooLarge, "A rule may have 100,000 characters; this one has 100,008."),
    # circles
    ("age = 1 or in segment 'round'",
     "                      ^^^^^^^", SegmentCircle, "Segments stand in a circle: round → About → ROUND."),
]


@pytest.mark.parametrize(("rule", "mark", "kind", "message"), WRONG, ids=[w[0][:40] or "empty" for w in WRONG])
def test_an_error_says_where_and_what(world: World, rule: str, mark: str, kind: type[RuleError], message: str) -> None:
    for name, text in (("VIP", "everyone"), ("round", "in segment 'About'"), ("About", "in segment 'ROUND'")):
        world.segment(name, text)
    with pytest.raises(RuleError) as caught:
        check(parse(rule), world.vocabulary)
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert caught.value.position == mark.index("^")
    assert caught.value.length == mark.count("^")
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_told_with_the_columns_there_are(world: World) -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        check(parse("sum(checkouts) > 1"), world.vocabulary)
    assert caught.value.expected == ("checkouts.at", "checkouts.total", "checkouts.completed")


def test_an_unknown_function_is_told_with_all_there_are(world: World) -> None:
    with pytest.raises(UnknownName) as caught:
        check(parse("total(orders.total) > 1"), world.vocabulary)
    assert set(caught.value.expected) == set(FUNCTIONS)


def test_a_segment_that_no_longer_fits_is_named_where_it_is_used(world: World) -> None:
    world.segment("Old", "shoe_size > 40")
    world.segment("Newer", "in segment 'old'")
    with pytest.raises(UnknownName,
                       match="Segment 'old' cannot be used: There is no attribute called 'shoe_size'") as caught:
        check(parse("everyone or in segment 'Newer'"), world.vocabulary)
    assert (caught.value.position, caught.value.code) == (23, "rule.unknown_name")


@pytest.mark.parametrize("rule", [
    "any(tickets where " + " or ".join(f"effort = {i}" for i in range(999)) + ")",
    " or ".join(f"age = {i}" for i in range(1001)),
    " or ".join(f"sequence(orders then orders within {i} days)" for i in range(51)),
    " or ".join(f"regularly(orders every {i + 1} days, 1 of 400)" for i in range(11)),
    "birth_date in (" + ", ".join(["2026-11-22"] * 501) + ")"])
def test_what_a_rule_may_come_to_has_a_limit(rule: str) -> None:
    with pytest.raises(RuleTooLarge, match="may come to 1,000 conditions"):
        parse(rule)


@pytest.mark.parametrize("tree", [
    None, 1, "x", [], {}, {"kind": "nothing"}, {"kind": ["and"]}, {"kind": "brackets", "item": {"kind": "everyone"}},
    {"kind": "and", "items": []}, {"kind": "and", "items": [{"kind": "everyone"}]}, {"kind": "not"},
    {"kind": "not", "item": {"kind": "everyone"}, "more": 1}, {"kind": "attribute", "name": "age"},
    {"kind": "flag", "value": {"kind": "attribute", "name": "a = 1 or b"}},
    {"kind": "flag", "value": {"kind": "attribute", "name": 7}}, {"kind": "duration", "amount": 1, "unit": "day"},
    {"kind": "in_segment", "name": None}, {"kind": "sample", "percent": float("nan")},
    {"kind": "sample", "percent": float("inf")}, {"kind": "sample", "percent": {"kind": "number",
                                                                                "value": "1e999999999"}},
    {"kind": "sample", "percent": {"kind": "number", "value": "x"}}, {"kind": "sample", "percent": {"kind": "number"}},
    {"kind": "sample", "percent": 10**5000}, {"kind": "compare", "value": {"kind": "attribute", "name": "age"},
                                              "operator": "= 1 or age =", "literal": 2}])
def test_what_is_no_tree_is_refused(tree: object) -> None:
    with pytest.raises(RuleError):
        from_json(tree)


def test_a_tree_that_is_too_deep_is_refused() -> None:
    tree: object = {"kind": "everyone"}
    for _ in range(5_000):
        tree = {"kind": "not", "item": tree}
    with pytest.raises(RuleTooLarge):
        from_json(tree)
