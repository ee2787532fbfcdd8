"""An order's lines matched as a set: the same lines again add nothing, whatever file they come in.

Lines are alike where product, quantity, price and discount are; the second of two alike is matched with a second.
"""

from __future__ import annotations

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake.incoming import Incoming
from regulars.intake.orders import LINE_STATED, LineForm
from regulars.intake.rows import make_temp, remember, row_key
from regulars.intake.write import Count

ALIKE = ("order_id", "product", "quantity", "unit_price", "off")
PRODUCT, OFF = "coalesce(product_id, product_name, '')", "coalesce(discount, 0)"
FILLED = ("product_name", "unit_cost", "returned_stated")


def match_lines(engine: DuckDBEngine, incoming: Incoming, form: LineForm, import_id: str) -> Count:
    """Lines of orders that are there already. All contained: nothing. All of the old and more: the rest is added.

    Partly the same: the newer lines replace those of that order that came from the same platform. Of nothing but other
    products: added. Where they are said to be all that the order has, they replace whatever it held, wherever from.
    """
    if not engine.rows("SELECT 1 FROM orders_in WHERE NOT is_new AND n IS NOT NULL LIMIT 1"):
        return Count()
    _compare_whole(engine, incoming, form)
    _stage(engine, incoming, form)
    _decide(engine, incoming.prepared.whole_orders)
    rows = int(engine.value("SELECT sum(n) FROM orders_in WHERE NOT is_new"))
    changed = _fill(engine, import_id)
    removed = _remove(engine, incoming, import_id)
    added, replacing = engine.rows("SELECT count(*) FILTER (what = 'add'), count(*) FILTER (what = 'replace') "
                                   "FROM lines_new ANTI JOIN alike USING (order_id, _row) JOIN plan USING "
                                   "(order_id)")[0]
    other = _replaced(engine)
    _add(engine, form, import_id)
    engine.execute("INSERT INTO touched SELECT DISTINCT customer_id FROM orders SEMI JOIN plan USING (order_id) "
                   "WHERE customer_id IS NOT NULL AND order_id IN (SELECT order_id FROM touched_orders)")
    added, changed = added + replacing - other, changed + other
    return Count(rows, added, changed, rows - added - changed, removed=removed - other)


def _compare_whole(engine: DuckDBEngine, incoming: Incoming, form: LineForm) -> None:
    """``orders_other``: the known orders whose lines, taken together, are not the very same as before."""
    filled = [c for c in FILLED if form.columns[c] != "NULL"]
    parts = [PRODUCT, "quantity", "unit_price", OFF, *filled]
    print_of = (f"SELECT order_id, count(*) AS n, sum(hash({', '.join(parts)})) AS print "
                "FROM ({rows}) GROUP BY order_id")
    new = (f"SELECT l.order_id, {form.plain()} FROM {quoted(incoming.relation('lines'))} l "
           "SEMI JOIN (FROM orders_in WHERE NOT is_new) o ON o.order_id = l.order_id")
    old = "FROM lines SEMI JOIN (FROM orders_in WHERE NOT is_new AND n IS NOT NULL) o USING (order_id)"
    make_temp(engine, "orders_other", f"SELECT a.order_id FROM ({print_of.format(rows=new)}) a LEFT JOIN "
              f"({print_of.format(rows=old)}) b USING (order_id) WHERE a.n IS DISTINCT FROM b.n "
              "OR a.print IS DISTINCT FROM b.print")


def _stage(engine: DuckDBEngine, incoming: Incoming, form: LineForm) -> None:
    number = "l.line" if form.numbered else "NULL::BIGINT"
    # One record of a file may hold several lines, so its number alone does not tell them apart.
    of_its_own = f"row_number() OVER (ORDER BY l._row{', l.line' if form.numbered else ''}) AS _row"
    inner = (f"SELECT l.order_id, {of_its_own}, {number} AS stated_line, {form.plain()} FROM "
             f"{quoted(incoming.relation('lines'))} l "
             "SEMI JOIN orders_other o ON o.order_id = l.order_id")
    nth = f"row_number() OVER (PARTITION BY {', '.join(ALIKE)} ORDER BY {{by}}) AS nth"
    make_temp(engine, "lines_new", f"SELECT *, {nth.format(by='_row')} FROM (SELECT *, {PRODUCT} AS product, "
                                   f"{OFF} AS off "
              f"FROM ({inner}))")
    make_temp(engine, "lines_old", f"SELECT *, {nth.format(by='line')} FROM (SELECT *, {PRODUCT} AS product, "
                                   f"{OFF} AS off "
              "FROM lines SEMI JOIN (SELECT DISTINCT order_id FROM lines_new) USING (order_id))")
    same = " AND ".join(f"n.{c} IS NOT DISTINCT FROM o.{c}" for c in (*ALIKE[1:], "nth"))
    make_temp(engine, "alike", "SELECT n.order_id, n._row, o.line FROM lines_new n JOIN lines_old o "
              f"ON n.order_id = o.order_id AND {same}")


