"""Asking rules of a shop's facts: counts, members, many rules together, from the facts or from kept features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.errors import RuleSyntaxError
from regulars.model.settings import Settings
from regulars.rules import Compiler, Condition, Plan, Question, Scope, Vocabulary, When, check, parse
from regulars.rules.constructs.everyone import Everyone
from regulars.rules.constructs.known import Known
from regulars.segments.compiled import Compiled
from regulars.segments.earning import PROFIT, Earned, scored
from regulars.segments.kept import kept_features
from regulars.segments.names import read_vocabulary

SAMPLE = 10
EVERYONE = Everyone()


@dataclass(frozen=True)
class Preview:
    """How many the rule is true of at ``now``, their share of all, and the first ten by customer id.

    ``earned`` is None where it was not asked for, or no profits are kept.
    """

    rule: str
    now: datetime
    count: int
    everyone: int
    sample: tuple[str, ...]
    earned: Earned | None = None

    @property
    def share(self) -> float:
        """0 where there is nobody at all."""
        return self.count / self.everyone if self.everyone else 0.0


class Evaluator:
    """Asks rules of one shop. ``now`` is naive UTC everywhere."""

    def __init__(self, engine: DuckDBEngine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings

    def vocabulary(self) -> Vocabulary:
        return read_vocabulary(self.engine, self.settings)

    def when(self, now: datetime) -> When:
        return When(now, self.settings.zone)

    def scope(self, vocabulary: Vocabulary) -> Scope:
        """Where a customer's own names are looked up."""
        return Scope(vocabulary)

    def read(self, rule: str | Condition, vocabulary: Vocabulary) -> Condition:
        """A checked tree; raises `RuleError`."""
        tree = parse(rule) if isinstance(rule, str) else rule
        check(tree, vocabulary)
        return tree

    def preview(self, rule: str | Condition, now: datetime, *, earned: bool = False) -> Preview:
        """Count, share and sample in one go; with ``earned`` what they earned the shop, where that is kept."""
        vocabulary = self.vocabulary()
        tree = self.read(rule, vocabulary)
        answer = self._answer(vocabulary, {"member": tree, "everyone": EVERYONE}, now)
        kept = scored(self.engine) if earned else None
        profits = (f"SELECT sum({quoted(PROFIT)}), count({quoted(PROFIT)}) FROM scores SEMI JOIN"
                   " (SELECT customer_id FROM answered WHERE member) USING (customer_id)") if kept else "SELECT NULL, 0"
        (count, everyone, sample, left, known), = self.engine.rows(
            f"WITH answered AS ({answer}) SELECT * FROM (SELECT count(*) FILTER (WHERE member),"
            f" count(*) FILTER (WHERE everyone), min(customer_id, {SAMPLE}) FILTER (WHERE member) FROM answered)"
            f" CROSS JOIN ({profits})")
        return Preview(tree.text(), now, count, everyone, tuple(sample or ()),
                       kept.earned(left, known, count) if kept else None)

    def count(self, rule: str | Condition, now: datetime) -> int:
        """How many customers the rule is true of."""
        return self.preview(rule, now).count

    def members(self, rule: str | Condition, now: datetime) -> pa.Table:
        """One column ``customer_id``, sorted."""
        vocabulary = self.vocabulary()
        answer = self._answer(vocabulary, {"member": self.read(rule, vocabulary)}, now)
        return self.engine.query(f"SELECT customer_id FROM ({answer}) WHERE member ORDER BY customer_id")

    def evaluate(self, rules: Mapping[str, str | Condition], now: datetime) -> pa.Table:
        """``customer_id`` and a boolean column a rule, for everybody, each distinct feature worked out once."""
        return self.engine.query(f"SELECT * FROM ({self.answer(rules, now)}) ORDER BY customer_id")

    def answer(self, rules: Mapping[str, str | Condition], now: datetime) -> str:
        """The SQL of `evaluate`, for those who go on from there."""
        vocabulary = self.vocabulary()
        trees = {name: self.read(rule, vocabulary) for name, rule in rules.items()}
        names = {name: f"m{i}" for i, name in enumerate(trees)}
        answer = self._answer(vocabulary, {names[n]: t for n, t in trees.items()}, now)
        columns = "".join(f", {column} AS {quoted(name)}" for name, column in names.items())
        return f"SELECT customer_id{columns} FROM ({answer})"

    def values(self, values: Mapping[str, str], now: datetime, only: str | None = None) -> pa.Table:
        """``customer_id`` and a column a value of the language (an attribute, an aggregate) or a rule, sorted.

        Null where unknown; numbers are doubles. ``only`` names a table of the customers to look at (everybody, unless
        said). Raises `RuleError`.
        """
        vocabulary, when = self.vocabulary(), self.when(now)
        rules = [self._rule_of(text, vocabulary) for text in values.values()]
        columns = {f"v{i}": rule.value if isinstance(rule, Known) else rule for i, rule in enumerate(rules)}
        questions = {f"m{i}": Question(rule, when) for i, rule in enumerate(rules)}
        compiler = Compiler(vocabulary, questions, kept_features(self.engine), only=only)
        plan = compiler.values_plan(columns, when)
        named = "".join(f", {column} AS {quoted(name)}" for column, name in zip(columns, values, strict=True))
        return self.engine.query(f"SELECT customer_id{named} FROM ({self.sql(plan)}) ORDER BY customer_id")

    def _rule_of(self, text: str, vocabulary: Vocabulary) -> Condition:
        """Whether a value is known; a text that is no value is a rule itself."""
        try:
            return self.read(f"{text} is known", vocabulary)
        except RuleSyntaxError:
            return self.read(text, vocabulary)

    def _answer(self, vocabulary: Vocabulary, trees: Mapping[str, Condition], now: datetime) -> str:
        questions = {name: Question(tree, self.when(now)) for name, tree in trees.items()}
        return self.sql(Compiler(vocabulary, questions, kept_features(self.engine)).plan())

    def sql(self, plan: Plan) -> str:
        return plan.sql(self.engine.compile, self.engine.staged)

    def sizes(self, rule: str | Condition, moments: Sequence[datetime]) -> list[tuple[int, int, int]]:
        """Members at each moment, and how many had entered and left since the moment before, in shared passes.

        The passes are of as many moments each, and overlap by one at least, so that one text is compiled for all.
        """
        vocabulary = self.vocabulary()
        tree = self.read(rule, vocabulary)
        found: list[tuple[int, int, int]] = []
        while len(found) < len(moments):
            start = max(min(len(found) - 1, len(moments) - MOMENTS_A_PASS), 0)
            sizes = self._sizes(vocabulary, tree, moments[start:start + MOMENTS_A_PASS])
            found += sizes[len(found) - start:]
        return found

    def _sizes(self, vocabulary: Vocabulary, tree: Condition,
               moments: Sequence[datetime]) -> list[tuple[int, int, int]]:
        whens = [self.when(moment) for moment in moments]
        questions = {f"m{i}": Question(tree, when) for i, when in enumerate(whens)}
        answer = PASSES.sql(("sizes", len(whens)), [tree], vocabulary, whens,
                            lambda: self.sql(Compiler(vocabulary, questions).plan()))
        counts = ["count(*) FILTER (WHERE m0), 0, 0"]
        counts += [f"count(*) FILTER (WHERE m{i}), count(*) FILTER (WHERE m{i} AND NOT m{i - 1}),"
                   f" count(*) FILTER (WHERE m{i - 1} AND NOT m{i})" for i in range(1, len(moments))]
        row = self.engine.rows(f"SELECT {', '.join(counts)} FROM ({answer})")[0]
        return [(row[i], row[i + 1], row[i + 2]) for i in range(0, len(row), 3)]


MOMENTS_A_PASS = 14
"""Each moment adds its aggregates to the pass: more at once read the facts less often and group more widely. A year of
weeks is four passes; at 100,000 customers the processor does least for a moment with 7 to 14 of them."""

PASSES = Compiled()
