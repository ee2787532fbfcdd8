"""Random rules over random shops: the compiler says what the oracle says, and text, tree and JSON stay in step."""

from __future__ import annotations

import json

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from regulars.rules import Condition, check, format, from_json, parse, to_json
from regulars.rules.constructs.comparison import OPERATORS
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.constructs.logic import Grouped
from regulars.rules.tree import KINDS
from tests.rules.shops import stage
from tests.rules.trees import TESTS, VOCABULARY, all_nodes, rules


@given(rules, st.integers(0, 17))
def test_random_rules_have_the_members_the_oracle_names(rule: Condition, seed: int) -> None:
    asked = stage(seed)
    assert asked.world.answers({"q": rule}, asked.when)["q"] == asked.everybody.members(rule, asked.when), rule.text()


@given(st.lists(rules, min_size=2, max_size=4), st.integers(0, 17))
@settings(max_examples=settings.default.max_examples // 8)  # type: ignore[union-attr]
def test_rules_asked_together_have_the_members_they_have_alone(many: list[Condition], seed: int) -> None:
    asked = stage(seed)
    together = asked.world.answers({f"q{i}": rule for i, rule in enumerate(many)}, asked.when)
    for i, rule in enumerate(many):
        assert together[f"q{i}"] == asked.everybody.members(rule, asked.when), rule.text()


@given(rules)
def test_text_tree_and_json_stay_in_step(rule: Condition) -> None:
    text = rule.text()
    assert parse(text) == rule
    assert format(text) == text
    assert from_json(to_json(rule)) == rule
    assert from_json(json.loads(json.dumps(to_json(rule)))) == rule
    check(rule, VOCABULARY)


def test_every_construct_is_among_the_random_rules() -> None:
    seen: set[object] = set()

    @given(rules)
    @settings(max_examples=500, phases=[Phase.generate], derandomize=True, database=None)
    def collect(rule: Condition) -> None:
        for node in all_nodes(rule):
            seen.update((node.kind, (node.kind, getattr(node, "negated", False))))
            seen.update(getattr(node, name, None) for name in ("function", "operator", "test", "name"))

    collect()
    wanted = set(KINDS) - {Grouped.kind} | set(FUNCTIONS) | set(OPERATORS) | set(TESTS)
    wanted |= {(k, True) for k in KINDS if "negated" in KINDS[k].__dataclass_fields__}
    assert wanted <= seen, f"never generated: {wanted - seen}"