def _decide(engine: DuckDBEngine, whole: bool) -> None:
    """``plan``: same, add or replace, for each order; ``whole``: its lines are all it has."""
    more = "n.count < coalesce(o.count, 0)" if whole else "false"
    other = "false" if whole else "a.count IS NULL AND s.order_id IS NULL"
    engine.execute("CREATE OR REPLACE TEMP TABLE plan AS SELECT n.order_id, CASE WHEN coalesce(a.count, 0) = n.count "
                   f"AND NOT ({more}) THEN 'same' WHEN coalesce(a.count, 0) = coalesce(o.count, 0) OR ({other}) "
                   "THEN 'add' ELSE 'replace' END AS what "
                   "FROM (SELECT order_id, count(*) AS count FROM lines_new GROUP BY 1) n "
                   "LEFT JOIN (SELECT order_id, count(*) AS count FROM lines_old GROUP BY 1) o USING (order_id) "
                   "LEFT JOIN (SELECT order_id, count(*) AS count FROM alike GROUP BY 1) a USING (order_id) "
                   "LEFT JOIN (SELECT DISTINCT n.order_id FROM lines_new n JOIN lines_old o "
                   "ON n.order_id = o.order_id AND n.product = o.product) s USING (order_id)")


def _fill(engine: DuckDBEngine, import_id: str) -> int:
    """What a line that was there says now and did not say before: its cost, its name, what was returned of it."""
    differs = " OR ".join(f"(n.{c} IS NOT NULL AND o.{c} IS DISTINCT FROM n.{c})" for c in FILLED)
    make_temp(engine, "filling", f"SELECT a.order_id, a.line, {', '.join(f'n.{c}' for c in FILLED)} FROM alike a "
              "JOIN lines_new n ON n.order_id = a.order_id AND n._row = a._row JOIN lines_old o ON o.order_id = "
              "a.order_id "
              f"AND o.line = a.line WHERE {differs}")
    count = int(engine.value("SELECT count(*) FROM filling"))
    if count:
        remember(engine, import_id, "lines", "FROM lines t SEMI JOIN filling f USING (order_id, line)")
        changes = ", ".join(f"{c} = coalesce(f.{c}, t.{c})" for c in FILLED)
        engine.execute(f"UPDATE lines t SET {changes} FROM filling f WHERE t.order_id = f.order_id AND t.line = f.line")
        engine.execute("INSERT INTO touched_orders SELECT DISTINCT order_id FROM filling")
    return count


def _remove(engine: DuckDBEngine, incoming: Incoming, import_id: str) -> int:
    """Lines of the same platform that a newer file no longer has; of any where the order holds nothing else."""
    platform, whole = literal(incoming.prepared.platform), incoming.prepared.whole_orders
    make_temp(engine, "removing", "SELECT o.order_id, o.line FROM lines_old o JOIN plan p USING (order_id) "
              "ANTI JOIN alike a ON a.order_id = o.order_id AND a.line = o.line LEFT JOIN imports i ON "
              "i.import_id = o.source "
              f"WHERE p.what = 'replace' AND ({whole} OR o.source = {literal(import_id)} OR json_extract_string("
              f"i.receipt, '/platform') = {platform})")
    count = int(engine.value("SELECT count(*) FROM removing"))
    if count:
        remember(engine, import_id, "lines", "FROM lines t SEMI JOIN removing r USING (order_id, line)")
        engine.execute(f"DELETE FROM lines t WHERE {row_key('lines', 't')} IN (SELECT {row_key('lines', 'r')} "
                       f"FROM removing r)")
    return count


def _replaced(engine: DuckDBEngine) -> int:
    """Removed lines in whose place another of the same product comes: those have changed."""
    return int(engine.value(
        "SELECT coalesce(sum(least(o.n, w.n)), 0) FROM (SELECT order_id, product, count(*) AS n FROM lines_old "
        "SEMI JOIN removing USING (order_id, line) GROUP BY ALL) o JOIN (SELECT order_id, product, count(*) AS n "
        "FROM lines_new ANTI JOIN alike USING (order_id, _row) GROUP BY ALL) w USING (order_id, product)"))


def _add(engine: DuckDBEngine, form: LineForm, import_id: str) -> None:
    """Lines that were not there; a stated number is kept where it is free, else they are numbered on."""
    make_temp(engine, "lines_extra", "SELECT n.* FROM lines_new n ANTI JOIN alike a ON a.order_id = n.order_id "
              "AND a._row = n._row JOIN plan p ON p.order_id = n.order_id AND p.what <> 'same'")
    last = ("SELECT order_id, max(line) AS line FROM (SELECT order_id, line FROM lines SEMI JOIN lines_extra "
            "USING (order_id) "
            "UNION ALL SELECT order_id, stated_line FROM lines_extra) GROUP BY order_id")
    taken = "EXISTS (FROM lines t WHERE t.order_id = n.order_id AND t.line = n.stated_line)"
    columns = ", ".join(LINE_STATED)
    engine.execute(f"INSERT INTO lines (order_id, line, {columns}, source) SELECT order_id, CASE WHEN free THEN "
                   f"stated_line "
                   f"ELSE coalesce(last, 0) + row_number() OVER (PARTITION BY order_id, free ORDER BY _row) "
                   f"END, {columns}, "
                   f"{literal(import_id)} FROM (SELECT n.*, m.line AS last, n.stated_line IS NOT NULL AND NOT "
                   f"{taken} AS free "
                   f"FROM lines_extra n LEFT JOIN ({last}) m ON m.order_id = n.order_id)")
    engine.execute("INSERT INTO touched_orders SELECT DISTINCT order_id FROM lines_extra UNION SELECT order_id "
                   "FROM removing")
