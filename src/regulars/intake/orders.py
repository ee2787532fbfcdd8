"""Writing orders and their lines: an order's amounts are counted once, every line hangs on an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake.identities import Who
from regulars.intake.incoming import Incoming
from regulars.intake.prepared import WHOLE_LINES
from regulars.intake.rows import drop_temps, is_empty, make_temp, make_view, remember
from regulars.intake.settle import COUNTED, line_terms, order_terms, sums
from regulars.intake.write import Count, as_type, fold_repeats
from regulars.model.tables import LINES, ORDERS

AS_STATED = {"total": "total_stated", "refunded": "refunded_stated", "discount": "discount_stated"}
ALWAYS = ("status", "channel", "promo_code", "total_stated", "refunded_stated", "discount_stated", "shipping", "tax")
LINE_STATED = ("product_id", "product_name", "quantity", "unit_price", "discount", "unit_cost", "returned_stated")
NOT_SAID = frozenset({"order_id", "customer_id", "at", *AS_STATED.values()})


@dataclass(frozen=True)
class LineForm:
    """How the file's lines are read: expressions over alias ``l`` (and ``p``, the product, where its cost is known)."""

    columns: dict[str, str]
    product_join: str
    cost: str
    numbered: bool

    @property
    def back(self) -> str:
        """What was returned, as the line says."""
        return "0" if self.columns["returned_stated"] == "NULL" else f"coalesce({self.columns['returned_stated']}, 0)"

    def terms(self) -> dict[str, str]:
        """Settled columns of a line ``x`` that has its numbers, and ``returned_stated`` and ``cost`` where known."""
        back = "0" if self.back == "0" else "coalesce(x.returned_stated, 0)"
        discount = "0" if self.columns["discount"] == "NULL" else "coalesce(x.discount, 0)"
        return line_terms("x", back, "NULL" if self.cost == "NULL" else "x.cost", discount)

    def plain(self) -> str:
        """The line's stated columns as a select list."""
        return ", ".join(f"{as_type(LINES, c, sql)} AS {c}" for c, sql in self.columns.items())


def line_form(engine: DuckDBEngine, incoming: Incoming) -> LineForm:
    """Read once how this file's lines come. A line that says no quantity is of one piece."""
    has = incoming.columns["lines"]
    columns = {c: f"l.{c}" if c in has else "NULL" for c in LINE_STATED}
    if "returned_quantity" in has and "returned_stated" not in has:
        columns["returned_stated"] = "l.returned_quantity"
    columns["quantity"] = "coalesce(l.quantity, 1)" if "quantity" in has else "1"
    costed = "product_id" in has and engine.rows("SELECT 1 FROM products WHERE unit_cost IS NOT NULL LIMIT 1")
    costs = ([columns["unit_cost"]] if "unit_cost" in has else []) + (["p.unit_cost"] if costed else [])
    return LineForm(columns, "LEFT JOIN products p ON p.product_id = l.product_id" if costed else "",
                    f"coalesce({', '.join(costs)}, NULL)" if costs else "NULL", _numbered(engine, incoming))


def _numbered(engine: DuckDBEngine, incoming: Incoming) -> bool:
    """Whether the file numbers its lines, each number once in an order."""
    if "line" not in incoming.columns["lines"]:
        return False
    relation = quoted(incoming.relation("lines"))
    total, stated, different = engine.rows(
        f"SELECT count(*), count(line), (SELECT count(*) FROM (SELECT DISTINCT order_id, line FROM {relation})) "
        f"FROM {relation}")[0]
    return bool(total == stated == different)


