"""Goals to choose from: those that the shop's own facts can tell of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.phrases import InLanguages, Own, Sentence, phrases
from regulars.outreach.goals.refusing import BEGUN, begun
from regulars.rules import Condition, Vocabulary, parse
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.comparison import Compare
from regulars.rules.constructs.exists import AnyOf
from regulars.rules.constructs.logic import And
from regulars.rules.subjects import fold
from regulars.rules.tree import write_string
from regulars.rules.words import LANGUAGES, Words

text, counted = phrases("regulars.outreach", "goals")

MOST = 12
"""Of each kind those that come most often; any other is written as a rule."""
ORDER = ""
"""The goal of a campaign of which nothing else is said."""
OF_PLANS = "plans"
"""What is no fact of the rule language: a plan of customers."""
PLAIN: Mapping[str, Sentence] = {
    ORDER: text("an order"), f"{BEGUN} is known": text("a plan begun"), "any(visits)": text("a visit to the pages"),
    "any(checkouts)": text("a checkout begun"), "any(answers)": text("an answer to a survey")}
NAMED: Mapping[tuple[str, str], Sentence] = {
    ("lines", "product"): text("an order of {name}"), ("lines", "brand"): text("an order of {name}"),
    ("lines", "vendor"): text("an order of {name}"), ("lines", "category"): text("an order of {name}"),
    ("events", "name"): text("the event {name}"), ("answers", "survey"): text("an answer to the survey {name}"),
    (OF_PLANS, "plan"): text("the plan {name} begun")}
GENERAL = text("in general")
KINDS: Mapping[tuple[str, str], Sentence] = {
    ("lines", "category"): text("of a category"), ("lines", "brand"): text("of a maker"),
    ("lines", "vendor"): text("of a maker"), ("lines", "product"): text("of a product"),
    ("events", "name"): text("what happens"), ("answers", "survey"): text("a survey"),
    (OF_PLANS, "plan"): text("a plan")}


@dataclass(frozen=True)
class Choice:
    """A goal by its ``rule``, "" for an order; ``said`` in words; ``kind`` says what it is one of."""

    rule: str
    said: Sentence
    kind: Sentence


def choices(engine: DuckDBEngine) -> list[Choice]:
    """An order first, then what comes most often of each kind."""
    found = [Choice(ORDER, PLAIN[ORDER], GENERAL), *_plain(engine)]
    seen: set[tuple[str, str]] = set()
    for fact, column, name, _n in engine.rows(NAMES):
        kind = KINDS[fact, column]
        if (kind.message, fold(name)) not in seen:
            seen.add((kind.message, fold(name)))
            found.append(Choice(_rule(fact, column, name), _of(fact, column, name), kind))
    return found


def _rule(fact: str, column: str, name: str) -> str:
    asked = f"{column} = {write_string(name)}"
    return f"{BEGUN} is known and {asked}" if fact == OF_PLANS else f"any({fact} where {asked})"


def _plain(engine: DuckDBEngine) -> Iterator[Choice]:
    asked = {f"{BEGUN} is known": f"customers WHERE {BEGUN} IS NOT NULL", "any(visits)": "visits",
             "any(checkouts)": "checkouts", "any(answers)": "answers"}
    for rule, rows in asked.items():
        if engine.rows(f"SELECT 1 FROM {rows} LIMIT 1"):
            yield Choice(rule, PLAIN[rule], GENERAL)


def _most(fact: str, column: str, value: str, rows: str, times: str = "count(*)") -> str:
    return (f"(SELECT '{fact}', '{column}', min({value}), {times} AS n FROM {rows} WHERE {value} IS NOT NULL "
            f"GROUP BY lower({value}) ORDER BY n DESC, 3 LIMIT {MOST})")


SOLD = "WITH sold AS MATERIALIZED (SELECT product_id, count(*) AS times FROM lines WHERE counted GROUP BY 1) "
"""Lines are many, and are passed over once."""
NAMES = SOLD + " UNION ALL ".join([
    *(_most("lines", column, value, "sold JOIN products p USING (product_id)", "sum(times)") for column, value in (
        ("category", "p.category"), ("brand", "p.brand"), ("vendor", "p.vendor"), ("product", "p.name"))),
    _most("events", "name", "name", "events"), _most("answers", "survey", "survey", "answers"),
    _most(OF_PLANS, "plan", "plan", "(FROM customers WHERE plan_since IS NOT NULL)")])


def _of(fact: str, column: str, name: str) -> Sentence:
    phrase = NAMED[fact, column]
    return Sentence(phrase.package, phrase.domain, phrase.message, {"name": Own(name)})


def said(rule: str, vocabulary: Vocabulary) -> Sentence:
    """A goal in words: as it is called where it can be chosen, else as any rule is said."""
    if rule in PLAIN:
        return PLAIN[rule]
    tree = parse(rule)
    return _called(tree) or text("“{rule}”", rule=InLanguages({
        each: str(tree.say(Words(each, vocabulary))) for each in LANGUAGES}))


def _called(tree: Condition) -> Sentence | None:
    """By the one name that it asks for, where it does."""
    fact, where = (fold(tree.selection.fact), tree.selection.where) if isinstance(tree, AnyOf) else ("", tree)
    if not fact and isinstance(where, And) and len(where.items) == 2 and begun(tree):
        fact, where = OF_PLANS, next((each for each in where.items if isinstance(each, Compare)), None)
    if not isinstance(where, Compare) or where.operator != "=" or not isinstance(where.literal, str):
        return None
    column = fold(where.value.name) if isinstance(where.value, Attribute) else ""
    return _of(fact, column, where.literal) if (fact, column) in NAMED else None


__all__ = ["ORDER", "Choice", "choices", "said"]
