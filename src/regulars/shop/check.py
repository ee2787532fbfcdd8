"""`regulars check`: whether the shop's facts hold together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake import settle
from regulars.model.books import BOOKS
from regulars.model.tables import FACT_TABLES, TABLES, Table

SUMS = {"orders.total": "sum(total) FROM orders", "orders.refunded": "sum(refunded) FROM orders",
        "lines.amount": "sum(amount) FROM lines", "returns.amount": "sum(amount) FROM returns"}


@dataclass(frozen=True)
class Problem:
    """Something that does not hold: ``rows`` of them, one as an example."""

    code: str
    what: str
    rows: int
    example: str


@dataclass(frozen=True)
class Checked:
    """Rows of each table, sums of money, and what does not hold."""

    counts: dict[str, int]
    sums: dict[str, Decimal]
    problems: tuple[Problem, ...]

    @property
    def consistent(self) -> bool:
        return not self.problems


def check(engine: DuckDBEngine) -> Checked:
    """Look at every key, every reference and every settled column; changes nothing."""
    counts = _counted(engine)
    sums = {name: Decimal(engine.value(f"SELECT {sql}") or 0) for name, sql in SUMS.items()}
    filled = frozenset(table for table, rows in counts.items() if rows)
    problems = (*_keys(engine, filled), *_orphans(engine, filled), *_settled(engine), *_money(engine),
                *_undone(engine, filled))
    return Checked(counts, sums, problems)


def _counted(engine: DuckDBEngine) -> dict[str, int]:
    """The rows of each table, asked in one go."""
    one_each = " UNION ALL ".join(f"SELECT {literal(t)}, count(*) FROM {quoted(t)}" for t in (*TABLES, *BOOKS))
    found = dict(engine.rows(one_each))
    return {table: int(found[table]) for table in (*TABLES, *BOOKS)}


def _problem(engine: DuckDBEngine, code: str, what: str, rows: str) -> Iterator[Problem]:
    """A problem where ``rows`` (a SELECT of one text column) gives any."""
    count, example = engine.rows(f"SELECT count(*), min(x) FROM ({rows}) t(x)")[0]
    if count:
        yield Problem(code, what, int(count), str(example))


def _keys(engine: DuckDBEngine, filled: frozenset[str]) -> Iterator[Problem]:
    for table in (t for t in (*TABLES.values(), *BOOKS.values()) if t.name in filled):
        keys = ", ".join(map(quoted, table.key))
        shown = f"concat_ws(' / ', {keys})"
        yield from _problem(engine, "key", f"rows of {table.name} have the same {' and '.join(table.key)}",
                            f"SELECT {shown} FROM {quoted(table.name)} GROUP BY {keys} HAVING count(*) > 1")
        missing = " OR ".join(f"{quoted(k)} IS NULL" for k in table.key)
        yield from _problem(engine, "no-key", f"rows of {table.name} have no {' or '.join(table.key)}",
                            f"SELECT coalesce({shown}, '') FROM {quoted(table.name)} WHERE {missing}")


def _orphans(engine: DuckDBEngine, filled: frozenset[str]) -> Iterator[Problem]:
    of_customers: tuple[Table, ...] = (*FACT_TABLES, TABLES["returns"], TABLES["identities"])
    for table in (t for t in of_customers if t.name in filled):
        yield from _problem(engine, "orphan", f"rows of {table.name} speak of a customer who is not there",
                            f"SELECT customer_id FROM {table.name} WHERE customer_id IS NOT NULL "
                            "AND customer_id NOT IN (SELECT customer_id FROM customers)")
    yield from _problem(engine, "orphan", "lines are of an order that is not there",
                        "SELECT order_id FROM lines ANTI JOIN orders USING (order_id)")
    yield from _problem(engine, "orphan", "returns undo a line that is not there",
                        "SELECT return_id FROM returns WHERE line IS NOT NULL AND (order_id, line) NOT IN "
                        "(SELECT (order_id, line) FROM lines)")
    yield from _problem(engine, "orphan", "returns undo an order that is not there",
                        "SELECT return_id FROM returns WHERE order_id IS NOT NULL "
                        "AND order_id NOT IN (SELECT order_id FROM orders)")


def _settled(engine: DuckDBEngine) -> Iterator[Problem]:
    for table, key, columns, fresh in (
            ("lines", ("order_id", "line"), settle.LINE_SETTLED, settle.select_lines()),
            ("orders", ("order_id",), settle.ORDER_SETTLED, settle.select_orders())):
        yield from _settled_of(engine, table, key, columns, fresh)
    fresh = settle.select_customers(engine)
    yield from _problem(engine, "settled", "customers.first_seen is not the moment of the first fact",
                        f"SELECT c.customer_id FROM customers c LEFT JOIN ({fresh}) f USING (customer_id) "
                        "WHERE c.first_seen IS DISTINCT FROM f.first_seen")
    yield from _problem(engine, "settled", "customers with an order are not of the kind customer",
                        f"SELECT c.customer_id FROM customers c JOIN ({fresh}) f USING (customer_id) "
                        "WHERE f.bought AND c.kind IS DISTINCT FROM 'customer'")


def _settled_of(engine: DuckDBEngine, table: str, key: Sequence[str], columns: Sequence[str],
                fresh: str) -> Iterator[Problem]:
    """A problem for each settled column that is not what ``fresh`` (a SELECT of key and columns) says, in one go."""
    same = " AND ".join(f"t.{k} = f.{k}" for k in key)
    asked = []
    for column in columns:
        differs = f"(WHERE t.{quoted(column)} IS DISTINCT FROM f.{quoted(column)})"
        asked.append(f"count(*) FILTER {differs}, min(t.order_id) FILTER {differs}")
    found, = engine.rows(f"SELECT {', '.join(asked)} FROM {table} t JOIN ({fresh}) f ON {same}")
    for column, count, example in zip(columns, found[::2], found[1::2], strict=True):
        if count:
            yield Problem("settled", f"{table}.{column} is not what a fresh computation gives", count, str(example))


def _money(engine: DuckDBEngine) -> Iterator[Problem]:
    sold = settle.multiplied("quantity", "unit_price", "coalesce(discount, 0)")
    yield from _problem(engine, "money", "orders have another total than their lines, and no source states it",
                        f"SELECT order_id FROM orders o JOIN (SELECT order_id, sum({sold}) AS sold FROM lines GROUP BY "
                        "1) l USING (order_id) "
                        "WHERE total_stated IS NULL AND total IS DISTINCT FROM sold")
    yield from _problem(engine, "money", "more was matched as returned of a line than was bought",
                        "SELECT order_id FROM lines JOIN (SELECT order_id, line, sum(quantity) AS back FROM "
                        "returns WHERE "
                        "line IS NOT NULL GROUP BY ALL) USING (order_id, line) WHERE back > quantity")


def _undone(engine: DuckDBEngine, filled: frozenset[str]) -> Iterator[Problem]:
    for table in TABLES:
        if table in filled - {"customers", "orders"}:
            yield from _problem(engine, "undone", f"rows of {table} are of an import that was taken back",
                                f"SELECT source FROM {table} WHERE source IN "
                                "(SELECT import_id FROM imports WHERE undone_at IS NOT NULL)")
