"""What is in each order: products by taste and season, with their planted complements; and what it came to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.demo.calendar import DAY, HISTORY
from regulars.demo.catalogue import ALBUM_WORDS, ARTISTS, RECORDS, SEQUENCES
from regulars.demo.columns import Flags, Floats, Ints, choose
from regulars.demo.crowd import Crowd
from regulars.demo.orders import Orders
from regulars.demo.world import ONLINE, PHONE, STORE, World

TASTE = 0.35
"""How often a customer takes the product of a category that is their own favourite."""
FAVOURITE_ARTIST = 0.85
NEW_RELEASE_DAYS = 60
RETURN_AFTER = 14 * DAY
PAID, PENDING, CANCELLED, REFUNDED, FAILED = range(5)
STATUSES = ("paid", "pending", "cancelled", "refunded", "failed")


@dataclass
class Lines:
    """Arrays with one entry a line, sorted by order; amounts in cents. ``order`` is a position in the orders."""

    order: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    discount: Ints
    unit_cost: Ints
    returned: Ints


@dataclass
class Bills:
    """Arrays with one entry an order; amounts in cents."""

    subtotal: Ints
    discount: Ints
    shipping: Ints
    total: Ints
    tax: Ints
    refunded: Ints
    status: Ints
    items: Ints


def fill_baskets(world: World, crowd: Crowd, orders: Orders) -> tuple[Lines, Bills]:
    """The lines of each order, at least one, and the bill."""
    random = world.random(crowd.chunk, "baskets")
    order, product = _primary(world, random, crowd, orders)
    order, product = _distinct(world, *_with_complements(world, random, order, product))
    order, product = _distinct(world, *_with_sequels(world, random, orders, order, product))
    lines = _priced(world, random, orders, order, product)
    status = _statuses(world, random, orders)
    lines.returned = _returns(world, random, orders, lines, status)
    return lines, _bills(world, orders, lines, status)


def _primary(world: World, random: np.random.Generator, crowd: Crowd, orders: Orders) -> tuple[Ints, Ints]:
    """Order and product of what people came for: one product a category."""
    most = world.of("most_lines")[orders.kind].astype(np.int64)
    count = np.minimum(1 + random.poisson(world.of("extra_lines")[orders.kind]), most)
    order = np.repeat(np.arange(len(orders), dtype=np.int64), count)
    category = _categories(world, random, orders, order)
    pair = np.unique(order * len(world.goods.categories) + category)
    order, category = np.divmod(pair, len(world.goods.categories))
    product = _products(world, random, orders.owner[order], category)
    record = category == world.goods.categories.index(RECORDS)
    product[record] = _albums(world, random, crowd, orders, order[record])
    return order, product


def _categories(world: World, random: np.random.Generator, orders: Orders, order: Ints) -> Ints:
    wanted = world.shares("categories", world.goods.categories)
    by_month = (wanted[:, None, :] * world.goods.season[None, :, :]).reshape(-1, len(world.goods.categories))
    return choose(random, by_month, orders.kind[order] * 12 + world.calendar.months[orders.day[order]])


def _products(world: World, random: np.random.Generator, owner: Ints, category: Ints) -> Ints:
    """By popularity, or the owner's favourite of the category."""
    goods = world.goods
    tastes = random.random(owner.max() + 1 if len(owner) else 0)
    favourite = np.modf(tastes[owner] + category * 0.6180339887)[0]
    chance = np.where(random.random(len(owner)) < TASTE, favourite, random.random(len(owner)))
    ends = goods.weights[goods.begins[1:] - 1]
    starts = np.r_[0.0, ends[:-1]]
    reached = starts[category] + chance * (ends - starts)[category]
    found = np.searchsorted(goods.weights, reached, side="right")
    return np.asarray(np.clip(found, goods.begins[category], goods.begins[category + 1] - 1), np.int64)


def _albums(world: World, random: np.random.Generator, crowd: Crowd, orders: Orders, order: Ints) -> Ints:
    """A record that is out: the favourite artist's newest if it is new, else the next one not yet on the shelf."""
    albums = len(ALBUM_WORDS)
    owner, day = orders.owner[order], orders.day[order]
    loyal = random.random(len(order)) < FAVOURITE_ARTIST
    artist = np.where(loyal, crowd.artist[owner], random.integers(0, len(ARTISTS), len(order)))
    released = world.goods.released[world.goods.records_from:].reshape(-1, albums)[artist]
    out = (released <= day[:, None]).sum(axis=1)
    newest = np.take_along_axis(released, out[:, None] - 1, axis=1)[:, 0]
    new = (day - newest < NEW_RELEASE_DAYS) & (random.random(len(order)) < 0.7)
    album = np.where(new, out - 1, (owner * 5 + orders.rank[order]) % out)
    return np.asarray(world.goods.records_from + artist * albums + album, np.int64)


def _with_complements(world: World, random: np.random.Generator, order: Ints, product: Ints) -> tuple[Ints, Ints]:
    orders, products = [order], [product]
    for rights, chances in _slots(world):
        right = rights[product]
        taken = (right >= 0) & (random.random(len(product)) < chances[product])
        orders.append(order[taken])
        products.append(right[taken])
    return np.concatenate(orders), np.concatenate(products)


