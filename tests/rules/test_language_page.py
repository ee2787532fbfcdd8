"""The reference page of the language: every example is a rule, and no construct is without one."""

from __future__ import annotations

import pytest

from regulars.rules import check, format, parse
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.constructs.logic import Grouped
from regulars.rules.reference import examples, page
from regulars.rules.tree import KINDS
from regulars.rules.vocabulary import ATTRIBUTES, FACTS
from tests.rules.world import World


@pytest.mark.parametrize("rule", examples())
def test_every_example_is_a_rule_as_it_would_be_written_back(world: World, rule: str) -> None:
    world.segment("VIP", "everyone")
    check(parse(rule), world.vocabulary)
    assert format(rule) == rule


def test_every_construct_has_an_example() -> None:
    shown = {node.kind for rule in examples() for node in parse(rule).everything()}
    assert set(KINDS) - {Grouped.kind} - shown == set()


def test_every_name_of_the_language_is_on_the_page() -> None:
    text = "\n".join(page())
    names = [*ATTRIBUTES, *FUNCTIONS, *FACTS, *(c for f in FACTS.values() for c in f.columns)]
    assert [name for name in names if f"`{name}`" not in text and f"### {name}" not in text] == []
    assert all(function.__doc__ for function in map(type, FUNCTIONS.values()))
