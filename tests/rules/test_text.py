"""Text is compared without regard to case or surrounding spaces, in Unicode (rules.md, Meaning 3)."""

from __future__ import annotations

import pytest

from regulars.model.types import Type
from tests.rules.world import NOON, World


@pytest.mark.parametrize(("kept", "asked"), [
    ("Straße", "STRASSE"), ("STRASSE", "straße"), ("İstanbul", "i̇stanbul"), ("İSTANBUL", "İstanbul"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"), ("ﬁne", "FINE"), ("Москва", "МОСКВА"),
    ("Ёлка", "ёЛКА"), ("é", "e\u0301"), ("کراچی", "کراچی"), ("①", "1"), ("Å", "å"), ("ǅ", "ǆ"), ("ẞ", "ss"),
    ("ᾳ", "αι"), ("a", " a "),
    ("a", "\u00a0a\u2003"), ("a\u00a0b", "a b"), ("K", "k"), ("ŉ", "ʼn"), ("x\ty", "X\tY")])
def test_these_are_the_same_text(world: World, kept: str, asked: str) -> None:
    world.people("1", name=kept, tags=[kept])
    for condition in (f"= '{asked}'", f"in ('{asked}')", f"contains '{asked}'", f"starts with '{asked}'",
                      f"ends with '{asked}'", f"between '{asked}' and '{asked}'"):
        assert world.who(f"name {condition}") == "1", condition
    assert world.who(f"name != '{asked}'") == ""
    assert world.who(f"tags contains '{asked}'") == "1"


@pytest.mark.parametrize("space", [" ", "\t", "\n", "\r", "\u00a0", "\u2003", "\u3000", "\u0085"])
def test_spaces_around_an_events_property_do_not_count(world: World, space: str) -> None:
    world.own("events", "plan", Type.TEXT)
    world.people("1")
    world.put("events", {"event_id": "e", "customer_id": "1", "at": NOON, "properties": {"plan": f"{space}Pro{space}"}})
    assert world.who("any(events where plan = 'pro')") == "1"
    assert world.who("any(events where plan starts with 'pro')") == "1"
    assert world.who("favourite(events.plan) = 'PRO'") == "1"


@pytest.mark.parametrize(("kept", "asked"), [("ı", "i"), ("resume", "résumé"), ("a b", "a  b"), ("ي", "ی"), ("0", "O")])
def test_these_are_different_texts(world: World, kept: str, asked: str) -> None:
    world.people("1", name=kept)
    assert world.who(f"name = '{asked}'") == ""
    assert world.who(f"name != '{asked}'") == "1"


def test_signs_that_mean_something_to_databases_mean_themselves(world: World) -> None:
    world.people("1", name=r"100%_sure\'s ""; DROP TABLE customers; --")
    world.people("2", name="100 percent")
    assert world.who("name contains '%'") == "1"
    assert world.who("name contains '_'") == "1"
    assert world.who(r"name contains '\'") == "1"
    assert world.who("name contains ''''") == "1"
    assert world.who("name starts with '100%'") == "1"
    assert world.who("""name ends with "; DROP TABLE customers; --" """) == "1"
    assert world.who("name contains '; DROP TABLE customers; --'") == "1"
    assert world.who("name = '100 percent'") == "2"


def test_the_empty_text_is_part_of_every_known_text(world: World) -> None:
    world.people("1", name="a")
    world.people("2")
    assert world.who("name contains ''") == "1"
    assert world.who("name starts with ''") == "1"
    assert world.who("name ends with '  '") == "1"
    assert world.who("name = ''") == ""
    assert world.who("name != ''") == "1"
    assert world.who("name not contains ''") == ""


def test_a_list_is_asked_for_whole_items_and_text_for_a_part(world: World) -> None:
    world.people("1", tags=["Gold Card", None, "Ünïcode"])
    world.people("2", tags=[None])
    world.people("3", tags=[])
    world.people("4")
    assert world.who("tags contains 'gold card'") == "1"
    assert world.who("tags contains 'gold'") == ""
    assert world.who("tags contains 'ÜNÏCODE'") == "1"
    assert world.who("tags not contains 'gold card'") == "2 3"
    assert world.who("tags is known") == "1 2 3"


@pytest.mark.parametrize(("pattern", "matched"), [
    ("^foo", True), ("FOO", True), ("o+b", False), ("o+.?b", False), ("^bar", False), ("bar$", True), ("^foo.bar$",
                                                                                                       False),
    (r"foo\sbar", True), ("(?s)foo.bar", True), ("(?m)^bar", True), (r"\bbar\b", True), ("", True), ("[[:digit:]]",
                                                                                                     False),
    ("(?-i)Foo", True), ("(?-i)foo", False), (r"^\pL+", True), ("a{2,3}", False)])
def test_a_pattern_is_found_anywhere_without_regard_to_case(world: World, pattern: str, matched: bool) -> None:
    """A dot stands for no line's end, ^ and $ for the text's ends, unless (?s) and (?m) say otherwise."""
    world.people("1", name="Foo\nbar")
    assert world.who(f"name matches '{pattern}'") == ("1" if matched else "")
    assert world.who(f"name not matches '{pattern}'") == ("" if matched else "1")


def test_a_pattern_of_other_scripts_takes_no_regard_to_case_either(world: World) -> None:
    world.people("1", name="Санкт-Петербург")
    assert world.who("name matches '^санкт.ПЕТЕР'") == "1"
    assert world.who(r"name matches '^\p{Cyrillic}+-'") == "1"