def _slots(world: World) -> list[tuple[Ints, Floats]]:
    """First, second … complement of each product and its chance; -1 for none."""
    size = len(world.goods.products)
    slots: list[tuple[Ints, Floats]] = []
    filled = np.zeros(size, np.int64)
    for left, right, chance in world.goods.catalogue.pairs():
        if filled[left] == len(slots):
            slots.append((np.full(size, -1, np.int64), np.zeros(size)))
        slots[filled[left]][0][left], slots[filled[left]][1][left] = right, chance
        filled[left] += 1
    return slots


def _with_sequels(world: World, random: np.random.Generator, orders: Orders, order: Ints,
                  product: Ints) -> tuple[Ints, Ints]:
    more_orders, more_products = [order], [product]
    for name, other, days, chance in SEQUENCES:
        (left,), (right,) = world.goods.catalogue.named(name), world.goods.catalogue.named(other)
        before = order[product == left]
        before = before[before + 1 < len(orders)]
        in_time = orders.at[before + 1] <= orders.at[before] + days * DAY
        follows = in_time & (orders.owner[before + 1] == orders.owner[before])
        taken = follows & (random.random(len(before)) < chance)
        more_orders.append(before[taken] + 1)
        more_products.append(np.full(taken.sum(), right, np.int64))
    return np.concatenate(more_orders), np.concatenate(more_products)


def _distinct(world: World, order: Ints, product: Ints) -> tuple[Ints, Ints]:
    """Each product once an order, sorted."""
    size = len(world.goods.products)
    order, product = np.divmod(np.unique(order * size + product), size)
    return order, product


def _priced(world: World, random: np.random.Generator, orders: Orders, order: Ints, product: Ints) -> Lines:
    goods = world.goods
    bulk = np.array([a.bulk for a in world.archetypes])[orders.kind[order]]
    pieces = goods.pieces[product, bulk.astype(np.int64)]
    spread = np.where(pieces > 1, random.lognormal(0, 0.4, len(order)), 1 + (random.random(len(order)) < 0.08))
    quantity = np.maximum(np.rint(pieces * spread), 1).astype(np.int64)
    years_ago = (HISTORY - 1 - orders.day[order]) / 365
    unit_price = goods.price_at(product, years_ago)
    promo = orders.promo[order]
    shares = np.array([p.share for p in world.calendar.promos] + [0.0])
    discount = np.rint(quantity * unit_price * shares[promo] / goods.cent).astype(np.int64) * goods.cent
    return Lines(order, product, quantity, unit_price, discount, goods.cost_at(product, years_ago),
                 np.zeros(len(order), np.int64))


def _statuses(world: World, random: np.random.Generator, orders: Orders) -> Ints:
    """The first two orders of anybody are paid; some of the later ones are not."""
    chance = random.random(len(orders))
    status = np.full(len(orders), PAID, np.int64)
    status[chance < 0.015] = CANCELLED
    status[(chance > 0.993) & (orders.channel == ONLINE)] = FAILED
    open_invoice = (orders.channel == PHONE) & (orders.at > world.calendar.now - 10 * DAY) & (chance > 0.5)
    status[open_invoice] = PENDING
    status[orders.rank < 2] = PAID
    return status


def _returns(world: World, random: np.random.Generator, orders: Orders, lines: Lines, status: Ints) -> Ints:
    """Pieces that came back: whole lines of paid orders that are old enough."""
    settled: Flags = (status == PAID) & (orders.at < world.calendar.now - RETURN_AFTER)
    back = settled[lines.order] & (random.random(len(lines.order)) < world.of("returns")[orders.kind[lines.order]])
    return np.where(back, lines.quantity, 0)


def _bills(world: World, orders: Orders, lines: Lines, status: Ints) -> Bills:
    begins = np.searchsorted(lines.order, np.arange(len(orders)))
    gross = lines.quantity * lines.unit_price
    subtotal, discount = _sums(gross, begins), _sums(lines.discount, begins)
    back = np.where(lines.returned > 0, gross - lines.discount, 0)
    items, returned = _sums(lines.quantity, begins), _sums(lines.returned, begins)
    shipping = _shipping(world, orders, subtotal - discount)
    total = subtotal - discount + shipping
    everything = (returned == items) & (items > 0)
    refunded = np.where(everything, total, _sums(back, begins))
    cent = world.goods.cent
    tax = np.rint(total * world.tax / (1 + world.tax) / cent).astype(np.int64) * cent
    return Bills(subtotal, discount, shipping, total, tax, refunded, np.where(everything, REFUNDED, status), items)


def _sums(values: Ints, begins: Ints) -> Ints:
    return np.add.reduceat(values, begins) if len(begins) else np.zeros(0, np.int64)


def _shipping(world: World, orders: Orders, value: Ints) -> Ints:
    cents = world.goods.cents
    parcel = np.where(value >= cents(75), 0, cents(4.95))
    lorry = np.where(value >= cents(900), 0, cents(49))
    return np.select([orders.channel == STORE, orders.channel == PHONE], [0, lorry], parcel)
