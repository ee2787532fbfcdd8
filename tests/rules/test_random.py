"""Random rules over random shops: the compiler says what the oracle says, and text, tree and JSON stay in step."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from regulars.errors import RuleError
from regulars.rules import Compiler, Condition, Question, When, check, format, from_json, parse, to_json
from regulars.rules.constructs.functions import FUNCTIONS
from regulars.rules.constructs.logic import And, Grouped, Or
from regulars.rules.exact import OPERATORS
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


@given(rules, rules, st.integers(0, 17))
@settings(max_examples=settings.default.max_examples // 8)  # type: ignore[union-attr]
def test_rules_over_kept_features_have_the_members_they_have_over_the_facts(kept: Condition, also: Condition,
                                                                            seed: int) -> None:
    asked = stage(seed)
    world, engine = asked.world, asked.world.engine
    keeping = Compiler(world.vocabulary, {"k": Question(kept, asked.when)}).features_plan(narrow=False)
    features = ", ".join(f.name for f in keeping.features)
    engine.execute("CREATE OR REPLACE TABLE kept_features AS SELECT customer_id, known_since"
                   f"{', ' * bool(features)}{features} FROM ({keeping.sql(engine.compile, engine.staged)})")
    for rule in (kept, And((kept, also)), Or((also, kept))):
        plan = Compiler(world.vocabulary, {"q": Question(rule, asked.when)},
                        frozenset(f.name for f in keeping.features)).plan()
        rows = engine.rows(f"SELECT customer_id FROM ({plan.sql(engine.compile, engine.staged)}) WHERE q ORDER BY 1")
        assert [row[0] for row in rows] == asked.everybody.members(rule, asked.when), rule.text()


@given(rules, st.integers(0, 17), st.lists(st.integers(-100_000, 100_000), min_size=2, max_size=4, unique=True))
@settings(max_examples=settings.default.max_examples // 8)  # type: ignore[union-attr]
def test_a_rule_asked_of_many_moments_at_once_is_judged_at_each(rule: Condition, seed: int, minutes: list[int]) -> None:
    asked = stage(seed)
    whens = {f"m{i}": When(asked.when.now + timedelta(minutes=m), asked.when.zone) for i, m in enumerate(minutes)}
    plan = Compiler(asked.world.vocabulary, {name: Question(rule, when) for name, when in whens.items()}).plan()
    engine = asked.world.engine
    table = engine.query(plan.sql(engine.compile, engine.staged)).to_pylist()
    for name, when in whens.items():
        assert sorted(r["customer_id"] for r in table if r[name]) == asked.everybody.members(rule, when), rule.text()


@given(rules)
def test_text_tree_and_json_stay_in_step(rule: Condition) -> None:
    text = rule.text()
    assert parse(text) == rule
    assert format(text) == text
    assert from_json(to_json(rule)) == rule
    assert from_json(json.loads(json.dumps(to_json(rule)))) == rule
    check(rule, VOCABULARY)


class Complete(Exception):
    """Everything there is was generated."""


def test_every_construct_is_among_the_random_rules() -> None:
    wanted: set[object] = set(KINDS) - {Grouped.kind} | set(FUNCTIONS) | set(OPERATORS) | set(TESTS)
    wanted |= {(k, True) for k in KINDS if "negated" in KINDS[k].__dataclass_fields__}

    @given(rules)
    @settings(max_examples=1_000, phases=[Phase.generate], derandomize=True, database=None)
    def collect(rule: Condition) -> None:
        for node in all_nodes(rule):
            wanted.difference_update((node.kind, (node.kind, getattr(node, "negated", False))))
            wanted.difference_update(getattr(node, name, None) for name in ("function", "operator", "test", "name"))
        if not wanted:
            raise Complete

    with suppress(Complete):
        collect()
    assert not wanted, "never generated"


PIECES = ("orders", "lines", "gender", "age", "total", "count", "sum", "any", "no", "not", "and", "or", "(", ")",
          "where", "in",
          "last", "next", "30", "days", "months", "=", "!=", ">", "'x'", "\"y", "'", "between", "ago", "before",
          "2026-11-22",
          "today", "this", "month", "is", "known", "top", "%", "by", "sample", "of", "within", "km", "segment",
          "sequence",
          "then", "for", "after", "every", ",", ".", "-", "--", "#", "\n", "matches", "contains", "true", "from",
          "to", "é", "\t")


@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
                 st.text(alphabet=st.characters(codec=None), max_size=60),
                 st.tuples(rules, st.integers(0, 400), st.sampled_from(PIECES)).map(
                     lambda t: f"{t[0].text()[:t[1]]} {t[2]} {t[0].text()[t[1] + 1:]}")))
def test_any_text_is_a_rule_or_an_error_with_a_place(text: str) -> None:
    try:
        rule = parse(text)
        check(rule, VOCABULARY)
    except RuleError as error:
        assert error.position is not None and 0 <= error.position <= len(text)
        assert str(error)
    else:
        assert parse(format(rule)) == rule