def sum_lines(engine: DuckDBEngine, incoming: Incoming, form: LineForm) -> None:
    """``lined``: one row an order of the file's lines, with who, when, and how much."""
    has, hints = incoming.columns["lines"], incoming.hints("lines")
    parts = ["order_id", "min(_row) AS first_row", "max(_row) AS last_row", "count(*) AS n",
             'min("at") AS "at"' if "at" in has else 'NULL::TIMESTAMP AS "at"']
    if len(hints) == 1:
        parts.append(f"min({hints[0]}) AS {hints[0]}")
    elif hints:
        known = " OR ".join(f"{h} IS NOT NULL" for h in hints)
        packed = ", ".join(f"{h} := {h}" for h in hints)
        parts.append(f"arg_min(struct_pack({packed}), _row) FILTER ({known}) AS who")
    parts += [f"{sql} AS {name}" for name, sql in sums(form.terms(), "x").items()]
    own = {quoted(f"order.{c}"): how for c, how in incoming.prepared.order_columns.items()}
    parts += [f"arg_min({c}, _row) AS {c}" if how == "first" else f"{how}({c}) AS {c}" for c, how in own.items()]
    passed = ", ".join(["l.order_id", "l._row", *(f"l.{h}" for h in hints), *(['l."at"'] if "at" in has else []),
                        *(f"l.{c}" for c in own)])
    relation = WHOLE_LINES if own else incoming.relation("lines")
    inner = (f"SELECT {passed}, {as_type(LINES, 'quantity', form.columns['quantity'])} AS quantity, "
             f"{as_type(LINES, 'unit_price', form.columns['unit_price'])} AS unit_price, "
             f"{as_type(LINES, 'discount', form.columns['discount'])} AS discount, {form.back} AS returned_stated, "
             f"CAST({form.cost} AS DECIMAL(18,4)) AS cost FROM {quoted(relation)} l {form.product_join}")
    select = f"SELECT {', '.join(parts)} FROM ({inner}) x GROUP BY order_id"
    if len(hints) > 1:
        select = f"SELECT * EXCLUDE who, {', '.join(f'who.{h} AS {h}' for h in hints)} FROM ({select})"
    make_temp(engine, "lined", select)


def with_orders(engine: DuckDBEngine, incoming: Incoming) -> Incoming:
    """Orders that are their lines' groups, now that `sum_lines` has grouped these."""
    own = incoming.prepared.order_columns
    if not own:
        return incoming
    columns = "".join(f", {quoted(f'order.{c}')} AS {quoted(c)}" for c in own)
    make_view(engine, "in_orders", f"SELECT order_id, first_row AS _row{columns}, {', '.join(SUMS)} FROM lined")
    return replace(incoming, columns={**incoming.columns, "orders": frozenset({"order_id", "_row", *own})},
                   relations={**incoming.relations, "orders": "in_orders"},
                   rows={**incoming.rows, "orders": int(engine.value("SELECT count(*) FROM lined"))})


def gather_orders(engine: DuckDBEngine, incoming: Incoming, who: Who) -> int:
    """``orders_in``: one row an order, out of its own row and of its lines; returns how many rows were folded."""
    if incoming.prepared.order_columns:
        _gather_of_lines(engine, incoming, who)
        return 0
    said = _stated_orders(engine, incoming, who) if incoming.has("orders") else None
    lined = None
    if incoming.has("lines"):
        join, customer = who.join(incoming, "lines", "d")
        lined = f"SELECT d.*, CAST({customer} AS VARCHAR) AS customer FROM lined d {join}"
    gathered = f"SELECT x.*, {_is_new(engine)} AS is_new FROM ({{rows}}) x"
    drop_temps(engine, ["orders_in"])
    make_temp(engine, "orders_in", gathered.format(rows=_joined(said, lined)))
    if said is None or _are_one_each(engine, incoming):
        return 0
    make_temp(engine, "orders_said", said)
    columns = [c for c in engine.columns("orders_said") if c not in ("order_id", "_row")]
    repeated = fold_repeats(engine, "orders_said", ("order_id",), columns)
    make_temp(engine, "orders_in", gathered.format(rows=_joined("FROM orders_said", lined)))
    return repeated


def _is_new(engine: DuckDBEngine) -> str:
    return "true" if is_empty(engine, "orders") else "NOT EXISTS (FROM orders t WHERE t.order_id = x.order_id)"


def _gather_of_lines(engine: DuckDBEngine, incoming: Incoming, who: Who) -> None:
    """``orders_in`` where `sum_lines` has all of it: read where it stands, unless something has to be looked up."""
    said = _stated_orders(engine, incoming, who, SUMS)
    new = _is_new(engine)
    drop_temps(engine, ["orders_in"])
    plain = new == "true" and not who.join(incoming, "orders", "t")[0]
    (make_view if plain else make_temp)(
        engine, "orders_in", f"SELECT x.* EXCLUDE _row, false AS implied, {new} AS is_new FROM ({said}) x")


