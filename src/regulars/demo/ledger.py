"""Orders, lines, products and costs as tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from regulars.demo import columns as made
from regulars.demo.baskets import STATUSES, Bills, Lines
from regulars.demo.calendar import OCCASIONS
from regulars.demo.columns import Ints, rank_within
from regulars.demo.crowd import Crowd
from regulars.demo.orders import Orders
from regulars.demo.world import CHANNELS, PHONE, STORE, Goods, World

PAYMENTS = ("iDEAL", "card", "PayPal", "cash", "invoice")
PAYMENTS_ELSEWHERE = ("bank transfer", *PAYMENTS[1:])
SHIPPINGS = ("parcel", "taken along", "lorry")
SHIPPING_OF = np.array([0, 1, 2])
"""How an order of each channel goes out."""
VENDORS = ("Trading House Noord", "Van der Linden Import", "Kleinwerk Cooperative")


def orders_table(world: World, crowd: Crowd, orders: Orders, bills: Bills, first_number: int) -> pa.Table:
    """Total = subtotal - discount + shipping; tax is contained in it."""
    random = world.random(crowd.chunk, "orders").spawn(1)[0]
    codes = [p.code for p in world.calendar.promos]
    mailed = (orders.promo >= 0) & crowd.consent[orders.owner]
    mailed &= np.array([p.begins >= 0 for p in world.calendar.promos] + [False])[orders.promo]
    found = {"order_id": order_ids(first_number, np.arange(len(orders))),
             "customer_id": crowd.ids(orders.owner), "at": made.moments(orders.at),
             "status": made.labels(STATUSES, bills.status), "channel": made.labels(CHANNELS, orders.channel),
             "total": made.money(bills.total), "subtotal": made.money(bills.subtotal),
             "discount": made.money(bills.discount), "shipping": made.money(bills.shipping),
             "tax": made.money(bills.tax),
             "refunded": made.money(bills.refunded, bills.refunded > 0), "promo_code": made.labels(codes, orders.promo),
             "currency": made.labels([world.settings.currency.upper()], np.zeros(len(orders))),
             "payment_method": _payments(world, random, orders),
             "shipping_method": made.labels(SHIPPINGS, SHIPPING_OF[orders.channel]),
             "occasion": made.labels(OCCASIONS, orders.occasion),
             "campaign": made.labels([f"{c} code" for c in codes], np.where(mailed, orders.promo, -1))}
    return pa.table(found, schema=made.schema("orders", list(found)))


def order_ids(first_number: int, positions: Ints) -> pa.Array:
    return made.ids("O", first_number + positions, 7)


def _payments(world: World, random: np.random.Generator, orders: Orders) -> pa.Array:
    online = random.choice(3, size=len(orders), p=(0.6, 0.25, 0.15))
    in_store = np.where(random.random(len(orders)) < 0.8, 1, 3)
    words = PAYMENTS if world.country == "NL" else PAYMENTS_ELSEWHERE
    return made.labels(words, np.select([orders.channel == STORE, orders.channel == PHONE], [in_store, 4], online))


def lines_table(world: World, crowd: Crowd, orders: Orders, lines: Lines, first_number: int) -> pa.Table:
    owner, names = orders.owner[lines.order], [p.name for p in world.goods.products]
    found = {"order_id": order_ids(first_number, lines.order), "line": made.whole(rank_within(lines.order) + 1),
             "customer_id": crowd.ids(owner), "at": made.moments(orders.at[lines.order]),
             "product_id": product_ids(world.goods, lines.product), "product_name": made.labels(names, lines.product),
             "quantity": made.quantities(lines.quantity), "unit_price": made.money(lines.unit_price),
             "discount": made.money(lines.discount),
             "unit_cost": made.money(lines.unit_cost, world.goods.cost_known[lines.product]),
             made.RETURNED: made.quantities(lines.returned)}
    return pa.table(found, schema=made.schema("lines", list(found)))


def product_ids(goods: Goods, products: Ints) -> pa.Array:
    return made.labels([f"{p.category[:3].upper()}-{at:03d}" for at, p in enumerate(goods.products, start=1)], products)


def products_table(world: World) -> pa.Table:
    goods, every = world.goods, world.goods.products
    at = np.arange(len(every), dtype=np.int64)
    vendor = np.array([goods.categories.index(p.category) % len(VENDORS) for p in every])
    released = np.array([p.released is not None for p in every])
    days = (world.calendar.first_epoch_day + goods.released) * 86_400
    attributes = ['{"format": "LP"}' if p.released is not None else None for p in every]
    tagged = np.where([bool(p.tags) for p in every], at, -1)
    found = {"product_id": product_ids(goods, at), "name": made.labels([p.name for p in every], at),
             "category": made.labels([p.category for p in every], at),
             "brand": made.labels([p.brand for p in every], at), "vendor": made.labels(VENDORS, vendor),
             "tags": made.lists([p.tags for p in every], tagged),
             "price": made.money(goods.price_at(at, np.zeros(len(every)))),
             "unit_cost": made.money(goods.cost_at(at, np.zeros(len(every))), goods.cost_known),
             "released_at": made.moments(days, released), "attributes": pa.array(attributes, pa.string())}
    return pa.table(found, schema=made.schema("products", list(found)))


def costs_table(world: World, customers: int) -> pa.Table:
    """Advertising and tools each month, printing for the catalogues; as much as a shop of so many customers spends."""
    rows: list[tuple[int, str | None, str, str, float]] = []
    for begins, day in enumerate(world.calendar.days):
        if day.day == 1:
            rows += [(begins, f"Search ads {day:%B %Y}", "online", "advertising", 0.09),
                     (begins, f"Social ads {day:%B %Y}", "social", "advertising", 0.05),
                     (begins, None, "email", "tools", 0.012)]
    rows += [(int(world.calendar.day_of(np.array([c.at]))[0]), c.name, "post", "printing", 0.14)
             for c in world.calendar.campaigns if c.channel == "post"]
    rows.sort(key=lambda r: (r[0], str(r[1])))
    days = np.array([r[0] for r in rows], np.int64)
    growth = 0.6 + 0.8 * days / len(world.calendar.days)
    cents = np.array([world.goods.cents(float(c)) for c in np.array([r[4] for r in rows]) * growth * customers])
    at = np.minimum(world.calendar.midnights[days] + 9 * 3600, world.calendar.now)
    found = {"cost_id": made.ids("X", np.arange(1, len(rows) + 1, dtype=np.int64), 4), "at": made.moments(at),
             "campaign": pa.array([r[1] for r in rows], pa.string()),
             "channel": pa.array([r[2] for r in rows], pa.string()),
             "kind": pa.array([r[3] for r in rows], pa.string()), "amount": made.money(cents)}
    return pa.table(found, schema=made.schema("costs", list(found)))
