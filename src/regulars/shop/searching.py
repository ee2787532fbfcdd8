"""What customers are found by, read and folded once for many questions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from regulars.engines.duckdb import DuckDBEngine

CUSTOMERS = """
SELECT customer_id, fold(customer_id) AS id, fold(coalesce(name, '')) AS name, fold(coalesce(email, '')) AS email,
    coalesce(phone, '') AS phone FROM customers ORDER BY customer_id"""
HELD_IN = ("name", "email", "phone")
KNOWN_BY = {"identities": "value", "orders": "order_id"}


@dataclass(frozen=True)
class Searched:
    """What customers are found by, true of the facts when it was read.

    ``customers``: a row each, by id. ``plain``: the tables whose texts are all ASCII with no space around them.
    """

    customers: pa.Table
    plain: frozenset[str]

    def ids(self, engine: DuckDBEngine, wanted: str, most: int) -> list[str]:
        """The first ``most`` who have the folded text in a name, an address or number, or are known by just it."""
        holding = reduce(pc.or_, [pc.equal(self.customers["id"], wanted),
                                  *(pc.match_substring(self.customers[c], wanted) for c in HELD_IN)])
        found = set(self.customers["customer_id"].filter(holding).slice(0, most).to_pylist())
        for table, column in KNOWN_BY.items():
            found.update(i for (i,) in engine.rows(
                f"SELECT DISTINCT customer_id FROM {table} WHERE {_is(column, plain=table in self.plain)}"
                " AND customer_id IS NOT NULL", [wanted]))
        return sorted(found)[:most]


def read_searched(engine: DuckDBEngine) -> Searched:
    """What customers are found by, from the facts as they are."""
    return Searched(engine.query(CUSTOMERS), frozenset(
        table for table, column in KNOWN_BY.items() if engine.value(
            f"SELECT bool_and(strlen({column}) = length({column}) AND NOT {_spaced(column)}) FROM {table}")))


def _is(column: str, *, plain: bool) -> str:
    """Whether a column's text is ``$1``: plain text of another length is ruled out before it is folded."""
    if plain:
        return f"strlen({column}) = strlen($1) AND lower({column}) = $1"
    return (f"(length({column}) = length($1) OR strlen({column}) <> length({column}) OR {_spaced(column)})"
            f" AND fold({column}) = $1")


def _spaced(column: str) -> str:
    return f"(starts_with({column}, ' ') OR ends_with({column}, ' '))"
