"""The selects that turn a plain table into canonical ones, by the plan `generic` made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from regulars.engines.duckdb import literal, quoted
from regulars.intake import values_words
from regulars.intake.generic import ADDRESSES, PEOPLE, Plan, unit_of
from regulars.intake.generic_money import Money, how_grouped
from regulars.intake.prepared import OwnField
from regulars.intake.sources.own import own_columns, slug, unique
from regulars.intake.stage import Stage
from regulars.model.tables import CUSTOMERS, TABLES
from regulars.model.types import Type

NEEDED = frozenset({"orders.at", "orders.total", "lines.quantity", "lines.unit_price", "lines.amount", "messages.at",
                    "visits.at", "checkouts.at", "events.at", "tickets.opened", "costs.amount", "costs.at"})
"""Cells of these that cannot be read refuse their row; others stay unknown and are counted."""

NAMES = ("customer_id", "order_id", "product_id", "phone", "postcode", "account_id")
SHOWN = ("image", "url")
"""Of a product, what messages show: kept among its attributes."""
WITH_PROPERTIES = frozenset({"visits", "checkouts", "events"})


class Reader:
    """One plain table being read: expressions by field, and selects by canonical table."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self.stage = stage
        self.plan = plan
        self.own: list[OwnField] = []

    def selects(self) -> dict[str, str]:
        if self.plan.kind == "orders":
            return self._orders()
        if self.plan.kind == "lines":
            return self._lines()
        if self.plan.kind == "customers":
            return {"customers": self._select(self._customer() | self._own_columns())}
        return self._single()

    def field(self, field: str) -> str:
        """The expression that reads a field; NULL where no column feeds it."""
        addresses = [each for each in ADDRESSES if self.plan.by_name and self.plan.has(each)]
        if field != PEOPLE[0] or not addresses:
            return self._read(field)
        nothing = " AND ".join(f"{self._read(each)} IS NULL" for each in addresses)
        return f"CASE WHEN {nothing} THEN {self._read(field)} END"

    def _read(self, field: str) -> str:
        header = self.plan.header(field)
        table, _, name = field.partition(".")
        column = TABLES[table].column(name)
        kind = Type.MONEY if field == "lines.amount" else column.type if column else Type.TEXT
        needed = field in NEEDED
        if not header:
            return "NULL"
        if kind is Type.TEXT:
            return self.stage.key(*header) if name in NAMES or name.endswith("_id") else self.stage.text(*header)
        if kind is Type.MONEY:
            return self.stage.money(*header, needed=needed)
        if kind is Type.TEXTS:
            return self.stage.texts(*header)
        if kind is Type.JSON:
            return _as_json(self.stage.text(*header))
        readers = {Type.DECIMAL: self.stage.number, Type.WHOLE: self.stage.whole, Type.NUMBER: self.stage.real,
                   Type.YESNO: self.stage.yesno, Type.MOMENT: self.stage.moment, Type.DATE: self.stage.day}
        return str(readers[kind](*header, needed=needed))

    def fields(self, table: str, *leave_out: str) -> dict[str, str]:
        """Name -> expression for every field of the table that a column feeds."""
        return {name: self.field(f"{table}.{name}") for f in self.plan.fields
                if f.startswith(table + ".") and (name := f.partition(".")[2]) not in leave_out}

    def who(self) -> dict[str, str]:
        """Hints of who, the strongest ones only: a name counts where nothing else is known."""
        found = {hint: self.field(field) for hint, field in (
            ("customer_id", PEOPLE[0]), ("id_email", PEOPLE[1]), ("id_phone", PEOPLE[2])) if self.plan.has(field)}
        if self.plan.has("customers.name"):
            nothing = " AND ".join(f"{v} IS NULL" for v in found.values()) or "true"
            found["id_name"] = f"CASE WHEN {nothing} THEN {self.field('customers.name')} END"
            if self.plan.has("customers.postcode"):
                found["id_postcode"] = f"CASE WHEN {nothing} THEN {self.field('customers.postcode')} END"
        return found

    def _select(self, columns: dict[str, str], where: str = "") -> str:
        body = "".join(f", {sql} AS {quoted(name)}" for name, sql in columns.items())
        return f"SELECT _row{body} FROM {quoted(self.stage.name)}{f' WHERE {where}' if where else ''}"

    def currency(self, *amounts: str) -> dict[str, str]:
        """The currency of a row where anything says it: a column, a sign in the cell, or the header's brackets."""
        said = [self.stage.text(c.header) for f, c in self.plan.fields.items() if f.endswith(".currency")]
        for field in amounts:
            for header in self.plan.header(field):
                said.append(self.stage.currency_of(header))
                unit = unit_of(header).lower()
                if unit in values_words.SIGNS:
                    said.append(literal(values_words.sign_means(unit, self.stage.currency)))
        filled = [s for s in dict.fromkeys(said) if s != "CAST(NULL AS VARCHAR)"]
        return {"currency": f"coalesce({', '.join(filled)})"} if filled else {}

    def _customer(self) -> dict[str, str]:
        found = self.fields("customers")
        if "name" not in found and ("first_name" in found or "last_name" in found):
            parts = ", ".join(found[p] for p in ("first_name", "last_name") if p in found)
            found["name"] = f"nullif(concat_ws(' ', {parts}), '')"
        if "name" in found:
            strong = [found[c] for c in ("customer_id", "email", "phone") if c in found]
            nothing = " AND ".join(f"{v} IS NULL" for v in strong) or "true"
            found["id_name"] = f"CASE WHEN {nothing} THEN {found['name']} END"
            if "postcode" in found:
                found["id_postcode"] = f"CASE WHEN {nothing} THEN {found['postcode']} END"
        return found

    def _own_columns(self) -> dict[str, str]:
        found = own_columns(self.stage, self._known(), "own")
        self.own += [f for f, _ in found]
        return {f.name: sql for f, sql in found}

    def _known(self) -> frozenset[str]:
        """Headers that are spoken for; of equal ones the first speaks for all."""
        unused = {c.sql for c in self.plan.unused}
        return frozenset(c.key for c in self.stage.columns if c.sql not in unused)

    def _single(self) -> dict[str, str]:
        kind = self.plan.kind
        columns = self.fields(kind, "currency")
        if "at" not in columns and "opened" in columns:
            columns["at"] = columns["opened"]
        elif kind == "tickets" and "opened" not in columns:
            columns["opened"] = columns["at"]
        if kind == "messages":
            columns |= self._happenings(columns)
        columns |= self.who() if TABLES[kind].column("customer_id") else {}
        if kind in WITH_PROPERTIES:
            columns |= self._properties(columns.pop("properties", None))
        if kind in ("costs", "products", "checkouts"):
            columns |= self.currency("costs.amount", "products.price", "products.unit_cost", "checkouts.total")
        if kind == "products":
            columns |= self._attributes(columns)
        if kind == "answers":
            self.own += self._questions(columns)
        selects = {kind: self._select(columns)}
        described = self._described("_row")
        return selects | ({"customers": described} if described and kind != "customers" else {})

    def _happenings(self, columns: Mapping[str, str]) -> dict[str, str]:
        """Where a message's id stands on the rows of all that happened to it, each of these is known by what and when.
        """
        given = columns.get("message_id")
        if given is None or "type" not in columns:
            return {}
        filled, different = self.stage.engine.rows(
            f"SELECT count({given}), count(DISTINCT {given}) FROM {quoted(self.stage.name)}")[0]
        if filled == different:
            return {}
        return {"message_id": f"{given} || ':' || concat_ws(':', {columns['type']}, epoch_ms({columns['at']}))"}

    def _properties(self, given: str | None) -> dict[str, str]:
        """What no field holds goes into ``properties``, each by its name."""
        found = own_columns(self.stage, self._known(), "own")
        names = unique(slug(f.label) for f, _ in found)
        if self.plan.kind == "events":
            self.own += [replace(f, table="events", name=n) for n, (f, _) in zip(names, found, strict=True)]
            self.own += self._inside(given, set(names))
        pairs = ", ".join(f"{literal(n)}, {sql}" for n, (_, sql) in zip(names, found, strict=True))
        if not pairs:
            return {"properties": given} if given else {}
        return {"properties": f"json_merge_patch(coalesce({given or 'NULL'}, '{{}}'::JSON), json_object({pairs}))"}

    def _inside(self, given: str | None, known: set[str]) -> list[OwnField]:
        """The properties that stand in a JSON column already."""
        if not given:
            return []
        found = self.stage.engine.rows(
            f"SELECT k, list_sort(list_distinct(list(json_type(p, '$.\"' || k || '\"')))) FROM "
            f"(SELECT p, unnest(json_keys(p)) AS k FROM (SELECT {given} AS p FROM {quoted(self.stage.name)})) "
            "GROUP BY k ORDER BY k")
        return [OwnField("events", k, _json_type(types), k) for k, types in found if k not in known]

    def _attributes(self, columns: dict[str, str]) -> dict[str, str]:
        """A product's picture and page, where the table has them, beside what it says of it in JSON already."""
        shown = {name: columns.pop(name) for name in SHOWN if name in columns}
        if not shown:
            return {}
        pairs = ", ".join(f"{literal(name)}, {sql}" for name, sql in shown.items())
        given = columns.get("attributes", "NULL")
        return {"attributes": f"json_merge_patch(coalesce({given}, '{{}}'::JSON), json_object({pairs}))"}

    def _questions(self, columns: Mapping[str, str]) -> list[OwnField]:
        """Each question by a name for rules; its answers are numbers where every one of them has a number."""
        question, number = columns.get("question", "NULL"), columns.get("number", "NULL")
        given = f"coalesce({columns.get('value', 'NULL')}, ({number})::VARCHAR)"
        found = self.stage.engine.rows(
            f"SELECT q, bool_and(n IS NOT NULL) FROM (SELECT {question} AS q, {number} AS n, {given} AS given FROM "
            f"{quoted(self.stage.name)}) WHERE q IS NOT NULL AND given IS NOT NULL GROUP BY q ORDER BY q")
        names = unique(slug(q) for q, _ in found)
        return [OwnField("answers", name, Type.NUMBER if numbers else Type.TEXT, q)
                for name, (q, numbers) in zip(names, found, strict=True)]

    def _described(self, order: str) -> str | None:
        """One row a customer with what the table says of them, the last row's word first."""
        said = self.fields("customers")
        hints = self.who()
        if not hints:
            return None
        if not set(said) - {"customer_id", "email", "phone", "name"} and not (
                {"email", "phone", "name"} & set(said) and len(said) > 1):
            return None
        strongest = f"coalesce({', '.join(f'{v}::VARCHAR' for v in hints.values())})"
        people = [n for n in said if CUSTOMERS.column(n) and n != "customer_id"]
        kept = "".join(f", arg_max({quoted(n)}, {order}) AS {quoted(n)}" for n in people)
        who = "".join(f", min({h}) AS {h}" for h in hints)
        inner = self._select({"who": strongest} | hints | {n: said[n] for n in people})
        return f"SELECT min(_row) AS _row{who}{kept} FROM ({inner}) WHERE who IS NOT NULL GROUP BY who"

    def _orders(self) -> dict[str, str]:
        money = Money(self.stage, self.plan, self)
        columns = self._order_columns(money)
        back = "false" if not self.plan.has("orders.total") or not money.any_negative() else \
            f"coalesce({self.field('orders.total')} < 0, false)"
        selects = {"orders": money.one_each_order(self._select(columns, _unless(back)))}
        if self.plan.has("lines.quantity"):
            selects["lines"] = self._pieces(columns, back)
        if back != "false":
            gone = {"at": self.field("orders.at"), "document": self.field("orders.order_id"),
                    "amount": f"-{self.field('orders.total')}"} | self.who() | self.currency("orders.total")
            selects["returns"] = self._select(gone, back)
        described = self._described("_row")
        return selects | ({"customers": described} if described else {})

    def _order_columns(self, money: Money) -> dict[str, str]:
        columns = self.fields("orders", "currency") | self.who() | self.currency("orders.total")
        if "status" in columns:
            columns["status"] = values_words.statuses(self.stage, columns["status"], "paid")
        if self.plan.has("customers.country"):
            columns["country"] = self.field("customers.country")
        return columns | {"order_id": money.order_id()}

    def _pieces(self, columns: dict[str, str], back: str) -> str:
        """The number of pieces of an order whose products are not named: one line without a product."""
        quantity = self.field("lines.quantity")
        total = columns.get("total", "NULL")
        price = f"round({total} / nullif({quantity}, 0), 4)::DECIMAL(18,4)"
        return self._select({"order_id": columns["order_id"], "quantity": quantity, "unit_price": price},
                            _unless(back))

    def _lines(self) -> dict[str, str]:
        money = Money(self.stage, self.plan, self)
        back = money.is_return()
        order = self._order_columns(money)
        order_total = money.order_total()
        order = {k: v for k, v in order.items() if k != "total"} | ({"total": order_total} if order_total else {})
        line = self.fields("lines", "amount") | money.line() | {"order_id": order["order_id"]}
        product = self.field("lines.product_id") if self.plan.has("lines.product_id") else \
            self.field("lines.product_name")
        line["product_id"] = product
        currency = self.currency("lines.unit_price", "lines.amount", "orders.total")
        selects = {"orders": money.grouped(self._select(order | currency, _unless(back))),
                   "lines": self._select(line | currency, _unless(back)),
                   "products": self._products(product)}
        if not currency and self._cast_only(order):
            self.stage.order_columns = {c: how_grouped(c) for c in order if c != "order_id"}
            whole = line | {f"order.{c}": sql for c, sql in order.items() if c != "order_id"}
            self.stage.whole_lines = self._select(whole, _unless(back))
        if back != "false":
            gone = {"at": self.field("orders.at"), "document": self.field("orders.order_id"), "product_id": product,
                    "quantity": f"abs({self.field('lines.quantity')})", "amount": money.given_back()}
            selects["returns"] = self._select(gone | self.who() | currency, back)
        described = self._described("_row")
        return selects | ({"customers": described} if described else {})

    def _cast_only(self, order: Mapping[str, str]) -> bool:
        """Whether reading a cell again costs less than keeping it: each was read by a cast that all its column took."""
        return order["order_id"] == self.field("orders.order_id") and all(
            r.parsed in self.stage.proven for r in self.stage.reads.values())

    def _products(self, product: str) -> str:
        """One row a product; of its names the first on a row with a price, since stock notes have none."""
        said = self.fields("products") | {"name": self.field("lines.product_name")}
        price = self.field("lines.unit_price")
        rank = "_row" if price == "NULL" else f"CASE WHEN {price} > 0 THEN _row ELSE _row + 1000000000000 END"
        kept = "".join(f", arg_min({quoted(n)}, rank) AS {quoted(n)}" for n, sql in said.items() if sql != "NULL")
        inner = self._select({"product_id": product, "rank": rank} | said)
        return f"SELECT min(_row) AS _row, product_id{kept} FROM ({inner}) WHERE product_id IS NOT NULL " \
               "GROUP BY product_id"


def _unless(condition: str) -> str:
    return "" if condition == "false" else f"NOT ({condition})"


def _as_json(text: str) -> str:
    return f"CASE WHEN json_valid({text}) AND json_type({text}) = 'OBJECT' THEN {text}::JSON " \
           f"WHEN {text} IS NOT NULL THEN json_object('value', {text}) END"


def _json_type(types: list[str]) -> Type:
    filled = set(types) - {"NULL", None}
    if filled and filled <= {"BIGINT", "UBIGINT"}:
        return Type.WHOLE
    if filled and filled <= {"BIGINT", "UBIGINT", "DOUBLE"}:
        return Type.NUMBER
    return Type.YESNO if filled == {"BOOLEAN"} else Type.TEXT
