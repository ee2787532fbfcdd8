"""What an import did, told so that every row of the file is accounted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake import reasons
from regulars.intake.incoming import Incoming
from regulars.intake.prepared import Finding
from regulars.intake.rows import is_empty
from regulars.intake.settle import multiplied
from regulars.intake.write import Count
from regulars.model.phrases import Said, read_back, written

SHOWN = 20
EXACT_UP_TO = 2_000_000


@dataclass(frozen=True)
class Rows:
    """The file's rows: read = taken + refused + dropped + left_out.

    ``copies`` (of the taken) are exact copies of an earlier row, ``dropped`` copies left out because the person asked,
    ``left_out`` rows that say nothing the shop keeps. ``without_customer`` name nobody.
    """

    read: int = 0
    taken: int = 0
    refused: int = 0
    dropped: int = 0
    left_out: int = 0
    copies: int = 0
    without_customer: int = 0


@dataclass(frozen=True)
class Money:
    """One sum as the file has it, and of the same rows as the shop has it now."""

    what: str
    in_file: Decimal
    in_shop: Decimal


@dataclass(frozen=True)
class Returned:
    """What came back with this file: matched to the purchase it undoes, or kept without one."""

    matched: int = 0
    matched_amount: Decimal = Decimal(0)
    unmatched: int = 0
    unmatched_amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class People:
    matched: int = 0
    new: int = 0
    merged: int = 0


@dataclass(frozen=True)
class Refusal:
    """A row of the file and why it cannot be used."""

    row: int
    reason: Said


@dataclass(frozen=True)
class Receipt:
    """An import as it went. ``documents`` counts different orders, invoices and cancellations of the file."""

    import_id: str
    file_name: str
    file_hash: str
    recognised_as: str
    platform: str
    began_at: datetime
    ended_at: datetime
    dry_run: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    rows: Rows = Rows()
    tables: Mapping[str, Count] = field(default_factory=dict)
    documents: int = 0
    customers: People = People()
    money: tuple[Money, ...] = ()
    returns: Returned = Returned()
    costs_unknown: int = 0
    refused: tuple[Refusal, ...] = ()
    refused_file: str | None = None
    stored_file: str | None = None
    findings: tuple[Finding, ...] = ()
    cautions: tuple[Said, ...] = ()
    undone_at: datetime | None = None

    @property
    def added(self) -> int:
        return sum(c.added for c in self.tables.values())

    @property
    def changed(self) -> int:
        return sum(c.changed + c.removed for c in self.tables.values())

    def to_json(self) -> str:
        said = {"findings": [f.to_json() for f in self.findings], "cautions": [written(c) for c in self.cautions],
                "refused": [{"row": r.row, "reason": written(r.reason)} for r in self.refused]}
        plain = asdict(replace(self, findings=(), cautions=(), refused=()))
        return json.dumps(plain | said, default=_plain, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """A receipt as `to_json` wrote it."""
        said: dict[str, Any] = {k: v for k, v in json.loads(text).items() if k in {f.name for f in fields(cls)}}
        for name in ("began_at", "ended_at", "undone_at"):
            said[name] = datetime.fromisoformat(said[name]) if said.get(name) else None
        said["rows"] = Rows(**said["rows"])
        said["tables"] = {k: Count(**v) for k, v in said["tables"].items()}
        said["customers"] = People(**said["customers"])
        said["money"] = tuple(Money(m["what"], Decimal(m["in_file"]), Decimal(m["in_shop"])) for m in said["money"])
        back = said["returns"]
        said["returns"] = Returned(back["matched"], Decimal(back["matched_amount"]), back["unmatched"],
                                   Decimal(back["unmatched_amount"]))
        said["refused"] = tuple(Refusal(r["row"], read_back(r["reason"])) for r in said["refused"])
        said["findings"] = tuple(map(Finding.from_json, said["findings"]))
        said["cautions"] = tuple(map(read_back, said["cautions"]))
        return cls(**said)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def count_rows(engine: DuckDBEngine, incoming: Incoming) -> Rows:
    """Account for every row of the file. Of very large files that add up exactly, the sum is taken at its word."""
    prepared = incoming.prepared
    refused = int(engine.value("SELECT count(DISTINCT _row) FROM in_refused"))
    expected = prepared.rows_read - refused - prepared.dropped_rows
    of_rows = sum(incoming.rows.get(t, 0) for t in ("lines", "returns"))
    if prepared.rows_read > EXACT_UP_TO and of_rows == expected:
        taken = expected
    else:
        parts = [f"SELECT _row FROM {quoted(f'in_{t}')}" for t in prepared.tables]
        taken = int(engine.value(f"SELECT count(DISTINCT _row) FROM ({' UNION ALL '.join(parts)}) ANTI JOIN in_refused "
                                 "USING (_row)")) if parts else 0
    return Rows(prepared.rows_read, taken, refused, prepared.dropped_rows, expected - taken, prepared.duplicate_rows,
                _without_customer(engine, incoming))


def _without_customer(engine: DuckDBEngine, incoming: Incoming) -> int:
    """Rows that name nobody: of lines and returns where there are such, else of whatever facts there are."""
    total = 0
    if incoming.has("lines"):
        total += int(engine.value("SELECT coalesce(sum(n), 0) FROM orders_in WHERE customer_id IS NULL") or 0)
    elif incoming.has("orders"):
        total += int(engine.value("SELECT count(*) FROM orders_in WHERE customer_id IS NULL"))
    for table, count in incoming.rows.items():
        if table in ("lines", "orders", "customers", "products", "accounts", "costs"):
            continue
        hints = incoming.hints(table)
        nobody = " AND ".join(f"{h} IS NULL" for h in hints)
        total += int(engine.value(f"SELECT count(*) FROM {quoted(incoming.relation(table))} WHERE "
                                  f"{nobody}")) if hints else count
    return total


def count_documents(engine: DuckDBEngine, incoming: Incoming) -> int:
    parts = []
    if incoming.has("orders") or incoming.has("lines"):
        parts.append("SELECT order_id FROM orders_in")
    if incoming.has("returns"):
        document = next((c for c in ("document", "return_id") if c in incoming.columns["returns"]), "return_id")
        parts.append(f"SELECT {document} FROM {quoted(incoming.relation('returns'))} WHERE {document} IS NOT NULL")
    return int(engine.value(f"SELECT count(*) FROM ({' UNION '.join(parts)})")) if parts else 0


def add_up(engine: DuckDBEngine, incoming: Incoming, import_id: str) -> tuple[Money, ...]:
    """The file's sums beside the shop's."""
    found = []
    if incoming.has("orders") and {"total", "total_stated"} & incoming.columns["orders"]:
        column = "total" if "total" in incoming.columns["orders"] else "total_stated"
        found.append(_money(engine, "orders", f"sum({column}) FROM {quoted(incoming.relation('orders'))}",
                            "sum(total_stated) FROM orders SEMI JOIN orders_in USING (order_id)"))
    if incoming.has("lines"):
        known = engine.rows("SELECT 1 FROM orders_in WHERE NOT is_new AND n IS NOT NULL LIMIT 1")
        held = "SEMI JOIN lined USING (order_id)" if known else f"WHERE source = {literal(import_id)}"
        sold = multiplied("quantity", "unit_price", "coalesce(discount, 0)")
        found.append(_money(engine, "lines", "sum(sold) FROM lined", f"sum({sold}) FROM lines {held}"))
    if incoming.has("returns") and "amount" in incoming.columns["returns"]:
        relation = quoted(incoming.relation("returns"))
        found.append(_money(engine, "returns", f"sum(amount) FROM {relation}",
                            f"sum(amount) FROM returns SEMI JOIN {relation} USING (return_id)"))
    return tuple(found)


def _money(engine: DuckDBEngine, what: str, in_file: str, in_shop: str) -> Money:
    sums = [Decimal(engine.value(f"SELECT {sql}") or 0) for sql in (in_file, in_shop)]
    return Money(what, *sums)


def count_returns(engine: DuckDBEngine, incoming: Incoming) -> Returned:
    if not incoming.has("returns"):
        return Returned()
    row = engine.rows("SELECT count(*) FILTER (order_id IS NOT NULL), sum(amount) FILTER (order_id IS NOT NULL), "
                      "count(*) FILTER (order_id IS NULL), sum(amount) FILTER (order_id IS NULL) FROM returns "
                      f"SEMI JOIN {quoted(incoming.relation('returns'))} USING (return_id)")[0]
    return Returned(row[0], Decimal(row[1] or 0), row[2], Decimal(row[3] or 0))


def count_unknown_costs(engine: DuckDBEngine, incoming: Incoming, import_id: str) -> int:
    """Lines of this file whose margin cannot be known."""
    if not incoming.has("lines") or is_empty(engine, "lines"):
        return 0
    return int(engine.value("SELECT count(*) FROM lines WHERE source = ? AND margin IS NULL", [import_id]))


def list_refused(engine: DuckDBEngine) -> tuple[Refusal, ...]:
    rows = engine.rows(f"SELECT _row, min(reason) FROM in_refused GROUP BY _row ORDER BY _row LIMIT {SHOWN}")
    return tuple(Refusal(int(row or 0), reasons.read(reason)) for row, reason in rows)
