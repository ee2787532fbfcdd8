"""Visits to the web shop and checkouts begun there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from regulars.demo import columns as made
from regulars.demo.baskets import Bills
from regulars.demo.calendar import DAY, time_of_day
from regulars.demo.columns import Flags, Ints, choose
from regulars.demo.crowd import BROWSERS, DEVICES, Crowd
from regulars.demo.mail import SHOP
from regulars.demo.orders import Orders, Returning
from regulars.demo.world import ONLINE, World

PAGES = ("/", "/journal", "/sale", "/opening-hours")
SOURCES = (("newsletter", "email", "newsletter"), ("social", "post", "inspiration"), ("search", "cpc", "brand"))
UTM = ("utm_source", "utm_medium", "utm_campaign")
REFERRERS = ("https://search.example/", "https://social.example/")
BEFORE_ORDERS = 0.75
"""The share of visits that are research for an order to come."""


def active_until(world: World, crowd: Crowd, orders: Orders, returning: Returning) -> Ints:
    """Those who are lost fall silent within two months of their last order."""
    last = crowd.signed_up.copy()
    np.maximum.at(last, orders.owner, orders.at)
    stays = returning.alive | ~crowd.buys
    return np.where(stays, world.calendar.now, np.minimum(last + 60 * DAY, world.calendar.now))


def an_order_of_each(random: np.random.Generator, orders: Orders, owner: Ints, size: int) -> Ints:
    """For each entry of ``owner`` one of that customer's orders, -1 where there is none."""
    counts = np.bincount(orders.owner, minlength=size)
    begins = np.r_[0, np.cumsum(counts)[:-1]]
    drawn = begins[owner] + (random.random(len(owner)) * counts[owner]).astype(np.int64)
    return np.where(counts[owner] > 0, drawn, -1)


def visits(world: World, crowd: Crowd, orders: Orders, until: Ints, first_number: int) -> pa.Table:
    """Pages seen, numbered from ``first_number`` on."""
    random = world.random(crowd.chunk, "browsing")
    owner, at = _visit_times(world, random, crowd, orders, until)
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    size, goods = len(owner), world.goods
    category = choose(random, world.shares("categories", goods.categories), crowd.kind[owner])
    begins, ends = goods.begins[:-1][category], goods.begins[1:][category]
    product = begins + (random.random(size) * (ends - begins)).astype(np.int64)
    of_product, of_category = (chance := random.random(size)) < 0.55, chance < 0.8
    names = [p.name for p in goods.products]
    shelves = ["/c/" + _slug(c) for c in goods.categories]
    urls = [SHOP + path for path in (*("/p/" + _slug(n) for n in names), *shelves, *PAGES)]
    page = np.where(of_product, product, len(names) + np.where(of_category, category, len(goods.categories)
                                                               + random.integers(0, len(PAGES), size)))
    source = np.where(random.random(size) < 0.12, random.integers(0, len(SOURCES), size), -1)
    referrer = np.where((source < 0) & (random.random(size) < 0.3), random.integers(0, 2, size), -1)
    found = {"visit_id": made.ids("V", np.arange(first_number, first_number + size, dtype=np.int64), 8),
             "customer_id": crowd.ids(owner), "at": made.moments(at), "url": made.labels(urls, page),
             "product": made.labels(names, np.where(of_product, product, -1)),
             "category": made.labels(goods.categories, np.where(of_category, category, -1)),
             "browser": made.labels(BROWSERS, crowd.browser[owner]),
             "device": made.labels(DEVICES, _devices(random, crowd, owner)),
             "referrer": made.labels(REFERRERS, referrer),
             **{name: made.labels([s[i] for s in SOURCES], source) for i, name in enumerate(UTM)}}
    return pa.table(found, schema=made.schema("visits", list(found)))


def _visit_times(world: World, random: np.random.Generator, crowd: Crowd, orders: Orders,
                 until: Ints) -> tuple[Ints, Ints]:
    years = np.maximum(until - crowd.signed_up, 0) / (365 * DAY)
    owner = np.repeat(np.arange(len(crowd), dtype=np.int64), random.poisson(world.of("visits")[crowd.kind] * years + 1))
    order = an_order_of_each(random, orders, owner, len(crowd))
    research = (order >= 0) & (random.random(len(owner)) < BEFORE_ORDERS)
    span = until[owner] - crowd.signed_up[owner]
    anywhen = crowd.signed_up[owner] + (random.random(len(owner)) * span).astype(np.int64)
    if len(orders):
        before = orders.at[np.maximum(order, 0)] - (random.exponential(3 * DAY, len(owner)) + 120).astype(np.int64)
        anywhen = np.where(research, before, anywhen)
    evening = np.array([a.hours == "evening" for a in world.archetypes])[crowd.kind[owner]]
    size = len(owner)
    hour = np.where(evening, 21.0, 17.0)
    seconds = time_of_day(random, hour, np.full(size, 3.0), np.full(size, 6.0), np.full(size, 24.0))
    at = world.calendar.moment(world.calendar.day_of(anywhen), seconds, random.random(size))
    at = np.where(random.random(size) < 0.5, at, anywhen)
    kept: Flags = (at >= crowd.signed_up[owner]) & (at <= world.calendar.now)
    return owner[kept], at[kept]


def _devices(random: np.random.Generator, crowd: Crowd, owner: Ints) -> Ints:
    """The customer's own device, nearly always."""
    other = random.random(len(owner)) < 0.03
    return np.where(other, random.integers(0, len(DEVICES), len(owner)), crowd.device[owner])


def checkouts(world: World, crowd: Crowd, orders: Orders, bills: Bills, first_number: int) -> pa.Table:
    """One completed for each order online, and some that came to nothing."""
    random = world.random(crowd.chunk, "browsing").spawn(1)[0]
    online = np.flatnonzero(orders.channel == ONLINE)
    eager = np.where(world.of("promo")[orders.kind[online]] == 1, 0.8, 0.3)
    again = np.repeat(online, random.poisson(eager))
    left_at = orders.at[again] + random.integers(-20 * DAY, 60 * DAY, len(again))
    kept = (left_at >= crowd.signed_up[orders.owner[again]]) & (left_at <= world.calendar.now)
    again, left_at = again[kept], left_at[kept]
    order = np.concatenate([online, again])
    at = np.concatenate([orders.at[online], left_at])
    factor = np.concatenate([np.ones(len(online)), random.lognormal(0, 0.4, len(again))])
    total = np.rint(bills.total[order] * factor / world.goods.step).astype(np.int64) * world.goods.step
    total[: len(online)] = bills.total[online]
    by = np.lexsort((at, orders.owner[order]))
    numbers = np.arange(first_number, first_number + len(by), dtype=np.int64)
    lines = pa.array(np.minimum(bills.items[order][by], 99)).cast(pa.string())
    found = {"checkout_id": made.ids("K", numbers, 8), "customer_id": crowd.ids(orders.owner[order][by]),
             "at": made.moments(at[by]), "total": made.money(total[by]), "completed": made.yesno(by < len(online)),
             "properties": made.joined('{"pieces": ', lines, "}")}
    return pa.table(found, schema=made.schema("checkouts", list(found)))


def _slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())