def _are_one_each(engine: DuckDBEngine, incoming: Incoming) -> bool:
    """Whether no order has two rows of its own: seen without a count of different orders where all have lines."""
    rows, implied = engine.rows("SELECT count(*), count(*) FILTER (implied) FROM orders_in")[0]
    if incoming.has("lines") and not implied and rows == engine.value("SELECT count(*) FROM lined"):
        return True
    return bool(engine.value("SELECT count(DISTINCT order_id) FROM orders_in") == rows)


def _stated_orders(engine: DuckDBEngine, incoming: Incoming, who: Who, more: Sequence[str] = ()) -> str:
    """The orders' own rows, as a query; ``more`` are columns of the relation to pass along."""
    has, relation = incoming.columns["orders"], quoted(incoming.relation("orders"))
    columns = {AS_STATED.get(c.name, c.name): f"t.{quoted(c.name)}" for c in ORDERS.stated
               if c.name in has and c.name not in NOT_SAID}
    columns.update({c: f"t.{c}" for c in AS_STATED.values() if c in has})
    for missing in ALWAYS:
        columns.setdefault(missing, "NULL")
    columns["at"] = 't."at"' if "at" in has else "NULL"
    join, customer = who.join(incoming, "orders", "t")
    select = ", ".join([*(f"{as_type(ORDERS, c, sql)} AS {quoted(c)}" for c, sql in columns.items()),
                        *(f"t.{c}" for c in more)])
    return f"SELECT t.order_id, CAST({customer} AS VARCHAR) AS customer_id, {select}, t._row FROM {relation} t {join}"


SUMS = ("items", "sold", "off", "kept", "given_back", "margin", "n", "first_row")


def _joined(said: str | None, lined: str | None) -> str:
    of_lines = ", ".join(f"d.{s}" for s in SUMS)
    if said and lined:
        return ("SELECT coalesce(o.order_id, d.order_id) AS order_id, coalesce(o.customer_id, d.customer) AS "
                "customer_id, coalesce(o.\"at\", d.\"at\") AS \"at\", o.* EXCLUDE (order_id, customer_id, "
                "\"at\", _row), "
                f"{of_lines}, o.order_id IS NULL AS implied "
                f"FROM ({said}) o FULL JOIN ({lined}) d ON d.order_id = o.order_id")
    if said:
        nothing = ", ".join(f"NULL::{k} AS {s}" for s, k in zip(
            SUMS, ("DECIMAL(18,4)",) * 4 + ("BOOLEAN", "DECIMAL(18,4)", "BIGINT", "BIGINT"), strict=True))
        return f"SELECT * EXCLUDE _row, {nothing}, false AS implied FROM ({said})"
    empty = ", ".join(f"{as_type(ORDERS, c, 'NULL')} AS {c}" for c in ALWAYS)
    return (f"SELECT d.order_id, d.customer AS customer_id, d.\"at\", {empty}, {of_lines}, "
            f"true AS implied FROM ({lined}) d")


def write_orders(engine: DuckDBEngine, incoming: Incoming, import_id: str, repeated: int) -> Count:
    """Change the orders that are there, add the others, settled. ``orders_in`` says which is which."""
    said = [c for c in engine.columns("orders_in") if c in {x.name for x in ORDERS.columns}
            and c not in ("order_id", "items", "margin")]
    changed = _change_orders(engine, said, import_id)
    terms = order_terms("s", "s", "0", "0")
    insert = {"order_id": "s.order_id", **{c: f"s.{quoted(c)}" for c in said}, **terms}
    total, added = engine.rows("SELECT count(*), count(*) FILTER (is_new) FROM orders_in")[0]
    if added:
        needed = ("order_id", *said, "items", "sold", "off", "kept", "given_back", "margin")
        rows = _filled(engine, needed, "SELECT {columns} FROM orders_in WHERE is_new ORDER BY customer_id, \"at\"")
        engine.execute(f"INSERT INTO orders ({', '.join(map(quoted, insert))}, source) SELECT "
                       f"{', '.join(insert.values())}, {literal(import_id)} FROM ({rows}) s")
    new = "FROM orders_in WHERE is_new AND customer_id IS NOT NULL"
    engine.execute(f"INSERT INTO touched SELECT DISTINCT customer_id {new}")
    engine.execute(f'INSERT INTO dated SELECT customer_id, min("at"), true {new} GROUP BY customer_id')
    return Count(total + repeated, added, changed, total - added - changed, repeated)


