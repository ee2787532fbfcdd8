"""What is worked out of stated facts: what a line earned, what an order came to, since when a customer is known.

One set of expressions serves rows as they are written, rows settled again later, and `regulars check`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake.rows import is_empty, make_temp, make_view, not_empty, remember
from regulars.model.tables import FACT_TABLES

MONEY = "DECIMAL(18,4)"
EVERYBODY = "SELECT '' AS customer_id"
NOTHING = f"CAST(NULL AS {MONEY})"
CENT = "0.01"
LARGE = "9e9"
COUNTED = "coalesce({o}.status, 'paid') IN ('paid', 'refunded')"
LINE_SETTLED = ("customer_id", "at", "channel", "promo_code", "counted", "returned_quantity", "amount", "margin",
                "returned")
SEEN_BY = (*(f.name for f in FACT_TABLES if f.name != "lines"), "returns")
"""The tables whose first row is when a customer was first seen."""
ORDER_SETTLED = ("total", "discount", "refunded", "counted", "discounted", "items", "margin", "returned")


def multiplied(one: str, other: str, less: str = "", of: str = "") -> str:
    """``of`` minus ``one`` times ``other``, or the product less ``less``, as money.

    The engine's quick way holds products, and what they are taken from, below 10^10: a line in rupiah is soon beyond.
    The way that holds all takes a hundred times as long, and is gone where it has to be.
    """
    before, after = f"{of} - " if of else "", f" - {less}" if less else ""
    sizes = [f"CAST({one} AS DOUBLE) * CAST({other} AS DOUBLE)", *(f"CAST({x} AS DOUBLE)" for x in (less, of) if x)]
    large = " OR ".join(f"abs({size}) >= {LARGE}" for size in sizes)
    return (f"CASE WHEN {large} THEN CAST({before}{wide(one)} * {other}{after} AS {MONEY}) ELSE "
            f"CAST({before}{one} * {other}{after} AS {MONEY}) END")


def wide(number: str) -> str:
    """The number as a factor of products that are too large for the engine's quick way; for few rows."""
    return f"CAST({number} AS DECIMAL(28,4))"


def line_terms(line: str, back: str, cost: str, discount: str = "", priced: str = "0",
               money: str = "0") -> dict[str, str]:
    """Settled columns of a line; ``back`` is how many pieces were returned of it, ``cost`` what one piece cost (NULL:
    unknown).

    ``money`` was given back for ``priced`` of these pieces, by what their returns say; for the others what they came
    to. ``sold`` is what the line came to before anything of it was given back.
    """
    quantity, price = f"{line}.quantity", f"{line}.unit_price"
    off = discount or f"coalesce({line}.discount, 0)"
    sold = multiplied(quantity, price, "" if off == "0" else off)
    others = back if priced == "0" else f"{back} - {priced}"
    kept = f"CAST({wide(sold)} * ({quantity} - ({others})) / {quantity} AS {MONEY})"
    amount = sold if back == "0" else f"CASE WHEN ({back}) = 0 OR {quantity} = 0 THEN {sold} ELSE {kept} END"
    if money != "0":
        amount = f"CAST({amount} - {money} AS {MONEY})"
    margin = NOTHING if cost == "NULL" else multiplied(f"({quantity} - ({back}))", f"({cost})", of=amount)
    return {"sold": sold, "returned_quantity": f"CAST({back} AS {MONEY})", "amount": amount,
            "margin": margin, "returned": "false" if back == "0" else f"({back}) > 0"}


def sums(terms: Mapping[str, str], line: str) -> dict[str, str]:
    """What an order's lines add up to."""
    margin = terms["margin"]
    if margin == NOTHING:
        of_margins = NOTHING
    else:
        of_margins = f"CASE WHEN count({margin}) = count(*) THEN CAST(sum({margin}) AS {MONEY}) END"
    return {"items": f"CAST(sum({line}.quantity) AS {MONEY})", "sold": f"CAST(sum({terms['sold']}) AS {MONEY})",
            "off": f"CAST(sum({line}.discount) AS {MONEY})",
            "kept": f"CAST(sum({terms['amount']}) AS {MONEY})", "given_back": f"bool_or({terms['returned']})",
            "margin": of_margins}


