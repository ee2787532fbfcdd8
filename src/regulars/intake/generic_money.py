"""Plain tables of orders and lines: which number is the order's and which the line's, and what was given back."""

from __future__ import annotations

from typing import Protocol

from regulars.engines.duckdb import quoted
from regulars.intake.generic import Plan
from regulars.intake.stage import Stage
from regulars.intake.values_numbers import never_negative

REFUND_NUMBER = "^[Cc][0-9]+[A-Za-z]?$"
CENT = "0.01"
FAR_ABOVE = 50
"""So many times the largest discount is what a discounted line is usually worth, where discounts are shares of it."""


def how_grouped(column: str) -> str:
    """How an order's column comes out of its rows: the earliest moment, the first thing said of anything else."""
    return "min" if column == "at" else "first"


def grouped(sql: str, how: str, kind: str) -> str:
    """The aggregate of a column of SQL type ``kind``; ``once``: what all rows repeat, else their sum."""
    if how == "once":
        return f"CASE WHEN min({sql}) = max({sql}) THEN min({sql}) ELSE sum({sql}) END::{kind}"
    return f"arg_min({sql}, _row)" if how == "first" else f"{how}({sql})::{kind}"


class Fields(Protocol):
    """What is needed of the reader."""

    def field(self, field: str) -> str: ...

    def who(self) -> dict[str, str]: ...


