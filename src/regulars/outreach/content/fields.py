"""What the fields of a message are for each of many people: worked out for all of them together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import local_day
from regulars.model.figures import Figures
from regulars.model.settings import Settings
from regulars.outreach.content.links import is_link, is_picture
from regulars.outreach.content.values import Apart, Thing, own
from regulars.rules.services import NAME, is_service, products_among

NEXT = "product.next"
MOST_LISTED, MOST_BOUGHT = 12, 20
CHOSEN = "products.chosen:"
"""A need of this beginning names a product by its id."""
ABOUT = "products.release:"
"""A need of this beginning says, by its id, which product the message is about."""
OF_EVERYBODY = ("products.chosen", "products.release", "release.")
"""Beginnings of fields that are the same whoever reads."""
Found = dict[str, dict[str, Any]]
"""Customer id to the values known, by field."""


@dataclass(frozen=True)
class Asked:
    """Whom it is worked out for, as of when, and how figures are said."""

    engine: DuckDBEngine
    people: Sequence[str]
    now: datetime
    figures: Figures

    @cached_property
    def day(self) -> Callable[[datetime], Apart | None]:
        """A moment as the day it was in the shop, said once for each: putting a date in words takes long."""
        return lru_cache(None)(lambda moment: own(self.figures.day(local_day(moment, self.figures.settings.zone))))

    @cached_property
    def money(self) -> Callable[[Any], Apart | None]:
        """An amount in words, None where it is not known."""
        return lru_cache(None)(lambda amount: None if amount is None else own(self.figures.money(amount)))

    @cached_property
    def of_products(self) -> str:
        """Whether a line ``l`` of theirs is of a product ``p``, not of postage or a fee, in SQL."""
        names = self.rows(f"""n AS (SELECT DISTINCT {NAME.format(lines="l", products="p")} AS name FROM lines l
            SEMI JOIN them USING (customer_id) LEFT JOIN products p USING (product_id)) FROM n""")
        return products_among((name for (name,) in names), "l", "p")

    def rows(self, sql: str, more: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Of a query over the table ``them`` (customer_id)."""
        return self.engine.rows(f"WITH them AS (SELECT unnest(?::VARCHAR[]) AS customer_id), {sql}",
                                [list(self.people), *more])


def fields(engine: DuckDBEngine, customer_ids: Sequence[str], needs: Collection[str], now: datetime,
           settings: Settings, language: str = "") -> dict[str, dict[str, Any]]:
    """Nested fields for each customer, as `Template.render` takes them: what is not known of somebody is not in it.

    ``needs`` are those of the templates, ``now`` is naive UTC; figures and days are said in ``language`` (the shop's,
    unless said).
    """
    asked = Asked(engine, customer_ids, now, Figures(settings, language))
    known: Found = {who: {} for who in customer_ids}
    for names, work_out in WORKED_OUT:
        wanted = [need for need in needs if any(_meets(need, name) for name in names)]
        if wanted and customer_ids:
            for who, values in work_out(asked, wanted).items():
                if who in known:
                    known[who] |= values
    return {who: _nested(values, settings, language or settings.language) for who, values in known.items()}


def asking_about(needs: Collection[str], product: str) -> frozenset[str]:
    """These needs, of a message about a product (its id; "" for none)."""
    return frozenset({*needs, f"{ABOUT}{product}"}) if product and needs else frozenset(needs)


def _meets(need: str, name: str) -> bool:
    """Whether a field, or what is within it, or what holds it, is asked for."""
    return need == name or need.startswith((f"{name}.", f"{name}:")) or name.startswith(f"{need}.")


def _nested(values: Mapping[str, Any], settings: Settings, language: str) -> dict[str, Any]:
    roots = ("customer", "last_order", "first_order", "orders", "favourite", "bought", "next_product", "offer",
             "products", "release")
    made: dict[str, Any] = {root: Thing() for root in roots}
    for name, value in values.items():
        root, _, rest = name.partition(".")
        if rest and value not in (None, "", []):
            made[root][rest] = value
    made["shop"], made["language"] = Thing(name=own(settings.name)), language
    if settings.address:
        made["shop"]["address"] = own(settings.address)
    return made


def _customers(asked: Asked, wanted: Sequence[str]) -> Found:
    rows = asked.rows("c AS (SELECT customer_id, first_name, last_name, name, city FROM customers SEMI JOIN them USING"
                      " (customer_id)) FROM c")
    return {who: {"customer.first_name": own(first), "customer.last_name": own(last), "customer.name": own(name),
                  "customer.city": own(city)} for who, first, last, name, city in rows}


