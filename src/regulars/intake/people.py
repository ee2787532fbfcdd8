"""Writing customers: several rows may speak of one person, and the newest word on consent wins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from regulars.engines.duckdb import SQL_TYPES, DuckDBEngine, quoted
from regulars.intake.identities import Who
from regulars.intake.incoming import FACTS_WITHOUT_PEOPLE, Incoming
from regulars.intake.rows import make_temp, remake, remember
from regulars.intake.write import Count, as_type
from regulars.model.tables import CUSTOMERS

CONSENTS = ("email", "sms", "phone", "post")
RANK = "CASE {x} WHEN 'customer' THEN 3 WHEN 'subscriber' THEN 2 WHEN 'prospect' THEN 1 ELSE 0 END"


def write_customers(engine: DuckDBEngine, incoming: Incoming, who: Who, import_id: str, now: datetime) -> Count:
    """Fill in customers the file describes; their rows are there already, made by `identities.resolve`.

    An undated "no" to messages counts as said ``now``.
    """
    if not incoming.has("customers"):
        return Count()
    own = {f.name for f in incoming.prepared.own_fields if f.table == "customers"}
    stated = [c.name for c in CUSTOMERS.stated if c.name != "customer_id"]
    said = [c for c in (*stated, *sorted(own)) if c in incoming.columns["customers"]]
    join, customer = who.join(incoming, "customers", "t")
    kinds = engine.columns("customers")
    select = ", ".join(f"{as_type(CUSTOMERS, c, f't.{quoted(c)}') if c not in own else _fitting(c, kinds[c])} "
                       f"AS {quoted(c)}" for c in said)
    weak = "coalesce(w.weak, false)" if join else "false"
    make_temp(engine, "people", f"SELECT {customer} AS customer_id, {weak} AS weak, "
                                f"t._row{', ' if said else ''}{select} "
              f"FROM {quoted(incoming.relation('customers'))} t {join}")
    left_out = int(engine.value("SELECT count(*) FROM people WHERE customer_id IS NULL"))
    rows = incoming.rows["customers"]
    described = not any(t not in FACTS_WITHOUT_PEOPLE and t != "customers" for t in incoming.prepared.tables)
    people = _one_each(engine, said)
    _compare(engine, said, described, f"TIMESTAMP '{now.isoformat(sep=' ')}'")
    added = int(engine.value("SELECT count(*) FROM people JOIN who_new USING (customer_id)"))
    changed = int(engine.value("SELECT count(*) FROM changing ANTI JOIN who_new USING (customer_id)"))
    remember(engine, import_id, "customers", "FROM people_before t SEMI JOIN (FROM changing ANTI JOIN who_new "
             "USING (customer_id)) s USING (customer_id)")
    _take(engine, said)
    engine.execute("INSERT INTO touched SELECT customer_id FROM changing")
    return Count(rows, added, changed, people - added - changed, rows - left_out - people, left_out=left_out)


def _fitting(column: str, kind: str) -> str:
    """A column of the shop's own keeps the type it had first; what does not fit it is left out."""
    return f"TRY_CAST(t.{quoted(column)} AS {kind})"


def _one_each(engine: DuckDBEngine, said: Sequence[str]) -> int:
    """One row a person: of each column the last that was said, by the rows of the customer that stayed first."""
    engine.execute("DELETE FROM people WHERE customer_id IS NULL")
    total, people = engine.rows("SELECT count(*), count(DISTINCT customer_id) FROM people")[0]
    if total != people:
        order = "{'strong': NOT weak, 'nth': _row}"
        parts = [f"{_combined(c, said, order)} AS {quoted(c)}" for c in said]
        make_temp(engine, "people", f"SELECT customer_id, bool_and(weak) AS weak, min(_row) AS _row"
                  f"{', ' if parts else ''}{', '.join(parts)} FROM people GROUP BY customer_id")
    return int(people)


def _combined(column: str, said: Sequence[str], order: str) -> str:
    if column == "at":
        return 'min("at")'
    if column == "kind":
        return f"arg_max(kind, {RANK.format(x='kind')})"
    for channel in CONSENTS:
        if column.startswith(f"{channel}_consent") and f"{channel}_consent" in said:
            consent, at = f"{channel}_consent", f"{channel}_consent_at"
            dated = f"coalesce({at}, TIMESTAMP '0001-01-01')" if at in said else "TIMESTAMP '0001-01-01'"
            newest = f"{{'moment': {dated}, 'refused': NOT {consent}, 'nth': _row}}"
            return f"arg_max({quoted(column)}, {newest}) FILTER ({consent} IS NOT NULL)"
    return f"arg_max({quoted(column)}, {order})"


