"""The rule language: text, tree and sentence in step; checked, compiled for engines, judged in Python."""

from regulars.rules.check import check
from regulars.rules.compiler import Compiler, Plan, Question
from regulars.rules.json_tree import from_json, to_json
from regulars.rules.parser import parse
from regulars.rules.subjects import When, fold
from regulars.rules.tree import Condition
from regulars.rules.vocabulary import OwnName, Scope, Vocabulary, vocabulary


def format(rule: str | Condition) -> str:
    """The canonical text: ``format(parse(text))`` is stable, and ``parse(format(tree)) == tree``."""
    return (parse(rule) if isinstance(rule, str) else rule).text()


__all__ = ["Compiler", "Condition", "OwnName", "Plan", "Question", "Scope", "Vocabulary", "When", "check", "fold",
           "format", "from_json", "parse", "to_json", "vocabulary"]
