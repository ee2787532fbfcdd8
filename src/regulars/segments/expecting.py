"""Who will come and go by time alone: exact, since every edge that will be passed is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.errors import Refused
from regulars.rules import Compiler, Condition, Question
from regulars.rules.passing import passing
from regulars.rules.turning import people_turned, rows_turned
from regulars.segments.crossed import CROSSED, KNOWN_SINCE, Crossing, passed
from regulars.segments.dating import Dating, Turn, by_customer
from regulars.segments.evaluate import SAMPLE, Evaluator
from regulars.segments.refusals import why

AMONG = "expected_among"


@dataclass(frozen=True)
class Expected:
    """So many will have come or gone at ``until`` by time alone; the first ten of each by id, with when they will."""

    until: datetime
    joining: int
    leaving: int
    first_joining: tuple[tuple[str, datetime], ...]
    first_leaving: tuple[tuple[str, datetime], ...]


def expected(evaluator: Evaluator, rule: str | Condition, now: datetime, until: datetime) -> Expected:
    """Who is not in now and will be at ``until``, and the other way round, if no facts come in until then.

    Raises `RuleError`, and `Refused` for a rule that ranks everybody: there, others decide.
    """
    vocabulary, whens = evaluator.vocabulary(), (evaluator.when(now), evaluator.when(until))
    tree = evaluator.read(rule, vocabulary)
    hangs_on = passing(tree, vocabulary)
    if hangs_on.of_all:
        raise Refused(why("A rule that ranks everybody is not foretold: what others do decides it."))
    edges = sorted(hangs_on.edges, key=lambda e: (e.fact, e.key))
    engine = evaluator.engine
    Crossing(engine, vocabulary, whens[0]).find(passed(edges, *whens))
    compiler, differs, _ = people_turned(sorted(hangs_on.attributes, key=lambda c: c.text()), *whens, vocabulary)
    turned = [f"SELECT customer_id FROM ({evaluator.sql(compiler.plan())}) WHERE {differs}"]
    turned += [engine.compile(rows_turned(s, *whens, vocabulary)) for s in hangs_on.wheres]
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {AMONG} AS SELECT customer_id FROM {CROSSED} UNION "
                   f"{' UNION '.join(f'SELECT customer_id FROM ({t})' for t in turned)}")
    questions = {"now": Question(tree, whens[0]), "later": Question(tree, whens[1])}
    sql = evaluator.sql(Compiler(vocabulary, questions, only=AMONG).plan())
    moving = engine.rows(f"SELECT customer_id, later FROM ({sql}) WHERE \"now\" <> later ORDER BY customer_id")
    dating = Dating(engine, vocabulary, *whens, {"": tree}, {"": hangs_on}, edges)
    return Expected(until, sum(1 for _, comes in moving if comes), sum(1 for _, comes in moving if not comes),
                    _dated(dating, [c for c, comes in moving if comes][:SAMPLE], comes=True),
                    _dated(dating, [c for c, comes in moving if not comes][:SAMPLE], comes=False))


def _dated(dating: Dating, ids: list[str], *, comes: bool) -> tuple[tuple[str, datetime], ...]:
    rows = dating.engine.rows(f'SELECT customer_id, edge, "at" FROM {CROSSED} WHERE customer_id IN '
                              "(SELECT unnest(?::VARCHAR[]))", [ids])
    since = dict(dating.engine.rows(
        f"SELECT customer_id, {KNOWN_SINCE} FROM customers c WHERE customer_id IN (SELECT unnest(?::VARCHAR[]))",
        [ids]))
    turns = [Turn("", i, comes, None, s if (s := since.get(i)) and s > dating.before.now else None) for i in ids]
    return tuple(zip(ids, dating.date(turns, by_customer(rows)), strict=True))

