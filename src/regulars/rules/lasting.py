"""Features worth keeping of each customer from look to look, with all that can change them.

A feature of a customer's rows is as it was until the facts of its tables change, or time moves one of its own edges
over a row: the ends of its window, or ``now`` for a row that is still to come. What only a condition asks of it (how
long ago the newest row is) changes no feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.selection import Selection
from regulars.rules.features import FactFeature, Feature, OwnPassFeature
from regulars.rules.passing import Edge, value_edges, whole
from regulars.rules.subjects import When
from regulars.rules.tree import Condition, Node
from regulars.rules.vocabulary import Fact, Scope, Vocabulary


@dataclass(frozen=True)
class Lasting:
    """``column`` is the name it is kept by: another where a fact it reads came to mean another thing, or the zone did,
    or a name of an answer another question.

    ``tables`` are those whose facts it hangs on, ``edges`` those that change it by passing a row.
    """

    feature: FactFeature | OwnPassFeature
    column: str
    tables: frozenset[str]
    edges: frozenset[Edge]


def lasting(rule: Condition, vocabulary: Vocabulary, when: When) -> dict[str, Lasting]:
    """The features of rows that a rule and the segments it leans on ask, by column."""
    scope = Scope(vocabulary)
    found: dict[str, Lasting] = {}
    for each in whole(rule, vocabulary):
        for node in each.walk():
            for feature in node.features(when, scope):
                if isinstance(feature, FactFeature | OwnPassFeature):
                    kept = _lasting(node, feature, vocabulary)
                    found[kept.column] = kept
    return found


def _lasting(node: Node, feature: FactFeature | OwnPassFeature, vocabulary: Vocabulary) -> Lasting:
    facts = _facts(node, feature, vocabulary)
    asked = repr(vocabulary.attribute(node.name)) if isinstance(node, Attribute) else ""
    said = "\0".join((feature.key, asked, feature.type.value, feature.when.zone.key, *(_meaning(f) for f in facts)))
    return Lasting(feature, "v_" + blake2b(said.encode(), digest_size=10).hexdigest(),
                   frozenset(f.table for f in facts), frozenset(value_edges(node, feature, vocabulary)))


def _facts(node: Node, feature: Feature, vocabulary: Vocabulary) -> list[Fact]:
    if isinstance(feature, FactFeature):
        return [feature.fact]
    named = {n.fact for n in node.everything() if isinstance(n, Selection)} or {"answers"}
    return [vocabulary.fact(name) for name in sorted(named)]


def _meaning(fact: Fact) -> str:
    return repr((fact.name, fact.table, fact.types, sorted(fact.columns.items(), key=lambda pair: pair[0])))