COUNTED = """o AS (SELECT customer_id, order_id, "at", total,
    row_number() OVER (PARTITION BY customer_id ORDER BY "at" DESC, order_id DESC) AS nth
    FROM orders SEMI JOIN them USING (customer_id) WHERE counted AND "at" <= ?)"""


def _orders(asked: Asked, wanted: Sequence[str]) -> Found:
    rows = asked.rows(f"""{COUNTED} SELECT customer_id, count(*), min("at"), max("at"),
        any_value(total) FILTER (WHERE nth = 1) FROM o GROUP BY 1""", [asked.now])
    none: Found = {who: {"orders.count": 0} for who in asked.people}
    return none | {who: {
        "orders.count": n, "first_order.date": asked.day(first), "last_order.date": asked.day(last),
        "last_order.total": asked.money(total)} for who, n, first, last, total in rows}


PRODUCT = """coalesce(p.name, l.product_name) AS name, p.price, coalesce(p.attributes->>'url', p.attributes->>'link',
    p.attributes->>'permalink') AS link, coalesce(p.attributes->>'image', p.attributes->>'picture',
    p.attributes->>'image_url') AS picture"""


def _product(asked: Asked, name: Any, price: Any, link: Any, picture: Any) -> Thing | None:
    """A product as it is shown; addresses that are none are left out."""
    called = own(name)
    if not called:
        return None
    return Thing({"name": called, **({"price": asked.money(price)} if price is not None else {}),
                  **({"link": link} if link and is_link(link) else {}),
                  **({"picture": picture} if picture and is_picture(picture) else {})})


def _listed(asked: Asked, rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Thing]]:
    """Rows of a customer and a product, in order, as a list for each customer, each product once."""
    found: dict[str, dict[str, Thing]] = {}
    for who, *product in rows:
        made = _product(asked, *product)
        if made and len(found.setdefault(who, {})) < MOST_LISTED:
            found[who].setdefault(str(made), made)
    return {who: list(products.values()) for who, products in found.items()}


def _last_products(asked: Asked, wanted: Sequence[str]) -> Found:
    rows = asked.rows(f"""{COUNTED}, l AS (SELECT o.customer_id, l.line, {PRODUCT} FROM o JOIN lines l USING (order_id)
        LEFT JOIN products p USING (product_id) WHERE nth = 1)
        SELECT * EXCLUDE line FROM l ORDER BY customer_id, line""", [asked.now])
    rows = [row for row in rows if not is_service(row[1] or "")]
    return {who: {"products.last": products, "last_order.products": [each["name"] for each in products]}
            for who, products in _listed(asked, rows).items()}


def _next(asked: Asked, wanted: Sequence[str]) -> Found:
    """By the score kept; the product of that name, where the catalogue has one."""
    if NEXT not in asked.engine.columns("scores"):
        return {}
    rows = asked.rows(f"""l AS (SELECT customer_id, "{NEXT}" AS product_name FROM scores
            SEMI JOIN them USING (customer_id) WHERE "{NEXT}" IS NOT NULL)
        SELECT DISTINCT ON (customer_id) customer_id, {PRODUCT} FROM l
        LEFT JOIN products p ON p.name = l.product_name ORDER BY customer_id, p.product_id""")
    return {who: {"products.next": products, **{f"next_product.{name}": value for name, value in products[0].items()}}
            for who, products in _listed(asked, rows).items()}


TASTES = {"category": "p.category", "brand": "p.brand", "vendor": "p.vendor", "artist": "p.attributes->>'artist'"}
BOUGHT = """b AS (SELECT l.customer_id, trim({taste}) AS value, count(*) AS times, max(l."at") AS last FROM lines l
    SEMI JOIN them USING (customer_id) JOIN products p USING (product_id)
    WHERE l.counted AND l."at" <= ? AND nullif(trim({taste}), '') IS NOT NULL AND {of_products} GROUP BY 1, 2)"""
ORDER = "times DESC, last DESC, value"


def _bought_by(asked: Asked, taste: str) -> str:
    return BOUGHT.format(taste=TASTES[taste], of_products=asked.of_products)


def _favourites(asked: Asked, wanted: Sequence[str]) -> Found:
    """What most of their lines are of, ties to the more recent, as ``favourite(…)`` of a rule; postage is nobody's."""
    found: Found = {}
    for taste in TASTES:
        if any(_meets(need, f"favourite.{taste}") for need in wanted):
            for who, value in asked.rows(f"""{_bought_by(asked, taste)} SELECT DISTINCT ON (customer_id)
                    customer_id, value FROM b ORDER BY customer_id, {ORDER}""", [asked.now]):
                found.setdefault(who, {})[f"favourite.{taste}"] = own(value)
    return found


