"""What a rule is called where people read of it: by a segment's name, else in a sentence of their language."""

from __future__ import annotations

from regulars.insight.common.analysis import Facts
from regulars.model.phrases import InLanguages, Own, Sentence, phrases
from regulars.model.settings import LANGUAGES
from regulars.rules import fold, format, parse
from regulars.rules.constructs.segment import InSegment

text, _ = phrases("regulars.insight", "common")


def called(shop: Facts, rule: str) -> Own | Sentence:
    """The name of the saved segment that the rule is, else the rule as a sentence; raises `RuleError`."""
    tree = parse(rule)
    rules = dict(shop.engine.rows("SELECT name, rule FROM segments ORDER BY name"))
    if isinstance(tree, InSegment):
        name = next((name for name in rules if fold(name) == fold(tree.name)), None)
    else:
        name = next((name for name, written in rules.items() if format(written) == tree.text()), None)
    if name is not None:
        return Own(name)
    return text("“{rule}”", rule=InLanguages({each: shop.sentence(tree, each) for each in LANGUAGES}))