def order_terms(order: str, of_lines: str, loose: str, undone: str) -> dict[str, str]:
    """Settled columns of an order; ``loose`` is what came back of it without naming a line, ``undone`` all that came
    back on documents of its own.

    A line that says some pieces came back says nothing of the money of an order whose total is stated: only a refund,
    stated or on a document, does.
    """
    total = f"coalesce({order}.total_stated, {of_lines}.sold)"
    back = (f"CASE WHEN {order}.total_stated IS NULL THEN coalesce({of_lines}.sold - {of_lines}.kept, 0) + {loose} "
            f"ELSE {undone} END")
    refunded = (f"coalesce({order}.refunded_stated, CASE WHEN {order}.status = 'refunded' THEN {total} "
                f"ELSE CAST({back} AS {MONEY}) END, 0)")
    off = taken_off(order, of_lines)
    discounted = f"CASE WHEN {off} IS NOT NULL THEN {off} > 0 WHEN {order}.promo_code IS NOT NULL THEN true END"
    return {"total": total, "discount": off, "refunded": refunded, "counted": COUNTED.format(o=order),
            "discounted": discounted, "items": f"{of_lines}.items", "margin": f"{of_lines}.margin",
            "returned": f"{refunded} > 0 OR coalesce({of_lines}.given_back, false)"}


def taken_off(order: str, of_lines: str) -> str:
    """The discount of an order and of its lines, the same money counted once: unknown where neither is known.

    Sources differ in whether an order's discount repeats its lines'. Where its total is what is left of the lines when
    the order's discount comes off as well, both were given; else the larger one holds the other.
    """
    stated, off = f"{order}.discount_stated", f"{of_lines}.off"
    goods = f"({order}.total_stated - coalesce({order}.shipping, 0))"
    def comes_to(left: str) -> str:
        return f"least(abs({goods} - ({left})), abs({goods} - coalesce({order}.tax, 0) - ({left}))) < {CENT}"
    both = f"{comes_to(f'{of_lines}.sold - {stated}')} AND NOT {comes_to(f'{of_lines}.sold')}"
    return (f"CASE WHEN {stated} > 0 AND {off} > 0 THEN CAST(CASE WHEN {both} THEN {stated} + {off} ELSE "
            f"greatest({stated}, {off}) END AS {MONEY}) ELSE greatest({stated}, {off}) END")


def select_lines(only: str = "") -> str:
    """Fresh settled columns of lines; ``only`` is a relation of order_id to hold it to."""
    held = f"SEMI JOIN {only} USING (order_id)" if only else ""
    back = "greatest(coalesce(l.returned_stated, 0), coalesce(r.quantity, 0))"
    terms = line_terms("l", back, "coalesce(l.unit_cost, p.unit_cost)", priced="coalesce(r.priced, 0)",
                       money="coalesce(r.money, 0)")
    del terms["sold"]
    fresh = {"customer_id": "o.customer_id", "at": 'o."at"', "channel": "o.channel", "promo_code": "o.promo_code",
             "counted": COUNTED.format(o="o"), **terms}
    columns = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in fresh.items())
    return (f"SELECT l.order_id, l.line, {columns} FROM (FROM lines {held}) l JOIN orders o ON o.order_id = l.order_id "
            "LEFT JOIN products p ON p.product_id = l.product_id LEFT JOIN (SELECT order_id, line, sum(quantity) AS "
            "quantity, sum(quantity) FILTER (amount IS NOT NULL) AS priced, sum(amount) AS money FROM returns "
            "WHERE line IS NOT NULL GROUP BY order_id, line) r ON r.order_id = l.order_id AND r.line = l.line")


def select_orders(only: str = "", lines: str = "lines") -> str:
    """Fresh settled columns of orders, out of their lines' settled ones."""
    held = f"SEMI JOIN {only} USING (order_id)" if only else ""
    sold = multiplied("l.quantity", "l.unit_price", "coalesce(l.discount, 0)")
    added = sums({"sold": sold, "amount": "l.amount", "margin": "l.margin", "returned": "l.returned"}, "l")
    of_lines = ", ".join(f"{sql} AS {name}" for name, sql in added.items())
    came_to = f"CAST({wide('b.quantity')} * ({sold}) / nullif(l.quantity, 0) AS {MONEY})"
    columns = ", ".join(f"{sql} AS {name}" for name, sql in order_terms(
        "o", "s", "coalesce(r.loose, 0)", "coalesce(r.undone, 0)").items())
    return (f"SELECT o.order_id, {columns} FROM (FROM orders {held}) o "
            f"LEFT JOIN (SELECT order_id, {of_lines} FROM (FROM {lines} {held}) l GROUP BY order_id) s "
            "ON s.order_id = o.order_id LEFT JOIN (SELECT order_id, sum(b.amount) FILTER (b.line IS NULL) AS loose, "
            f"sum(coalesce(b.amount, {came_to})) AS undone FROM returns b LEFT JOIN lines l "
            "USING (order_id, line) WHERE order_id IS NOT NULL GROUP BY order_id) r ON r.order_id = o.order_id")