class Money:
    """Decided for the table as a whole, from the table."""

    def __init__(self, stage: Stage, plan: Plan, fields: Fields) -> None:
        self.stage = stage
        self.plan = plan
        self.fields = fields

    def order_id(self) -> str:
        """The order's own id; else, for lines, of what one person bought at one moment; for orders, of the content."""
        given = self.fields.field("orders.order_id")
        if given != "NULL" and not self._any(f"{given} IS NULL"):
            return given
        texts = [f"coalesce({v}::VARCHAR, '')" for v in self.fields.who().values()]
        texts.append(f"coalesce({self.fields.field('orders.at')}::VARCHAR, '')")
        if self.plan.kind == "orders":
            texts += [f"coalesce({v}::VARCHAR, '')" for f in ("orders.total", "lines.quantity")
                      if (v := self.fields.field(f)) != "NULL"]
        digest = f"left(md5(concat_ws(chr(31), {', '.join(texts)})), 16)"
        made = f"'o-' || {digest}"
        if self.plan.kind == "orders":
            nth = f"row_number() OVER (PARTITION BY {digest} ORDER BY _row)"
            made = f"{made} || CASE {nth} WHEN 1 THEN '' ELSE '-' || {nth} END"
        return made if given == "NULL" else f"coalesce({given}, {made})"

    def one_each_order(self, select: str) -> str:
        """Rows of one order made one: its total counted once where all of its rows repeat it, else added up."""
        given = self.fields.field("orders.order_id")
        if given == "NULL" or not self._repeated(given):
            return select
        return self.grouped(select, "once")

    def grouped(self, select: str, total: str | None = None) -> str:
        """One row an order: the first thing said of it, the earliest moment."""
        columns = self._columns(select)
        how = {"_row": "min"} | ({"total": total} if total and "total" in columns else {})
        kept = ", ".join(f"{grouped(quoted(c), how.get(c) or how_grouped(c), kind)} AS {quoted(c)}"
                         for c, kind in columns.items() if c != "order_id")
        return f"SELECT order_id, {kept} FROM ({select}) WHERE order_id IS NOT NULL GROUP BY order_id"

    def _columns(self, select: str) -> dict[str, str]:
        return dict(self.stage.engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {select})"))

    def order_total(self) -> str | None:
        """The order's own total in a table of lines, where one is stated."""
        if self.plan.has("orders.total"):
            return self.fields.field("orders.total")
        if self._amount_is_of_order():
            return self.fields.field("lines.amount")
        return None

    def line(self) -> dict[str, str]:
        """The price and discount of a line where only its amount, or its amount beside its price, is stated."""
        amount, quantity = self.fields.field("lines.amount"), self.fields.field("lines.quantity")
        price = self.fields.field("lines.unit_price")
        if quantity == "NULL":
            quantity = "1::DECIMAL(18,4)"
        found = {"quantity": quantity} | self._share_of(f"{quantity} * {price}")
        if amount == "NULL" or self._amount_is_of_order():
            return found
        if price == "NULL":
            return found | {"unit_price": f"round({amount} / nullif({quantity}, 0), 4)::DECIMAL(18,4)"}
        if self.plan.has("lines.discount"):
            return found
        less = f"({quantity} * {price} - {amount})"
        return found | {"discount": f"CASE WHEN {less} >= {CENT} AND {quantity} > 0 THEN {less}::DECIMAL(18,4) END"}

    def _share_of(self, worth: str) -> dict[str, str]:
        """The discount as money where the column holds shares."""
        if not self.discounts_are_shares():
            return {}
        return {"discount": f"({worth} * {self.fields.field('lines.discount')})::DECIMAL(18,4)"}

    def discounts_are_shares(self) -> bool:
        """Whether every discount is below 1 and far below what its line is worth: 0.25 off 400 is a quarter."""
        discount, price = self.fields.field("lines.discount"), self.fields.field("lines.unit_price")
        if "NULL" in (discount, price):
            return False
        if "shares" not in self.stage.decided:
            worth = f"{self.fields.field('lines.quantity')} * {price}".removeprefix("NULL * ")
            least, most, usual = self.stage.engine.rows(
                f"SELECT min({discount}), max({discount}), median({worth}) FILTER ({discount} > 0) "
                f"FROM {quoted(self.stage.name)}")[0]
            self.stage.decided["shares"] = bool(most) and least >= 0 and most < 1 and usual >= most * FAR_ABOVE
        return bool(self.stage.decided["shares"])

    def is_return(self) -> str:
        """True of a line that takes something back: a negative quantity, or a document numbered as a cancellation."""
        quantity, order = self.fields.field("lines.quantity"), self.fields.field("orders.order_id")
        tests = []
        if quantity != "NULL" and not never_negative(self.stage, self.plan.fields["lines.quantity"]) and self._any(
                f"{quantity} < 0"):
            tests.append(f"coalesce({quantity} < 0, false)")
        if order != "NULL" and self._numbers_mark_refunds(order):
            tests.append(f"coalesce(regexp_full_match({order}, '{REFUND_NUMBER}'), false)")
        return " OR ".join(tests) or "false"

    def given_back(self) -> str:
        """The amount of a returned line; unknown for a movement of stock without a price and without a customer."""
        quantity, price = self.fields.field("lines.quantity"), self.fields.field("lines.unit_price")
        amount = f"abs({quantity} * {price})" if price != "NULL" else f"abs({self.fields.field('lines.amount')})"
        return f"nullif({amount}, 0)::DECIMAL(18,4)"

    def any_negative(self) -> bool:
        return self._any(f"{self.fields.field('orders.total')} < 0")

    def _numbers_mark_refunds(self, order: str) -> bool:
        """``C536379`` among plain numbers is a cancellation; among other lettered numbers it says nothing."""
        if not self._any(f"{order} BETWEEN 'C' AND 'D' OR {order} BETWEEN 'c' AND 'd'"):
            return False
        marked, plain, filled = self.stage.engine.rows(
            f"SELECT count_if(regexp_full_match(x, '{REFUND_NUMBER}')), "
            f"count_if(regexp_full_match(x, '[0-9]+[A-Za-z]?')), count(x) "
            f"FROM (SELECT DISTINCT {order} AS x FROM {quoted(self.stage.name)})")[0]
        return bool(marked) and marked < plain and marked + plain > 0.9 * filled

    def _amount_is_of_order(self) -> bool:
        """The same on every line of every order with several lines, and not what the lines come to."""
        amount, order = self.fields.field("lines.amount"), self.fields.field("orders.order_id")
        if amount == "NULL" or order == "NULL":
            return False
        price, quantity = self.fields.field("lines.unit_price"), self.fields.field("lines.quantity")
        worth = f"{quantity} * {price}" if price != "NULL" and quantity != "NULL" else "NULL"
        key = f"{amount} of order"
        if key not in self.stage.decided:
            several, same, fitting = self.stage.engine.rows(
                f"SELECT count(*), count_if(a = b), count_if(fits) FROM (SELECT min(x) AS a, max(x) AS b, "
                f"bool_and(coalesce(abs(w - x) < {CENT}, false)) AS fits FROM (SELECT {order} AS o, {amount} AS x, "
                f"{worth} AS w FROM {quoted(self.stage.name)}) GROUP BY o HAVING count(*) > 1)")[0]
            self.stage.decided[key] = several > 0 and same == several and fitting < several
        return bool(self.stage.decided[key])

    def _repeated(self, expression: str) -> bool:
        filled, different = self.stage.engine.rows(
            f"SELECT count({expression}), count(DISTINCT hash({expression})) FROM {quoted(self.stage.name)}")[0]
        self.stage.decided["no copies"] = filled == different == self.stage.rows
        return bool(filled != different)

    def _any(self, condition: str) -> bool:
        return bool(self.stage.engine.rows(f"SELECT 1 FROM {quoted(self.stage.name)} WHERE {condition} LIMIT 1"))
