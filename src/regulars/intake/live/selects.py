"""From messages to rows: SELECTs over ``live_new`` that give the canonical tables ``in_<table>``.

``live_new`` has a row a message, in the order in which things happened: ``_row``, ``number``, ``type``, ``event``
(folded), ``name``, ``at``, ``message_id``, ``user_id``, ``anonymous_id``, the hints ``customer_id`` and
``id_platform``, and JSON ``body``, ``properties``, ``traits``, ``context``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulars.engines.duckdb import SQL_TYPES, DuckDBEngine, literal, quoted
from regulars.intake import reasons
from regulars.intake.live import values
from regulars.intake.live.standard import Map, Standard
from regulars.intake.rows import make_temp, not_empty
from regulars.model.tables import TABLES
from regulars.model.types import Type

HINTS = ("customer_id", "id_platform")
NAMED = {"orders", "returns", "messages", "visits", "checkouts", "events", "tickets", "answers"}
"""Tables whose rows say who they are of; lines follow their order."""
EXACT = (Type.MONEY, Type.DECIMAL)


def kind_of(table: str, column: str) -> Type:
    found = TABLES[table].column(column)
    return found.type if found else Type.TEXT


def listed(names: Sequence[str]) -> str:
    return ", ".join(map(literal, names))


def where(each: Map) -> str:
    """Which messages a map is of."""
    parts = [f"m.type IN ({listed(each.types)})"]
    if each.events:
        parts.append(f"m.event IN ({listed(each.events)})")
    known = [f"{values.raw(p)} IS NOT NULL AND json_type({values.raw(p)}) <> 'NULL'" for p in each.having]
    if known:
        parts.append("(" + " OR ".join(known) + ")")
    parts += [
        f"coalesce(json_type({values.raw(p)}), 'NULL') IN ('NULL') OR json_array_length({values.raw(p)}) = 0"
        if p.endswith(("products", "answers"))
        else f"coalesce(json_type({values.raw(p)}), 'NULL') = 'NULL'"
        for p in each.without
    ]
    return " AND ".join(f"({p})" for p in parts)


def source(each: Map) -> str:
    """FROM what a map reads: messages, or the things in a list of each."""
    if not each.each:
        return "live_new m"
    things = values.raw(each.each)
    things = f"from_json(CASE json_type({things}) WHEN 'ARRAY' THEN {things} END, '[\"JSON\"]')"
    return (
        f"(SELECT m.*, unnest({things}) AS item, generate_subscripts({things}, 1) AS nth FROM live_new m "
        f"WHERE {where(each)}) m"
    )


def select(each: Map) -> str:
    """The rows of one map."""
    said = {"_row": "m._row"}
    if each.table == "lines":
        said["line"] = "m.nth"
    if each.table in NAMED:
        said |= {h: f"m.{h}" for h in HINTS}
    columns, texts = {c: quoted(c) for c in said}, values.Texts()
    for column, paths in each.columns.items():
        read, columns[column] = values.in_steps(column, paths, kind_of(each.table, column), texts.at)
        said |= read
    chosen = ", ".join(f"CAST({sql} AS {_sql_type(each.table, c)}) AS {quoted(c)}" for c, sql in columns.items())
    key = TABLES[each.table].key[0]
    text = f"SELECT {chosen} FROM ({_read(each, said, texts)})"
    if each.new_only:
        text = f"SELECT * FROM ({text}) WHERE {key} IS NOT NULL AND {key} NOT IN (SELECT {key} FROM {each.table})"
    return text


def _read(each: Map, said: Mapping[str, str], texts: values.Texts) -> str:
    """What a map reads, by name."""
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in said.items())
    condition = f" WHERE {where(each)}" if not each.each else ""
    return f"SELECT {listed} FROM (SELECT {texts.columns()} FROM {source(each)}{condition}) m"


def _sql_type(table: str, column: str) -> str:
    if column in ("_row", "line"):
        return "BIGINT"
    return SQL_TYPES[kind_of(table, column).value]


def faults(maps: Standard) -> list[str]:
    """Queries of (_row, reason): what a message lacks or says so that it cannot be read."""
    parts = []
    for each in maps.maps:
        said, reasons_for, texts = {"_row": "m._row"}, [], values.Texts()
        for column, paths in each.columns.items():
            kind = kind_of(each.table, column)
            if column in each.needs:
                read, value = values.in_steps(column, paths, kind, texts.at)
                said |= read
                reason = literal(reasons.as_json("no-key", paths[0].rpartition(".")[2]))
                reasons_for.append(f"CASE WHEN ({value}) IS NULL THEN {reason} END")
            if kind in EXACT:
                said[column], text = values.first(paths, texts.at), quoted(column)
                reasons_for += _amount_faults(each.table, column, text)
        if each.each:
            said["item"] = "m.item"
            reason = literal(reasons.as_json("items-not-object", each.each.rpartition(".")[2]))
            reasons_for.append(f"CASE WHEN json_type(item) <> 'OBJECT' THEN {reason} END")
        if reasons_for:
            found = f"SELECT _row, least({', '.join(reasons_for)}) AS reason FROM ({_read(each, said, texts)})"
            parts.append(f"SELECT * FROM ({found}) WHERE reason IS NOT NULL")
    return parts


def _amount_faults(table: str, column: str, text: str) -> list[str]:
    """Reasons against a number that cannot be read, or that says of a refund that less than nothing came back.

    Segment's specification has no sign: such a refund may be one of what was paid, or one taken back.
    https://segment.com/docs/connections/spec/ecommerce/v2/#order-refunded
    """

    def unless(wrong: str, code: str) -> str:
        reason = reasons.all_of([reasons.as_sql(code, literal(column), f"left({text}, 40)")])
        return f"CASE WHEN {wrong} THEN {reason} END"

    found = [unless(f"{text} IS NOT NULL AND ({values.amount(text)}) IS NULL", "no-amount")]
    return [*found, unless(f"({values.amount(text)}) < 0", "below-nothing")] if table == "returns" else found


def select_known(each: Map, beside: bool) -> str:
    """As `select`, only of rows that the shop has, or that come ``beside`` in ``in_<table>``: each with its moment."""
    key = TABLES[each.table].key[0]
    known = f'SELECT {key}, "at" FROM {each.table}'
    known += f' UNION ALL SELECT {key}, "at" FROM in_{each.table}' if beside else ""
    return (
        f'SELECT r.*, k."at" FROM ({select(each)}) r JOIN (SELECT {key}, any_value("at") AS "at" FROM ({known}) '
        f"GROUP BY 1) k USING ({key})"
    )


def make_tables(engine: DuckDBEngine, maps: Standard, more: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Fill temp tables ``in_<table>``, and name those that have rows; ``more`` are further selects by table."""
    made = []
    for table in TABLES:
        parts = [select(m) for m in maps.of(table) if not m.known_only] + list(more.get(table, ()))
        late = [m for m in maps.of(table) if m.known_only]
        if parts:
            make_temp(engine, f"in_{table}", " UNION ALL BY NAME ".join(f"({p})" for p in parts))
        if late:
            whole = [f"(FROM in_{table})"] if parts else []
            whole += [f"({select_known(m, bool(parts))})" for m in late]
            make_temp(engine, f"in_{table}", " UNION ALL BY NAME ".join(whole))
        if parts or late:
            made.append(table)
    some = not_empty(engine, [f"in_{t}" for t in made])
    return tuple(t for t in made if f"in_{t}" in some)
