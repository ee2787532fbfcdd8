"""Who is just outside a rule: those whom one condition of it keeps out, and how many a looser number would let in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from regulars.rules import Condition
from regulars.rules.constructs.comparison import Compare
from regulars.rules.constructs.logic import And
from regulars.segments.evaluate import SAMPLE, Evaluator

STEP = Decimal("0.1")
"""How much looser a number is made, of itself; whole counts go by one."""


@dataclass(frozen=True)
class Outside:
    """``people`` meet every condition but this one; of them ``near`` would meet ``looser`` (None: no number in it)."""

    condition: Condition
    people: int
    looser: Condition | None
    near: int
    sample: tuple[str, ...]


def just_outside(evaluator: Evaluator, rule: str | Condition, now: datetime) -> list[Outside]:
    """One entry for each condition that alone keeps somebody out, the most people first.

    A rule that is one condition keeps out everybody else: only those near its number are told of, and where there is
    no number nobody is. The sample are the first ten of the near, else of the people. Raises `RuleError`.
    """
    tree = evaluator.read(rule, evaluator.vocabulary())
    conditions: Sequence[Condition] = tree.items if isinstance(tree, And) else (tree,)
    looser = [_looser(condition) for condition in conditions]
    asked = {f"c{i}": condition for i, condition in enumerate(conditions)}
    asked |= {f"l{i}": condition for i, condition in enumerate(looser) if condition is not None}
    columns = [column for i in range(len(conditions)) for column in _columns(i, len(conditions), looser[i] is not None)]
    (row,) = evaluator.engine.rows(f"SELECT {', '.join(columns)} FROM ({evaluator.answer(asked, now)})")
    alone = len(conditions) == 1
    found = [Outside(conditions[i], row[4 * i], looser[i], row[4 * i + 1],
                     tuple((row[4 * i + 3] if row[4 * i + 1] else row[4 * i + 2]) or ()))
             for i in range(len(conditions))]
    return sorted((o for o in found if (o.near if alone else o.people)),
                  key=lambda o: -(o.near if alone else o.people))


def _columns(i: int, conditions: int, looser: bool) -> tuple[str, str, str, str]:
    """Whom condition ``i`` alone keeps out, and of them who would meet the looser one: how many, the first of each."""
    out = " AND ".join(f"c{j}" if j != i else f"NOT c{j}" for j in range(conditions))
    near = f"{out} AND l{i}" if looser else "false"
    return (f"count(*) FILTER (WHERE {out})", f"count(*) FILTER (WHERE {near})",
            f"min(customer_id, {SAMPLE}) FILTER (WHERE {out})", f"min(customer_id, {SAMPLE}) FILTER (WHERE {near})")


def _looser(condition: Condition) -> Condition | None:
    """The comparison with a number that lets in a little more; None where there is none to loosen."""
    if not isinstance(condition, Compare) or not isinstance(condition.literal, Decimal):
        return None
    number = condition.literal
    step = Decimal(1) if number == int(number) and abs(number) <= 20 else abs(number) * STEP
    if condition.operator in (">=", ">"):
        return replace(condition, literal=(number - step).normalize() + 0)
    if condition.operator in ("<=", "<"):
        return replace(condition, literal=(number + step).normalize() + 0)
    return None
