"""Rows that webhooks told, of each platform: an older state of an object never overwrites a newer one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from regulars.engines.duckdb import SQL_TYPES, DuckDBEngine, literal, quoted
from regulars.intake.incoming import HINTS
from regulars.intake.live import taking, values
from regulars.intake.live.aside import AGAIN, UNTIL_KNOWN
from regulars.intake.live.hooks import ORDER_DELETED, ORDER_RESTORED
from regulars.intake.prepared import Prepared
from regulars.intake.reasons import as_json
from regulars.intake.rows import make_temp
from regulars.model.settings import Settings
from regulars.model.tables import TABLES
from regulars.model.types import Type

EXACT = (Type.MONEY, Type.DECIMAL)
DELETED_AGAIN = as_json("deleted-again")


def write(engine: DuckDBEngine, settings: Settings, rates: Path | None, now: datetime) -> tuple[int, bool]:
    """Write what stands in ``live_in`` of the type ``rows``: how many told nothing new, and whether anything changed.

    Raises `taking.Poisoned`.
    """
    if not engine.rows(
        "SELECT 1 FROM live_in WHERE wrong = '' AND json_extract_string(body, '$.type') = 'rows' LIMIT 1"
    ):
        return 0, False
    old = _stage(engine)
    changed = False
    for (platform,) in engine.rows("SELECT DISTINCT platform FROM hooks_new ORDER BY 1"):
        make_temp(engine, "hook_new", f"FROM hooks_new WHERE platform = {literal(platform)}")
        tables = _make_tables(engine)
        if tables:
            count = int(engine.value("SELECT count(*) FROM hook_new"))
            name = f"{platform} live"
            prepared = Prepared(name, "", name, platform, rows_read=count, tables=tables)
            changed |= taking.take(engine, settings, rates, prepared, now, "hook_new")
    _hear(engine)
    return old, changed


def _stage(engine: DuckDBEngine) -> int:
    """``hooks_new``: payloads in the order of the states they tell, without those that a newer one was told after.

    One that says nothing of when comes after what was told of its object before it.
    """
    parts = ["platform", "topic", "kind", "number", "state", "own_key", "of"]
    taken = ", ".join(f"json_extract_string(b.body, '$.{p}') AS said_{p}" for p in parts)
    rows = "wrong = '' AND json_extract_string(body, '$.type') = 'rows'"
    make_temp(
        engine,
        "hooks_said",
        f"SELECT b.number AS number, b.asked, {taken}, json_extract(b.body, '$.rows') AS rows FROM (SELECT number, "
        f"contains(origin, {literal(f' {AGAIN} ')}) AS asked, body::JSON AS body FROM live_in WHERE {rows}) b",
    )
    state = values.moment("s.said_state")
    make_temp(
        engine,
        "hooks_new",
        "SELECT row_number() OVER (ORDER BY told NULLS FIRST, number) AS _row, * EXCLUDE told FROM (SELECT *, "
        "coalesce(state, max(state) OVER (PARTITION BY platform, id ORDER BY number)) AS told FROM "
        f"(SELECT s.number, s.asked, s.said_platform AS platform, s.said_kind AS kind, s.said_number AS id, {state} AS "
        "state, s.said_own_key AS own_key, s.said_of AS said_of, s.rows FROM hooks_said s) n WHERE NOT EXISTS "
        "(FROM heard h WHERE h.platform = n.platform AND h.kind = n.kind AND h.id = n.id AND h.at > n.state))",
    )
    _find_orders(engine)
    _refuse_deleted_again(engine)
    return int(engine.value("SELECT (SELECT count(*) FROM hooks_said) - (SELECT count(*) FROM hooks_new)"))


def _find_orders(engine: DuckDBEngine) -> None:
    """``of_key``: the shop's key of the object that a payload names by the platform's number."""
    known = (
        "SELECT platform, id, own_key FROM heard WHERE own_key IS NOT NULL UNION SELECT platform, id, own_key "
        "FROM hooks_new WHERE own_key IS NOT NULL"
    )
    make_temp(
        engine,
        "hooks_new",
        "SELECT n.*, k.own_key AS of_key FROM hooks_new n LEFT JOIN (SELECT platform, id, "
        f"max(own_key) AS own_key FROM ({known}) GROUP BY ALL) k ON k.platform = n.platform AND k.id = n.said_of",
    )
    unknown = engine.rows(
        "SELECT number FROM hooks_new WHERE said_of IS NOT NULL AND of_key IS NULL "
        "AND json_array_length(coalesce(json_extract(rows, '$.returns'), json_extract(rows, '$.orders'))) > 0"
    )
    taking.refuse({number: UNTIL_KNOWN for (number,) in unknown})


def _refuse_deleted_again(engine: DuckDBEngine) -> None:
    """A deletion of an order that was deleted before and has come back since, unless a person asked for it.

    One that has come back was deleted before, also where that is heard only now, late or played again.
    """
    same = "x.platform = n.platform AND x.id = n.id"
    back = (
        "EXISTS (FROM hooks_said x WHERE x.said_platform = n.platform AND x.said_number = n.id AND "
        f"x.number < n.number AND x.said_topic = {literal(ORDER_RESTORED)})"
    )
    before = f"FROM hooks_new x WHERE {same} AND x.number < n.number AND x.kind ="
    rows = engine.rows(
        "SELECT n.number FROM hooks_new n LEFT JOIN orders o ON o.order_id = n.of_key WHERE n.kind = $1 AND NOT "
        f"n.asked AND (EXISTS (FROM heard x WHERE {same} AND x.kind = $1) OR EXISTS ({before} $1) OR {back}) AND "
        f"(o.status IS DISTINCT FROM 'cancelled' OR EXISTS ({before} 'order'))",
        [ORDER_DELETED],
    )
    taking.refuse({number: DELETED_AGAIN for (number,) in rows})


def _make_tables(engine: DuckDBEngine) -> tuple[str, ...]:
    some = "SELECT 1 FROM hook_new WHERE json_array_length(json_extract(rows, '$.{}')) > 0 LIMIT 1"
    tables = [t for t in TABLES if engine.rows(some.format(t))]
    for table in tables:
        item = f"unnest(from_json(json_extract(rows, '$.{table}'), '[\"JSON\"]'))"
        make_temp(engine, "hook_items", f"SELECT _row, number, of_key, {item} AS item FROM hook_new")
        said = {k for (k,) in engine.rows("SELECT DISTINCT unnest(json_keys(item)) FROM hook_items")}
        _refuse_unreadable(engine, table, said)
        columns = ", ".join(
            f"CAST({_value(table, c)} AS {_sql_type(table, c)}) AS {quoted(c)}"
            for c in sorted(said)
            if c in HINTS or TABLES[table].column(c)
        )
        make_temp(engine, f"in_{table}", f"SELECT _row, {columns} FROM hook_items")
    return tuple(tables)


def _kind(table: str, column: str) -> Type:
    found = TABLES[table].column(column)
    return found.type if found and column not in HINTS else Type.TEXT


def _text(column: str) -> str:
    read = f"json_extract_string(item, {literal('$.' + chr(34) + column + chr(34))})"
    return f"nullif(trim(replace({read}, '{{of}}', coalesce(of_key, ''))), '')"


def _value(table: str, column: str) -> str:
    kind = _kind(table, column)
    if kind is Type.TEXTS:
        return f"try_cast(json_extract(item, '$.{column}') AS VARCHAR[])"
    return values.as_type(_text(column), kind)


def _sql_type(table: str, column: str) -> str:
    return SQL_TYPES[_kind(table, column).value]


def _refuse_unreadable(engine: DuckDBEngine, table: str, said: set[str]) -> None:
    """Amounts that are none."""
    for column in sorted(said):
        if _kind(table, column) in EXACT:
            text = _text(column)
            rows = engine.rows(
                f"SELECT number, min({text}) FROM hook_items WHERE ({text}) IS NOT NULL AND "
                f"({values.amount(text)}) IS NULL GROUP BY 1"
            )
            taking.refuse({number: as_json("no-amount", column, str(cell)[:40]) for number, cell in rows})


def _hear(engine: DuckDBEngine) -> None:
    """Note the newest state of each object, and its key; of an order that has come back, that it was deleted."""
    make_temp(
        engine,
        "hooks_heard",
        "SELECT platform, kind, id, max(state) AS state, max(own_key) AS own_key FROM (SELECT platform, kind, id, "
        "state, own_key FROM hooks_new WHERE kind <> '' UNION ALL SELECT said_platform, "
        f"{literal(ORDER_DELETED)}, said_number, NULL, NULL FROM hooks_said WHERE said_topic = "
        f"{literal(ORDER_RESTORED)} AND said_kind <> '') GROUP BY ALL",
    )
    engine.execute("DELETE FROM heard WHERE (platform, kind, id) IN (SELECT (platform, kind, id) FROM hooks_heard)")
    engine.execute("INSERT INTO heard SELECT platform, kind, id, state, own_key FROM hooks_heard")
