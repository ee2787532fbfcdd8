"""Rules written to break things: a clear refusal or the right answer, in bounded time and memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from regulars.errors import RuleError, RuleSyntaxError, RuleTooLarge, UnknownName
from regulars.model.types import Type
from regulars.rules import When, check, parse
from regulars.rules.explain import explain
from tests.rules.world import NOON, UTC_ZONE, World

SECONDS = 10.0


@contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """So much time of the processor, whatever else the machine does."""
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


@pytest.fixture
def pair(world: World) -> World:
    """a and b, of whom little is known, and an event with a property."""
    world.own("events", "plan", Type.TEXT)
    world.people("a", "b", gender="f", household_size=3, birth_date=date(1990, 1, 1))
    world.orders(("a", NOON))
    world.put("events", {"event_id": "1", "customer_id": "b", "at": NOON, "properties": {"plan": "pro"}})
    return world


@pytest.mark.parametrize("rule", [
    "(" * 10_000 + "everyone" + ")" * 10_000, "(" * 10_000, ")" * 10_000, "not " * 10_000 + "everyone",
    ("not " * 50 + "(") * 50 + "everyone" + ")" * 50, "not(" * 1_000 + "everyone" + ")" * 1_000,
    ("(a--)\n" * 5_000) + "everyone" + ")" * 5_000, ("('(' = '" * 5_000), "gender = '" + "x" * 1_000_000 + "'",
    "x" * 1_000_000, "'" * 99_999, '"' + "'" * 90_000, "(((" + "'" * 99_001, "#" * 99_000, "-" * 99_000, "\n" * 99_000,
    "everyone " * 11_000, "everyone and " * 7_000, "any(" * 20_000, "1" * 99_000, "gender = " + "1" * 99_000,
    "any(orders in last " + "9" * 90_000 + " days)", "gender matches '" + "a" * 90_000 + "'", "=" * 99_000,
    "gender matches '" + "(" * 900 + "'", "gender matches '" + "((((a{30}){30}){30}){30})" + "'",
    "gender matches '" + ".{999}" * 100 + "'", " or ".join("count(orders) = 1" for _ in range(4_000))])
def test_what_is_too_much_is_refused_at_once(pair: World, rule: str) -> None:
    with in_time(), pytest.raises((RuleSyntaxError, RuleTooLarge)):
        check(parse(rule), pair.vocabulary)


@pytest.mark.parametrize(("rule", "who"), [
    ("(" * 60 + "everyone" + ")" * 60, "a b"), ("not " * 60 + "everyone", "a b"),
    (("not (" * 30) + "everyone" + ")" * 30, "a b"), ("gender = '" + "x" * 99_000 + "'", ""),
    ("gender contains '" + "ß" * 99_000 + "'", ""), ("gender matches '(a+)+$'", ""), ("gender matches '(x+x+)+y'", ""),
    ("gender matches '" + "|".join(["(f+f+)+"] * 90) + "'", ""), ("gender matches '(f|ff|f?)*$'", "a b"),
    ("everyone --" + "(" * 9_000, "a b"), ("everyone # '", "a b"), ("gender = 'f' -- ' or", "a b"),
    (" or ".join(f"household_size = {i}" for i in range(1_000)), "a b"),
    (" and ".join("household_size = 3" for _ in range(1_000)), "a b"),
    ("household_size in (" + ", ".join(map(str, range(10_000))) + ")", "a b"),
    ("household_size not in (" + ", ".join(map(str, range(4, 10_000))) + ")", "a b"),
    ("sum(orders.total) in (" + ", ".join(f"{i}.5" for i in range(10_000)) + ")", ""),
    ("latitude in (" + ", ".join(f"{i}.5" for i in range(10_000)) + ")", ""),
    ("customer_id in (" + ", ".join(f"'{i}'" for i in range(10_000)) + ", 'A')", "a"),
    ("customer_id not in (" + ", ".join(f"'{i}'" for i in range(10_000)) + ", 'A')", "b"),
    ("birth_date in (" + ", ".join(f"{y}-01-01" for y in range(1600, 2100)) + ")", "a b"),
    (" or ".join(f"count(orders in last {i} days) = 1" for i in range(1, 101)), "a"),
    (" or ".join(f"sequence(orders then visits within {i} days)" for i in range(1, 51)), ""),
    (" or ".join(f"favourite(orders.channel in last {i} days) = 'x'" for i in range(1, 48)), ""),
    ("regularly(orders every 1 day, 1 of 400)", "a"), ("sum(orders.total) < " + "9" * 28, "a b"),
    ("household_size > -" + "9" * 28, "a b")])
def test_what_is_much_gets_the_right_answer(pair: World, rule: str, who: str) -> None:
    with in_time(30):
        assert pair.who(rule) == who


def test_a_list_may_hold_any_sign_at_all(pair: World) -> None:
    odd = ["'", '"', "\\", "\x1f0\x1e", "\x1f1\x1e", "\x1f", "\x1e", ",", "a,b", "{", "[", "%", ";", "--", "\t",
           "\u202e", "null"]
    pair.put("customers", *({"customer_id": f"odd{i:02}", "nickname": None, "occupation": text.strip() or None}
                            for i, text in enumerate(odd)))
    every = [t for t in odd if t.strip()] + [f"filler {i}" for i in range(40)]
    rule = "occupation in (" + ", ".join("'" + t.replace("'", "''") + "'" for t in every) + ")"
    assert pair.who(rule) == " ".join(f"odd{i:02}" for i, t in enumerate(odd) if t.strip())
    short = "occupation in (" + ", ".join("'" + t.replace("'", "''") + "'" for t in odd[:5]) + ")"
    assert pair.who(short) == "odd00 odd01 odd02 odd03 odd04"


INJECTIONS = ["x'; DROP TABLE customers; --", 'x"; DROP TABLE customers; --', "x') OR 1=1 --",
              "x\\'; DROP TABLE customers; --",
              "'); DELETE FROM customers; --", "$$; DROP TABLE customers; $$", "%s", "{0}", "{text}", "?", ":name",
              "$1",
              "\u202e txet", "\u2066x\u2069", "\ufeff", "\x1b[31m", "\x7f", "a\tb", "\U0010ffff", "%", "_",
              "E'\\x27'", "\\"]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_reaches_the_engine_unquoted(pair: World, text: str) -> None:
    """If it did, the table of customers would be dropped, or everybody would be found."""
    pair.put("customers", {"customer_id": "target", "name": text.strip() or None, "tags": [text]})
    quoted = "'" + text.replace("'", "''") + "'"
    expected = "target" if text.strip() else ""
    assert pair.who(f"name = {quoted}") == expected
    assert pair.who(f"name in ({quoted}, 'other')") == expected
    assert pair.who(f"name contains {quoted}") == expected
    assert pair.who(f"tags contains {quoted}") == "target"
    assert pair.who(f"any(events where plan = {quoted})") == ""
    assert pair.who(f"any(orders where channel starts with {quoted})") == ""
    assert pair.who(f"favourite(orders.channel) = {quoted}") == ""
    pair.members(f"sample 50% of {quoted}")
    for refused in (f"in segment {quoted}", f"within 1 km of {quoted}"):
        with pytest.raises(UnknownName):
            pair.who(refused)
    pair.segments[text] = parse("gender = 'f'")
    assert pair.who(f"in segment {quoted}") == "a b"
    assert len(pair.engine.rows("SELECT * FROM customers")) == 3


@pytest.mark.parametrize("text", ["x' OR '1'='1", "a/b", "~1", "$.x", '"', "\\", "*", "$..*",
                                  "'; DROP TABLE events; --", "a.b"])
def test_a_propertys_name_is_only_a_name(world: World, text: str) -> None:
    world.own("events", "odd", Type.TEXT, text)
    world.people("1", "2")
    world.put("events", {"event_id": "1", "customer_id": "1", "at": NOON, "properties": {text: "here",
                                                                                         "other": "there"}})
    world.put("events", {"event_id": "2", "customer_id": "2", "at": NOON, "properties": {"other": "here",
                                                                                         "a": {"b": "here"}}})
    assert world.who("any(events where odd = 'here')") == "1"


@pytest.mark.parametrize("text", ["x' OR '1'='1", '"; DROP TABLE answers; --', "*", "How, \\ really?"])
def test_a_question_is_only_a_text(world: World, text: str) -> None:
    world.own("answers", "odd", Type.TEXT, text)
    world.people("1", "2")
    world.put("answers", *({"survey": who, "respondent": who, "question": asked, "customer_id": who, "at": NOON,
                            "value": "yes"}
                           for who, asked in (("1", text), ("2", "something else"))))
    assert world.who("answer.odd = 'yes'") == "1"


@pytest.mark.parametrize("name", ["x; DROP TABLE customers", 'gender"', "1=1", "gender' or '1'='1", "$where", "`x`",
                                  "x\\", "*",
                                  "gender\u202e", "gen\u200bder", "customers.gender", "pg_catalog.x", "a..b", ".a",
                                  "_"])
def test_what_is_no_known_name_is_refused(pair: World, name: str) -> None:
    for rule in (f"{name} = 'f'", f"any({name})", f"any(orders where {name} = 'f')", f"sum(orders.{name}) > 1",
                 f"{name}(orders) > 1", f"anniversary({name}) today"):
        with pytest.raises(RuleError):
            pair.who(rule)


@pytest.mark.parametrize("sign", ["\0", "\ud800", "\udfff"])
def test_signs_no_text_can_hold_are_refused(pair: World, sign: str) -> None:
    for rule in (f"name = 'x{sign}'", f"in segment 'x{sign}'", f"sample 5% of 'x{sign}'", f"{sign}",
                 f"everyone -- {sign}"):
        with pytest.raises(RuleSyntaxError, match="cannot be in a rule"):
            parse(rule)


def test_an_own_column_with_an_odd_name_is_quoted(world: World) -> None:
    world.own("customers", "order", Type.TEXT)
    world.own("customers", "select", Type.NUMBER)
    world.own("customers", "last", Type.TEXT)
    world.put("customers", {"customer_id": "1", "order": "x", "select": 1.0, "last": "y"}, {"customer_id": "2"})
    assert world.who("order = 'x' and select = 1 and last = 'y'") == "1"


def test_explaining_segments_that_lean_on_two_others_each_is_bounded(pair: World) -> None:
    pair.segment("l0", "any(orders in last 30 days)")
    pair.segment("r0", "gender = 'f'")
    for i in range(1, 31):
        for name, joint in (("l", "and"), ("r", "or")):
            pair.segment(f"{name}{i}", f"in segment 'l{i - 1}' {joint} in segment 'r{i - 1}'")
    with in_time():
        told = explain(parse("in segment 'l30'"), pair.everybody.people["a"], When(NOON, UTC_ZONE), pair.vocabulary)
        assert told.holds and told.changes_at is not None
        told.to_json()


def test_explaining_a_deep_chain_of_segments_is_bounded(pair: World) -> None:
    pair.segment("s0", "any(orders in last 30 days)")
    for i in range(1, 200):
        pair.segment(f"s{i}", f"in segment 's{i - 1}'")
    with in_time():
        told = explain(parse("in segment 's199'"), pair.everybody.people["a"], When(NOON, UTC_ZONE), pair.vocabulary)
        assert told.holds
        told.to_json()