def _compare(engine: DuckDBEngine, said: Sequence[str], described: bool, now: str) -> None:
    """``changing``: the new values of customers that come to differ."""
    dated = [f"{c}_consent_at" for c in CONSENTS if f"{c}_consent" in said]
    values = {c: _new_value(c, said, now) for c in dict.fromkeys((*said, *dated))}
    values["described"] = f"coalesce(c.described, false) OR {'true' if described else 'false'}"
    if described and "kind" not in said:
        values["kind"] = "CASE WHEN c.described THEN c.kind WHEN c.kind = 'prospect' THEN NULL ELSE c.kind END"
    columns = ", ".join(f"{sql} AS {quoted(c)}" for c, sql in values.items())
    make_temp(engine, "people_before", "FROM customers SEMI JOIN people USING (customer_id)")
    make_temp(engine, "people_now", f"SELECT c.customer_id, {columns} FROM people_before c JOIN people p USING "
                                    f"(customer_id)")
    differs = " OR ".join(f"c.{quoted(c)} IS DISTINCT FROM n.{quoted(c)}" for c in values)
    make_temp(engine, "changing", f"SELECT n.* FROM people_now n JOIN people_before c USING (customer_id) "
              f"WHERE {differs}")


def _new_value(column: str, said: Sequence[str], now: str) -> str:
    old, new = f"c.{quoted(column)}", f"p.{quoted(column)}"
    if column == "at":
        return f"least({old}, {new})"
    if column == "kind":
        return (f"CASE WHEN p.weak OR ({RANK.format(x=old)}) >= ({RANK.format(x=new)}) THEN coalesce({old}, {new}) "
                f"ELSE coalesce({new}, {old}) END")
    for channel in CONSENTS:
        if column.startswith(f"{channel}_consent") and f"{channel}_consent" in said:
            return _consent(channel, column.removeprefix(f"{channel}_consent"), said, now)
    return f"CASE WHEN p.weak THEN coalesce({old}, {new}) ELSE coalesce({new}, {old}) END"


def _consent(channel: str, part: str, said: Sequence[str], now: str) -> str:
    """The newest statement wins. Undated, a "no" is as of the import, and a "yes" never undoes a dated "no"."""
    consent, at = f"{channel}_consent", f"{channel}_consent_at"
    stated_at = f"p.{at}" if at in said else "NULL::TIMESTAMP"
    newer = (f"(p.{consent} IS NOT NULL AND CASE WHEN c.{consent} IS NULL THEN true "
             f"WHEN p.{consent} = c.{consent} THEN {stated_at} > coalesce(c.{at}, TIMESTAMP '0001-01-01') "
             f"WHEN {stated_at} IS NOT NULL AND c.{at} IS NOT NULL THEN {stated_at} > c.{at} "
             f"OR ({stated_at} = c.{at} AND NOT p.{consent}) "
             f"WHEN {stated_at} IS NOT NULL THEN true ELSE NOT p.{consent} OR c.{at} IS NULL END)")
    old, new = f"c.{channel}_consent{part}", f"p.{channel}_consent{part}"
    if part == "_at":
        new = f"coalesce({stated_at}, CASE WHEN c.{at} IS NOT NULL THEN {now} END)"
    return f"CASE WHEN {newer} THEN {new} ELSE {old} END"


def _take(engine: DuckDBEngine, said: Sequence[str]) -> None:
    columns = [c for c in engine.columns("changing") if c != "customer_id"]
    changes = ", ".join(f"{quoted(c)} = n.{quoted(c)}" for c in columns)
    engine.execute(f"UPDATE customers c SET {changes} FROM changing n WHERE n.customer_id = c.customer_id")


def add_own_fields(engine: DuckDBEngine, incoming: Incoming, import_id: str) -> None:
    """Make room for columns of the shop's own, and name them, event properties and questions in ``fields``."""
    known = {(t, n) for t, n in engine.rows("SELECT table_name, name FROM fields")}
    columns = engine.columns("customers")
    missing = {f.name: SQL_TYPES[f.type.value] for f in incoming.prepared.own_fields
               if f.table == "customers" and f.name not in columns}
    if missing:
        added = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in missing.items())
        remake(engine, "customers", f"SELECT *, {added} FROM customers")
    for field in incoming.prepared.own_fields:
        if (field.table, field.name) not in known:
            engine.execute("INSERT INTO fields VALUES (?, ?, ?, ?, ?)",
                           [field.table, field.name, field.type.value, field.label or field.name, import_id])
            known.add((field.table, field.name))