def make_room(engine: DuckDBEngine) -> None:
    """Empty temp tables for what a change of facts touches: ``touched`` customers, ``touched_orders``.

    Of the touched, ``dated`` has the moments of rows that came to those they have, ``redated`` those of whom rows were
    changed, moved or taken away.
    """
    for name, column in (("touched", "customer_id"), ("touched_orders", "order_id"), ("returns_in", "return_id"),
                         ("redated", "customer_id")):
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({column} VARCHAR)")
    engine.execute('CREATE OR REPLACE TEMP TABLE dated (customer_id VARCHAR, "at" TIMESTAMP, bought BOOLEAN)')
    make_view(engine, "orders_in", "SELECT NULL::VARCHAR AS order_id WHERE false")


def touch_margins(engine: DuckDBEngine) -> None:
    """Orders whose margin hangs on a product's cost that is another one now."""
    engine.execute("INSERT INTO touched_orders SELECT DISTINCT l.order_id FROM lines l JOIN products p USING "
                   "(product_id) "
                   "WHERE l.unit_cost IS NULL AND l.margin IS DISTINCT FROM "
                   f"{multiplied('(l.quantity - l.returned_quantity)', 'p.unit_cost', of='l.amount')}")


def settle_orders(engine: DuckDBEngine) -> None:
    """Bring the settled columns of the orders in ``touched_orders`` and of their lines up to date."""
    if is_empty(engine, "touched_orders"):
        return
    _bring(engine, "lines", ("order_id", "line"), LINE_SETTLED, select_lines("touched_orders"))
    _bring(engine, "orders", ("order_id",), ORDER_SETTLED, select_orders("touched_orders"))


def _bring(engine: DuckDBEngine, table: str, key: tuple[str, ...], columns: tuple[str, ...], fresh: str) -> None:
    same = " AND ".join(f"t.{k} = f.{k}" for k in key)
    differs = " OR ".join(f"t.{quoted(c)} IS DISTINCT FROM f.{quoted(c)}" for c in columns)
    taken = ", ".join(f"f.{quoted(c)}" for c in (*key, *columns))
    make_temp(engine, "fresh", f"SELECT {taken} FROM ({fresh}) f JOIN {table} t ON {same} WHERE {differs}")
    changes = ", ".join(f"{quoted(c)} = f.{quoted(c)}" for c in columns)
    if not is_empty(engine, "fresh"):
        engine.execute(f"UPDATE {table} t SET {changes} FROM fresh f WHERE {same}")


def imply_orders(engine: DuckDBEngine, source: str) -> None:
    """Lines without an order's row make one, so that every line hangs on an order."""
    engine.execute("INSERT INTO orders (order_id, customer_id, \"at\", source) SELECT order_id, min(customer_id), "
                   f"min(\"at\"), {literal(source)} FROM lines ANTI JOIN orders USING (order_id) GROUP BY order_id")


def select_customers(engine: DuckDBEngine, only: str = "") -> str:
    """customer_id, first_seen and whether there is an order, for every customer that has facts."""
    held = f"SEMI JOIN {only} USING (customer_id)" if only else ""
    some = not_empty(engine, SEEN_BY)
    parts = [f"SELECT customer_id, min(\"at\") AS \"at\", {'true' if t == 'orders' else 'false'} AS bought "
             f"FROM (SELECT customer_id, \"at\" FROM {t} {held}) WHERE customer_id IS NOT NULL GROUP BY customer_id"
             for t in SEEN_BY if t in some]
    if not parts:
        return "SELECT NULL::VARCHAR AS customer_id, NULL::TIMESTAMP AS first_seen, false AS bought WHERE false"
    return (f"SELECT customer_id, min(\"at\") AS first_seen, bool_or(bought) AS bought FROM "
            f"({' UNION ALL '.join(parts)}) "
            "GROUP BY customer_id")


