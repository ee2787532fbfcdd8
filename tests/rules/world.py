"""A small shop in memory, filled with plain rows, asked through the compiler and the oracle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import UnknownName
from regulars.model.books import SCORES
from regulars.model.tables import TABLES
from regulars.model.types import Type
from regulars.rules import Compiler, Condition, OwnName, Question, Vocabulary, When, check, parse, vocabulary
from regulars.rules.oracle import Everybody
from regulars.shop.folder import make_tables

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
UTC_ZONE = ZoneInfo("UTC")
NOON = datetime(2026, 11, 22, 12)
PLACES = {"bandung": (-6.92222, 107.60694), "jakarta": (-6.21462, 106.84513), "north pole": (90.0, 0.0)}
ARROW = {
    Type.TEXT: pa.string(), Type.TEXTS: pa.list_(pa.string()), Type.NUMBER: pa.float64(), Type.WHOLE: pa.int64(),
    Type.DECIMAL: pa.decimal128(18, 4), Type.MONEY: pa.decimal128(18, 4), Type.YESNO: pa.bool_(),
    Type.MOMENT: pa.timestamp("us"), Type.DATE: pa.date32(), Type.JSON: pa.string(),
}


def place(name: str) -> tuple[float, float]:
    """A gazetteer of three places."""
    if name.strip().casefold() in PLACES:
        return PLACES[name.strip().casefold()]
    raise UnknownName(f"No place called {name[:80]!r} is known.", hint="Did you mean Bandung?")


def at(text: str, zone: ZoneInfo = UTC_ZONE, fold: int = 0) -> datetime:
    """A wall time of a zone as naive UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None)


class World:
    """Rows by table, the same in the engine and for the oracle."""

    def __init__(self, engine: DuckDBEngine) -> None:
        self.engine = engine
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.own_names: list[OwnName] = []
        self.segments: dict[str, Condition] = {}
        self._types = {t.name: {c.name: c.type for c in t.columns} for t in (*TABLES.values(), SCORES)}

    @property
    def vocabulary(self) -> Vocabulary:
        return vocabulary(tuple(self.own_names), self.segments, place)

    @property
    def everybody(self) -> Everybody:
        return Everybody(self.rows, self.vocabulary)

    def columns(self, table: str) -> Mapping[str, Type]:
        return self._types[table]

    def put(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Add rows; columns left out are unknown, those that settle are taken as given."""
        full = [{**dict.fromkeys(self._types[table]), **self._defaults(table), **row} for row in rows]
        self.rows.setdefault(table, []).extend(full)
        names = {n: ARROW[t] for n, t in self._types[table].items()}
        columns = {n: pa.array([_stored(r[n], self._types[table][n]) for r in full], type=kind)
                   for n, kind in names.items()}
        self.engine.register("incoming", pa.table(columns))
        quoted = ", ".join(f'"{n}"' for n in names)
        self.engine.execute(f'INSERT INTO "{table}" ({quoted}) SELECT {quoted} FROM incoming')
        self.engine.unregister("incoming")

    def _defaults(self, table: str) -> dict[str, Any]:
        if table in ("orders", "lines"):
            return {"counted": True}
        return {"described": True} if table == "customers" else {}

    def people(self, *ids: str, **columns: Any) -> None:
        """Customers of these ids, all with the same columns."""
        self.put("customers", *({"customer_id": i, **columns} for i in ids))

    def orders(self, *rows: tuple[str, datetime] | tuple[str, datetime, Any], **columns: Any) -> None:
        """Orders as (customer, moment[, total])."""
        start = len(self.rows.get("orders", ()))
        self.put("orders", *({"order_id": f"o{start + i}", "customer_id": r[0], "at": r[1],
                              "total": r[2] if len(r) > 2 else None, **columns} for i, r in enumerate(rows)))

    def own(self, table: str, name: str, type_: Type, label: str = "") -> None:
        """A name of the shop's own; for customers and scores, with its column."""
        self.own_names.append(OwnName(table, name, type_, label or name))
        if table in ("customers", "scores"):
            self.engine.add_column(table, name, type_.value)
            self._types[table][name] = type_

    def segment(self, name: str, rule: str) -> None:
        self.segments[name] = parse(rule)

    def answers(self, rules: Mapping[str, Condition], when: When) -> dict[str, list[str]]:
        """Members of each rule, all asked in one plan of the compiler, sorted."""
        known = self.vocabulary
        for rule in rules.values():
            check(rule, known)
        plan = Compiler(known, {n: Question(r, when) for n, r in rules.items()}).plan()
        table = self.engine.query(plan.sql(self.engine.compile, self.engine.staged)).to_pylist()
        assert all(isinstance(row[n], bool) for row in table for n in rules), "a condition is true or false, never null"
        return {n: sorted(row["customer_id"] for row in table if row[n]) for n in rules}

    def members(self, rule: str, now: datetime = NOON, zone: ZoneInfo = UTC_ZONE) -> list[str]:
        """Customer ids through the compiler."""
        return self.answers({"asked": parse(rule)}, When(now, zone))["asked"]

    def who(self, rule: str, now: datetime = NOON, zone: ZoneInfo = UTC_ZONE) -> str:
        """Customer ids in one text, of which compiler and oracle must say the same."""
        compiled = self.members(rule, now, zone)
        assert self.everybody.members(parse(rule), When(now, zone)) == compiled, f"the oracle differs: {rule}"
        return " ".join(compiled)


def _stored(value: Any, type_: Type) -> Any:
    if value is None:
        return None
    if type_ is Type.JSON:
        return json.dumps(value)
    if type_ is Type.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def fresh_engine() -> DuckDBEngine:
    """An engine in memory with every table of the model, empty."""
    engine = DuckDBEngine.open(":memory:", threads=1)
    make_tables(engine)
    return engine