def _filled(engine: DuckDBEngine, columns: Sequence[str], rows: str, alias: str = "") -> str:
    """A query of columns of ``orders_in`` through ``rows``, which sorts: what holds nothing is not sorted along."""
    kinds = engine.columns("orders_in")
    counts = engine.rows(f"SELECT {', '.join(f'count({quoted(c)})' for c in columns)} FROM orders_in")[0]
    filled = [c for c, n in zip(columns, counts, strict=True) if n]
    empty = "".join(f", CAST(NULL AS {kinds[c]}) AS {quoted(c)}" for c in columns if c not in filled)
    return f"SELECT *{empty} FROM ({rows.format(columns=', '.join(alias + quoted(c) for c in filled))})"


def _change_orders(engine: DuckDBEngine, said: list[str], import_id: str) -> int:
    """An order's own row overwrites what it says; what only its lines say fills in what is not known."""
    if not engine.rows("SELECT 1 FROM orders_in WHERE NOT is_new LIMIT 1"):
        return 0
    differs = " OR ".join(f"(s.{quoted(c)} IS NOT NULL AND t.{quoted(c)} IS DISTINCT FROM s.{quoted(c)} "
                          f"AND (NOT s.implied OR t.{quoted(c)} IS NULL))" for c in said)
    make_temp(engine, "changing", 'SELECT s.*, t.customer_id AS before_customer, t."at" AS before_at FROM orders_in s '
              f"JOIN orders t ON t.order_id = s.order_id WHERE {differs}")
    changed = int(engine.value("SELECT count(*) FROM changing"))
    if changed:
        remember(engine, import_id, "orders", "FROM orders t SEMI JOIN changing s USING (order_id)")
        changes = ", ".join(f"{quoted(c)} = CASE WHEN s.implied THEN coalesce(t.{quoted(c)}, s.{quoted(c)}) "
                            f"ELSE coalesce(s.{quoted(c)}, t.{quoted(c)}) END" for c in said)
        engine.execute(f"UPDATE orders t SET {changes} FROM changing s WHERE t.order_id = s.order_id")
        engine.execute("INSERT INTO touched_orders SELECT order_id FROM changing")
        whose = "SELECT unnest([customer_id, before_customer]) FROM changing"
        engine.execute(f"INSERT INTO touched {whose}")
        engine.execute(f'INSERT INTO redated {whose} WHERE "at" IS DISTINCT FROM before_at OR customer_id IS DISTINCT '
                       "FROM before_customer")
    return changed


def add_new_lines(engine: DuckDBEngine, incoming: Incoming, form: LineForm, import_id: str) -> int:
    """The lines of orders that are new: nothing to compare them with, so they are written settled."""
    new = int(engine.value("SELECT coalesce(sum(n), 0) FROM orders_in WHERE is_new"))
    if not new:
        return 0
    number = "l.line" if form.numbered else "l._row - o.first_row + 1"
    said = {c: sql for c, sql in form.columns.items() if sql != "NULL" or c == "unit_price"}
    if not form.numbered and engine.rows("SELECT 1 FROM lined WHERE n > last_row - first_row + 1 LIMIT 1"):
        # One record of the file holds several lines: its number alone does not tell them apart.
        told = "".join(f", {sql}" for sql in said.values() if sql.startswith("l."))
        number = f"row_number() OVER (PARTITION BY l.order_id ORDER BY l._row{told})"
    stated = "".join(f", {as_type(LINES, c, sql)} AS {c}" for c, sql in said.items())
    cost = "" if form.cost == "NULL" else f", {form.cost} AS cost"
    inner = _filled(engine, ("order_id", "customer_id", "at", "channel", "promo_code", "status"),
                    f"SELECT {{columns}}, {number} AS line{stated}{cost} FROM {quoted(incoming.relation('lines'))} l "
                    f"JOIN orders_in o ON o.order_id = l.order_id AND o.is_new {form.product_join} "
                    "ORDER BY o.customer_id, o.\"at\"", "o.")
    columns = {c: f"x.{quoted(c)}" for c in ("order_id", "line", "customer_id", "at", "channel", "promo_code")}
    columns |= {"counted": COUNTED.format(o="x")} | {c: f"x.{c}" if c in said else "NULL" for c in LINE_STATED}
    columns |= {c: sql for c, sql in form.terms().items() if c != "sold"}
    engine.execute(f"INSERT INTO lines ({', '.join(map(quoted, columns))}, source) SELECT "
                   f"{', '.join(columns.values())}, {literal(import_id)} FROM ({inner}) x")
    return new
