"""What an owner should know about what came in: each finding with what, why, an example, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake.incoming import Incoming
from regulars.intake.prepared import Finding
from regulars.intake.rows import make_temp
from regulars.intake.settle import wide
from regulars.model.phrases import Money, Own, phrases

text, counted = phrases("regulars.intake", "owner_findings")
FEW = 20
"""With fewer orders than this, one customer having half of them is nothing to wonder at."""

TYPOS = {
    "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmal.com": "gmail.com", "gamil.com": "gmail.com",
    "gmaill.com": "gmail.com", "gnail.com": "gmail.com", "gmail.con": "gmail.com", "gmail.co": "gmail.com",
    "gmail.cm": "gmail.com", "gmil.com": "gmail.com", "hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com",
    "hotmal.com": "hotmail.com", "hotmail.con": "hotmail.com", "hotnail.com": "hotmail.com", "yaho.com": "yahoo.com",
    "yahooo.com": "yahoo.com", "yahoo.con": "yahoo.com", "yhaoo.com": "yahoo.com", "outlok.com": "outlook.com",
    "outloo.com": "outlook.com", "outlook.con": "outlook.com", "iclod.com": "icloud.com", "icloud.con": "icloud.com"}

NO_PRODUCTS = ("POST", "DOT", "M", "D", "S", "C2", "PADS", "CRUK", "B", "BANK CHARGES", "AMAZONFEE", "GIFT CARD",
               "SHIPPING", "POSTAGE", "DELIVERY", "CARRIAGE", "DISCOUNT", "FEE", "TIP", "ADJUST", "ADJUSTMENT",
               "DEPOSIT", "REFUND")
NO_PRODUCT_NAMES = (r"^(dotcom )?postage$|^carriage$|^shipping\b|^delivery\b|^bank charges|^discount$|^manual$|"
                    r"^gift ?card|^versand|^ongkir|^ongkos kirim|^доставка|^tips?$")
TEST_ADDRESS = r"^tests?([+._-].*|[0-9]*)@|@(example|test)\.(com|org|net)$|@test\."
TEST_NAME = r"^tests?( (test|order|customer|user|person))?$"


def look(engine: DuckDBEngine, incoming: Incoming, now: datetime, costs_unknown: int) -> tuple[Finding, ...]:
    """Everything worth telling about this file; most pressing first."""
    found: list[Finding] = []
    if incoming.has("orders") or incoming.has("lines"):
        found += [*_future(engine, now), *_one_customer(engine), *_no_date(engine)]
    if incoming.has("lines"):
        found += _of_products(engine, incoming)
        found += _costs(incoming, costs_unknown)
    if incoming.has("returns"):
        found += _given_back(engine, incoming)
    found += _addresses(engine, incoming)
    found += _test_names(engine, incoming)
    return tuple(found)


def _future(engine: DuckDBEngine, now: datetime) -> Iterator[Finding]:
    count, order, latest = engine.rows("SELECT count(*), arg_max(order_id, \"at\"), max(\"at\") FROM orders_in "
                                       "WHERE \"at\" > ?", [now])[0]
    if count:
        yield Finding("future_date", counted("{n} order has a date in the future.",
                                             "{n} orders have a date in the future.", count),
                      text("They count for nothing until that day comes, so the customer looks less active than they "
                           "are."), text("{order}: {moment}", order=Own(str(order)), moment=latest),
                      text("Check whether day and month were swapped, or the year mistyped."), count)


def _no_date(engine: DuckDBEngine) -> Iterator[Finding]:
    count, order = engine.rows("SELECT count(*), min(order_id) FROM orders WHERE \"at\" IS NULL AND order_id IN "
                               "(SELECT order_id FROM orders_in WHERE \"at\" IS NULL)")[0]
    if count:
        yield Finding("no_date", counted("{n} order has no date.", "{n} orders have no date.", count),
                      text("Without a moment an order is in no rule and no figure."), f"{order}",
                      text("Import the file that has these orders with their dates."), count)


def _one_customer(engine: DuckDBEngine) -> Iterator[Finding]:
    total, customer, most = engine.rows("SELECT sum(n), arg_max(customer_id, n), max(n) FROM (SELECT "
                                        "customer_id, count(*) "
                                        "AS n FROM orders_in WHERE customer_id IS NOT NULL GROUP BY 1)")[0]
    if total and total >= FEW and most * 2 >= total:
        yield Finding("one_customer", text("One customer has {most} of {all} orders.", most=int(most), all=int(total)),
                      text("It is likely a till's, a marketplace's or a test account, and it will bend every average."),
                      f"{customer}", text("If it is no real person, leave these rows without a customer and import "
                                          "again."), int(most))


def _of_products(engine: DuckDBEngine, incoming: Incoming) -> Iterator[Finding]:
    has = incoming.columns["lines"]
    product = "product_id" if "product_id" in has else "NULL::VARCHAR"
    name = "product_name" if "product_name" in has else "NULL::VARCHAR"
    price = "unit_price = 0" if "unit_price" in has else "false"
    make_temp(engine, "lines_by_product", f"SELECT {product} AS product_id, min({name}) AS name, count(*) AS n, "
              f"count(*) FILTER ({price}) AS free, count(*) FILTER "
              f"({'unit_price < 0' if 'unit_price' in has else 'false'}) "
              f"AS negative FROM {quoted(incoming.relation('lines'))} GROUP BY 1")
    free, example = engine.rows("SELECT coalesce(sum(free), 0), arg_max(coalesce(product_id, name), free) FROM "
                                "lines_by_product WHERE free > 0")[0]
    if free:
        yield Finding("zero_price", counted("{n} line has a price of zero.", "{n} lines have a price of zero.",
                                            int(free)),
                      text("Gifts and stock corrections lower what an order seems worth."),
                      text("product {product}", product=Own(str(example))) if example is not None else "",
                      text("If these are no sales, take them out of the file and import it again."), int(free))
    yield from _not_products(engine)


def _not_products(engine: DuckDBEngine) -> Iterator[Finding]:
    listed = ", ".join(map(literal, NO_PRODUCTS))
    count, names = engine.rows("SELECT coalesce(sum(n), 0), list(coalesce(product_id, name) ORDER BY n DESC, "
                               "product_id) FROM "
                               f"lines_by_product WHERE upper(product_id) IN ({listed}) OR regexp_matches(fold(name), "
                               f"{literal(NO_PRODUCT_NAMES)})")[0]
    if count:
        yield Finding("not_a_product", counted("{n} line looks like postage, a fee or a correction, not a product.",
                                               "{n} lines look like postage, fees or corrections, not products.",
                                               int(count)),
                      text("They would show up as what sells best or what sells together."), ", ".join(names[:5]),
                      text("Give these products a category such as 'fee', and leave it out in rules."), int(count))


def _given_back(engine: DuckDBEngine, incoming: Incoming) -> Iterator[Finding]:
    """Lines for which more was given back than they came to."""
    count, more, order, product = engine.rows(
        "SELECT count(*), -sum(amount), arg_min(order_id, nth), arg_min(coalesce(product_id, product_name), nth) FROM "
        "(SELECT l.*, (l.amount, l.order_id, l.line) AS nth FROM lines l SEMI JOIN (SELECT r.order_id, r.line FROM "
        f"returns r SEMI JOIN {quoted(incoming.relation('returns'))} USING (return_id)) b USING (order_id, line) "
        f"WHERE l.amount < 0 AND {wide('l.quantity')} * l.unit_price >= 0)")[0]
    if count:
        yield Finding("more_given_back", counted("For {n} line more was given back than it came to: {more} more.",
                                                 "For {n} lines more was given back than they came to: {more} more.",
                                                 int(count), more=Money(more)),
                      text("What a return says was given back is taken off, so such an order can come to less than "
                           "nothing."), text("{product} of order {order}", product=Own(str(product)),
                                             order=Own(str(order))),
                      text("If it was another purchase that came back, name its order in the file; if the amount is "
                           "wrong, correct it; and import again."), int(count))


def overpaid_orders(engine: DuckDBEngine, import_id: str) -> tuple[Finding, ...]:
    """Orders for which more was given back than they came to, of those that an import told or gave back of."""
    count, more, order = engine.rows(
        "SELECT count(*), sum(refunded - total), arg_max(order_id, (refunded - total, order_id)) FROM orders WHERE "
        "counted AND total >= 0 AND refunded > total AND (source = $1 OR order_id IN (SELECT of_order FROM returns "
        "WHERE source = $1))", [import_id])[0]
    if not count:
        return ()
    return Finding("more_given_back", counted("For {n} order more was given back than it came to: {more} more.",
                                              "For {n} orders more was given back than they came to: {more} more.",
                                              int(count), more=Money(more)),
                   text("What a return says was given back is taken off, so such an order can come to less than "
                        "nothing."), text("order {order}", order=Own(str(order))),
                   text("If an amount is wrong, have that refund told once more with the right one, under its "
                        "refund_id."), int(count)),


def _costs(incoming: Incoming, count: int) -> Iterator[Finding]:
    lines = incoming.rows["lines"]
    if count:
        said = text("The cost of every line is unknown.") if count == lines else \
            text("Of {some} of {all} lines the cost is unknown.", some=count, all=lines)
        yield Finding("cost_unknown", said,
                      text("What they earned is unknown too, and so is the margin of their orders."), "",
                      text("Import your products with their cost."), count)


def _addresses(engine: DuckDBEngine, incoming: Incoming) -> Iterator[Finding]:
    if not any("id_email" in incoming.hints(t) for t in incoming.relations):
        return
    listed = ", ".join(map(literal, TYPOS))
    count, example = engine.rows("SELECT count(DISTINCT value), min(value) FROM who_links WHERE kind = 'email' AND "
                                 f"split_part(value, '@', 2) IN ({listed})")[0]
    if count:
        meant = TYPOS[example.split("@")[1]]
        yield Finding("email_typo", counted("{n} e-mail address looks mistyped.", "{n} e-mail addresses look mistyped.",
                                            count),
                      text("Mail to them goes nowhere, or to somebody else."), f"{example}: {meant}?",
                      text("Correct the address where the customer is kept, and import again."), count)
    count, example = engine.rows("SELECT count(DISTINCT value), min(value) FROM who_links WHERE kind = 'email' AND "
                                 f"regexp_matches(value, {literal(TEST_ADDRESS)})")[0]
    if count:
        yield Finding("test_order", counted("{n} customer looks like a test.", "{n} customers look like a test.",
                                            count),
                      text("Orders nobody paid for count like real ones."), example,
                      text("Erase such customers, or leave their rows out."), count)


def _test_names(engine: DuckDBEngine, incoming: Incoming) -> Iterator[Finding]:
    for table, column in (("customers", "name"), ("customers", "id_name"), ("orders", "id_name"), ("lines", "id_name")):
        if not incoming.has(table) or column not in incoming.columns[table]:
            continue
        count, row, example = engine.rows(
            f"SELECT count(*), min(_row), arg_min({column}, _row) FROM {quoted(incoming.relation(table))} WHERE "
            f"regexp_matches(fold({column}), {literal(TEST_NAME)})")[0]
        if count:
            yield Finding("test_order", counted("{n} row bears the name of a test.",
                                                "{n} rows bear the name of a test.", count),
                          text("Orders nobody paid for count like real ones."),
                          text("row {row}: {name}", row=row, name=Own(str(example))),
                          text("Leave these rows out and import again."), count)
            return