def select_seen(engine: DuckDBEngine) -> str:
    """As `select_customers`, of those in ``touched``: all the facts of those in ``redated``, and of the others what is
    known of them and what came to it. Whoever has bought is a customer already, and stays one."""
    others = "ANTI JOIN redated USING (customer_id)"
    parts = ['SELECT customer_id, first_seen AS "at", false AS bought FROM customers SEMI JOIN touched USING '
             f"(customer_id) {others}", f"SELECT * FROM dated {others}"]
    if not is_empty(engine, "redated"):
        parts.append(select_customers(engine, "redated"))
    return ('SELECT customer_id, min("at") AS first_seen, bool_or(bought) AS bought FROM '
            f"({' UNION ALL '.join(parts)}) GROUP BY customer_id")


KIND = ("CASE WHEN coalesce(f.bought, false) OR c.kind = 'customer' THEN 'customer' "
        "WHEN c.kind IS NOT NULL THEN c.kind WHEN c.described THEN 'customer' ELSE 'prospect' END")


def settle_customers(engine: DuckDBEngine, import_id: str | None) -> None:
    """``first_seen`` and ``kind`` of the customers in ``touched``; what an import changes it remembers.

    Where ``import_id`` is None, as of one that is taken back, all of their facts are looked at.
    """
    if is_empty(engine, "touched"):
        return
    seen = select_customers(engine, "touched") if import_id is None else select_seen(engine)
    make_temp(engine, "fresh", f"SELECT c.customer_id, f.first_seen, {KIND} AS kind, c.kind IS DISTINCT FROM {KIND} AS "
              f"moved, c.source FROM customers c SEMI JOIN touched USING (customer_id) LEFT JOIN "
              f"({seen}) f ON f.customer_id = c.customer_id")
    if import_id is not None:
        remember(engine, import_id, "customers", "FROM customers t JOIN fresh f USING (customer_id) "
                 f"WHERE f.moved AND t.source IS DISTINCT FROM {literal(import_id)}")
    engine.execute("UPDATE customers c SET first_seen = f.first_seen, kind = f.kind FROM fresh f "
                   "WHERE f.customer_id = c.customer_id "
                   "AND (c.first_seen IS DISTINCT FROM f.first_seen OR c.kind IS DISTINCT FROM f.kind)")


MOST_NAMED = 20_000
"""Where more customers than this changed at once, everybody is looked at anew."""


FACTS_OF: Mapping[str, tuple[str, ...]] = {
    "customers": (), "identities": (), "orders": ("orders", "lines"), "lines": ("orders", "lines"),
    "returns": ("orders", "lines"), "products": ("orders", "lines"),
    **{t.name: (t.name,) for t in FACT_TABLES if t.name not in ("orders", "lines")}}
"""The tables whose facts may be others where rows of a table changed."""


def count_change(engine: DuckDBEngine, at: datetime | None, *, everybody: bool = False,
                 changed: Collection[str] | None = None) -> None:
    """Say that the facts are other ones now, and whose: those in ``touched``, or ``everybody``'s.

    ``at`` is when the shop learnt it, naive UTC, None where nobody said; ``changed`` are the tables of which rows
    changed, None where it may be any. Asked inside the transaction of the change.
    """
    engine.execute("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'facts_version'")
    if not engine.rows("SELECT 1 FROM segments LIMIT 1"):  # the first look at a segment is at everybody
        engine.execute("DELETE FROM changed_customers")
        return
    version = "(SELECT value::BIGINT FROM meta WHERE key = 'facts_version')"
    few = not everybody and engine.value("SELECT count(DISTINCT customer_id) FROM touched") <= MOST_NAMED
    whose = "SELECT DISTINCT customer_id FROM touched WHERE customer_id IS NOT NULL" if few else EVERYBODY
    tables = None if changed is None or any(t not in FACTS_OF for t in changed) else \
        sorted({fact for t in changed for fact in FACTS_OF[t]})
    engine.execute(f"INSERT INTO changed_customers SELECT {version}, $1, customer_id, $2::VARCHAR[] FROM ({whose})",
                   [at, tables])