def _bought(asked: Asked, wanted: Sequence[str]) -> Found:
    found: Found = {}
    for name, taste in (("bought.categories", "category"), ("bought.brands", "brand")):
        if any(_meets(need, name) for need in wanted):
            for who, values in asked.rows(f"""{_bought_by(asked, taste)}
                    SELECT customer_id, list(value ORDER BY {ORDER})[:{MOST_BOUGHT}] FROM b GROUP BY 1""", [asked.now]):
                found.setdefault(who, {})[name] = [own(value) for value in values]
    return found


def _of_favourites(asked: Asked, wanted: Sequence[str]) -> Found:
    """Of their favourite category what most others bought in a year, and they have not."""
    rows = asked.rows(f"""{_bought_by(asked, "category")}, f AS (SELECT DISTINCT ON (customer_id) customer_id,
            value FROM b ORDER BY customer_id, {ORDER}),
        sold AS (SELECT trim(p.category) AS value, l.product_id, count(DISTINCT l.customer_id) AS n FROM lines l
            JOIN products p USING (product_id) WHERE l.counted AND l."at" <= ? AND l."at" > ? - INTERVAL 1 YEAR
            AND p.name IS NOT NULL GROUP BY 1, 2),
        best AS (SELECT *, row_number() OVER (PARTITION BY value ORDER BY n DESC, product_id) AS place FROM sold),
        l AS (SELECT customer_id, product_id, place, NULL AS product_name FROM f JOIN best USING (value)
            WHERE place <= 40 AND NOT EXISTS (FROM lines h WHERE h.customer_id = f.customer_id
            AND h.product_id = best.product_id AND h."at" <= ?))
        SELECT l.customer_id, {PRODUCT} FROM l JOIN products p USING (product_id) ORDER BY l.customer_id, place""",
                      [asked.now] * 4)
    rows = [row for row in rows if not is_service(row[1])]
    return {who: {"products.favourite": products} for who, products in _listed(asked, rows).items()}


def _chosen(asked: Asked, wanted: Sequence[str]) -> Found:
    """The same for everybody, in the order of their names."""
    ids = sorted(need.removeprefix(CHOSEN) for need in wanted if need.startswith(CHOSEN))
    rows = asked.rows(f"""l AS (SELECT NULL AS product_name, product_id FROM products WHERE product_id IN
        (SELECT unnest(?::VARCHAR[]))) SELECT '', {PRODUCT} FROM l JOIN products p USING (product_id)
        ORDER BY name, product_id""", [ids])
    products = _listed(asked, rows).get("", [])
    return {who: {"products.chosen": products} for who in asked.people} if products else {}


def _release(asked: Asked, wanted: Sequence[str]) -> Found:
    """The product the message is about, the same for everybody."""
    about = [need.removeprefix(ABOUT) for need in wanted if need.startswith(ABOUT)]
    rows = asked.rows(f"""l AS (SELECT NULL AS product_name, product_id FROM products WHERE product_id IN
        (SELECT unnest(?::VARCHAR[]))) SELECT '', {PRODUCT} FROM l JOIN products p USING (product_id)""", [about])
    products = _listed(asked, rows).get("", [])
    values = {"products.release": products, **{f"release.{name}": value for name, value in products[0].items()}} \
        if products else {}
    return {who: dict(values) for who in asked.people} if values else {}


WORKED_OUT: tuple[tuple[tuple[str, ...], Callable[[Asked, Sequence[str]], Found]], ...] = (
    (("customer.first_name", "customer.last_name", "customer.name", "customer.city"), _customers),
    (("orders.count", "last_order.date", "last_order.total", "first_order.date"), _orders),
    (("last_order.products", "products.last"), _last_products),
    (("next_product.name", "next_product.price", "next_product.link", "next_product.picture", "products.next"), _next),
    (tuple(f"favourite.{taste}" for taste in TASTES), _favourites),
    (("bought.categories", "bought.brands"), _bought),
    (("products.favourite",), _of_favourites),
    (("release.name", "release.price", "release.link", "release.picture", "products.release"), _release),
    (("products.chosen",), _chosen))


def given() -> Iterator[str]:
    """Every field that is worked out here."""
    for names, _ in WORKED_OUT:
        yield from names
