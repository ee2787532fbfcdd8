"""Making one of many pairs at once: whoever hangs together is one person, unless something among them says no."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.apart import apart
from regulars.intake.identities import Merge, described
from regulars.intake.same.kept import Pair
from regulars.intake.union import Forest, Known, rank

MOST_AS_ONE = 5
"""More customers than this are not made one without anybody looking."""


def merges(engine: DuckDBEngine, pairs: Sequence[Pair]) -> list[Merge]:
    """Who is to be absorbed by whom; parts that are too large, in which birth dates differ or two of whom are not clear
    are left to a person: J. Smith would make John and James one."""
    known = described(engine, sorted({c for p in pairs for c in (p.one, p.other)}))
    reasons = {frozenset((p.one, p.other)): p.kind for p in pairs}
    births, doubted = _births(engine, known), _doubted(engine)
    found = []
    for part in _parts(pairs, apart(engine)):
        born = {births[c] for c in part if c in births}
        if len(part) > MOST_AS_ONE or len(born) > 1 or any(frozenset(two) in doubted for two in combinations(part, 2)):
            continue
        kept, *absorbed = sorted(part, key=lambda c: rank(c, known))
        found += [Merge(kept, a, reasons.get(frozenset((kept, a)), pairs[0].kind)) for a in absorbed]
    return found


def _parts(pairs: Sequence[Pair], apart: set[frozenset[str]]) -> Iterator[list[str]]:
    forest = Forest()
    for pair in pairs:
        for customer in (pair.one, pair.other):
            forest.add(("id", customer), customer)
        forest.union(("id", pair.one), ("id", pair.other), apart)
    parts = defaultdict(list)
    for node in forest.parent:
        parts[forest.find(node)].append(node[1])
    yield from (part for _, part in sorted(parts.items()) if len(part) > 1)


def _doubted(engine: DuckDBEngine) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in engine.rows("SELECT one, other FROM same_pairs WHERE NOT clear")}


def _births(engine: DuckDBEngine, customers: dict[str, Known]) -> dict[str, object]:
    rows = engine.rows("SELECT customer_id, birth_date FROM customers WHERE birth_date IS NOT NULL AND customer_id IN "
                       "(SELECT unnest($1::VARCHAR[]))", [sorted(customers)])
    return dict(rows)
