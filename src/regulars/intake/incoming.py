"""What a file brings, shaped for writing: every row gets its key, and every order its sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake import reasons
from regulars.intake.prepared import Prepared
from regulars.intake.rows import columns_of, make_temp
from regulars.model.tables import TABLES, Table

HINTS = ("customer_id", "id_email", "id_phone", "id_platform", "id_name", "id_postcode")
LINKING = HINTS[:4]
FACTS_WITHOUT_PEOPLE = frozenset({"products", "accounts", "costs"})
MOMENT_NEEDED = ("messages", "visits", "checkouts", "events", "tickets")


@dataclass(frozen=True)
class Incoming:
    """The file's tables by name, with the columns each has; ``relation`` is where a table's rows stand now."""

    prepared: Prepared
    columns: Mapping[str, frozenset[str]]
    relations: Mapping[str, str]
    rows: Mapping[str, int]

    def has(self, table: str) -> bool:
        return self.rows.get(table, 0) > 0

    def hints(self, table: str) -> tuple[str, ...]:
        return tuple(h for h in HINTS if h in self.columns.get(table, ()))

    def relation(self, table: str) -> str:
        return self.relations[table]

    def column(self, table: str, name: str, alias: str) -> str:
        """The column as an expression, NULL where the file does not say it."""
        return f"{alias}.{quoted(name)}" if name in self.columns.get(table, ()) else "NULL"


def shape(engine: DuckDBEngine, prepared: Prepared) -> Incoming:
    """The rows of ``in_<table>`` with a key each; rows that cannot have one move to ``in_refused``.

    Orders that are their lines' groups follow once the lines are summed, see `orders.with_orders`.
    """
    columns: dict[str, frozenset[str]] = {}
    relations: dict[str, str] = {}
    rows: dict[str, int] = {}
    _make_refused(engine)
    for name in prepared.tables:
        if name == "orders" and prepared.order_columns:
            continue
        columns[name] = columns_of(engine, f"in_{name}")
        relations[name] = _keyed(engine, TABLES[name], f"in_{name}", columns[name])
        if relations[name] != f"in_{name}":
            columns[name] = columns_of(engine, relations[name])
        rows[name] = int(engine.value(f"SELECT count(*) FROM {quoted(relations[name])}"))
    if "customers" in columns:
        relations["customers"] = _with_hints(engine, relations["customers"])
        columns["customers"] = columns_of(engine, relations["customers"])
    return Incoming(prepared, columns, relations, rows)


def _make_refused(engine: DuckDBEngine) -> None:
    engine.execute("CREATE TEMP TABLE IF NOT EXISTS in_refused (_row BIGINT, reason VARCHAR, content JSON)")


def _keyed(engine: DuckDBEngine, table: Table, relation: str, columns: frozenset[str]) -> str:
    relation = _without_unusable(engine, table, relation, columns)
    if table.name == "customers":
        return relation
    if table.name == "lines":
        return _lines_keyed(engine, relation, columns)
    missing = [k for k in table.key if k not in columns]
    if not missing and not engine.rows(f"SELECT 1 FROM {quoted(relation)} WHERE {quoted(table.key[-1])} IS NULL "
                                       f"LIMIT 1"):
        return relation
    return _keyed_by_content(engine, table, relation, columns)


def _without_unusable(engine: DuckDBEngine, table: Table, relation: str, columns: frozenset[str]) -> str:
    """Refuse rows that can never be used: no moment where one is needed, no name where nothing else can be a key."""
    reason, holds = "", "true"
    if table.name in ("products", "accounts"):
        key = table.key[0]
        reason = reasons.as_sql("no-key", literal(key))
        holds = f"{quoted(key)} IS NOT NULL" if key in columns else "false"
    elif table.name in MOMENT_NEEDED:
        moments = [c for c in ("at", "opened") if c in columns]
        reason = reasons.as_sql("no-date")
        holds = f"coalesce({', '.join(map(quoted, moments))}) IS NOT NULL" if moments else "false"
    if holds == "true" or not engine.rows(f"SELECT 1 FROM {quoted(relation)} WHERE NOT ({holds}) LIMIT 1"):
        return relation
    refuse(engine, f"SELECT t._row, {reasons.all_of([reason])}, to_json(t) FROM {quoted(relation)} t "
                   f"WHERE NOT ({holds})")
    make_temp(engine, f"usable_{table.name}", f"SELECT * FROM {quoted(relation)} WHERE {holds}")
    return f"usable_{table.name}"


def refuse(engine: DuckDBEngine, select: str) -> None:
    """Add rows (_row, reason, content) to the refused ones."""
    engine.execute(f"INSERT INTO in_refused {select}")


def content_key(engine: DuckDBEngine, relation: str, columns: frozenset[str], prefix: str) -> str:
    """An expression: the same content gives the same key, its second copy another one, in whatever file it comes."""
    kinds = engine.columns(relation)
    texts = [_content(c, kinds[c]) for c in sorted(columns - {"_row"})]
    digest = f"left(md5(concat_ws(chr(31), {', '.join(texts)})), 20)"
    nth = f"row_number() OVER (PARTITION BY {digest} ORDER BY _row)"
    return f"{literal(prefix)} || {digest} || CASE {nth} WHEN 1 THEN '' ELSE '-' || {nth} END"


def _content(column: str, kind: str) -> str:
    text = f"CAST({quoted(column)} AS VARCHAR)"
    if column in ("id_email", "email"):
        text = f"fold({text})"
    return f"coalesce({text}, chr(30))"


def _keyed_by_content(engine: DuckDBEngine, table: Table, relation: str, columns: frozenset[str]) -> str:
    """Rows without an id of their own are known by what they say."""
    key = "respondent" if table.name == "answers" else table.key[0]
    made = content_key(engine, relation, columns - {key}, f"{table.name[0]}-")
    if key in columns:
        made = f"coalesce({quoted(key)}, {made})"
    others = [f"coalesce({quoted(k)}, '')" if k in columns else "''" for k in table.key if k != key]
    names = [k for k in table.key if k != key]
    rest = ", ".join(quoted(c) for c in sorted(columns - set(table.key)))
    fixed = "".join(f", {o} AS {quoted(n)}" for o, n in zip(others, names, strict=True))
    make_temp(engine, f"keyed_{table.name}", f"SELECT {made} AS {quoted(key)}{fixed}, {rest} FROM {quoted(relation)}")
    return f"keyed_{table.name}"


def _lines_keyed(engine: DuckDBEngine, relation: str, columns: frozenset[str]) -> str:
    """Lines that name no order: what one person bought at one moment is one order."""
    if "order_id" in columns and not engine.rows(f"SELECT 1 FROM {quoted(relation)} WHERE order_id IS NULL LIMIT 1"):
        return relation
    texts = [_content(c, "") for c in ("at", *HINTS) if c in columns]
    made = f"'o-' || left(md5(concat_ws(chr(31), {', '.join(texts)})), 20)" if texts else "'o-'"
    order = f"coalesce(order_id, {made})" if "order_id" in columns else made
    rest = ", ".join(quoted(c) for c in sorted(columns - {"order_id"}))
    make_temp(engine, "keyed_lines", f"SELECT {order} AS order_id, {rest} FROM {quoted(relation)}")
    return "keyed_lines"


def _with_hints(engine: DuckDBEngine, relation: str) -> str:
    """A customer's own e-mail address and phone number say who it is; the name does where nothing else can."""
    columns = columns_of(engine, relation)
    made = {h: _either(h, attribute, columns) for h, attribute in (("id_email", "email"), ("id_phone", "phone"))}
    name = _either("id_name", "name", columns)
    if name is None and "first_name" in columns:
        name = f"concat_ws(' ', first_name{', last_name' if 'last_name' in columns else ''})"
    strong = ", ".join(x for x in (*made.values(), *(h for h in ("customer_id", "id_platform") if h in columns)) if x)
    if name is not None:
        made["id_name"] = f"CASE WHEN coalesce({strong}, NULL) IS NULL THEN nullif({name}, '') END" if strong else name
    added = {hint: sql for hint, sql in made.items() if sql is not None}
    rest = [quoted(c) for c in sorted(columns - set(added))]
    make_temp(engine, "hinted_customers",
              f"SELECT {', '.join([*rest, *(f'{v} AS {h}' for h, v in added.items())])} FROM {quoted(relation)}")
    return "hinted_customers"


def _either(hint: str, attribute: str, columns: frozenset[str]) -> str | None:
    found = [c for c in (hint, attribute) if c in columns]
    return f"coalesce({', '.join(found)}, NULL)" if found else None
