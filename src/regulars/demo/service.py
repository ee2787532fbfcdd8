"""Tickets, events by name, and survey answers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from regulars.demo import columns as made
from regulars.demo.browsing import an_order_of_each
from regulars.demo.calendar import DAY
from regulars.demo.columns import Ints, choose
from regulars.demo.crowd import Crowd
from regulars.demo.orders import Orders
from regulars.demo.people import PLANS, Plans
from regulars.demo.world import World

TICKET_CHANNELS = ("phone", "email", "chat", "social")
TOPICS = ("return", "delivery", "product question", "invoice", "complaint", "plan")
TICKET_STATUSES = ("open", "closed")
NETWORKS = ("Pixly", "Loopr", "Chirp")
EVENTS = ("Trial Started", "Plan Started", "Plan Cancelled", "Shared Product", "Quote Requested", "Review Written")
TRIAL, STARTED, CANCELLED, SHARED, QUOTE, REVIEW = range(6)
TRIAL_DAYS = 30
NPS = "NPS"
MATTERS = "What matters most to you?"
RESEARCH = "How do you look for products before you buy?"
EASE = "How easy was it to deal with us (1-7)?"
ANSWERS_TO = {
    MATTERS: ("price", "choice", "advice", "quality", "quick delivery"),
    RESEARCH: ("on the website", "in the store", "social media", "I ask friends", "I do not"),
}
VALUES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "gifts": ((1, 4, 1, 4, 1), (8, 1, 0.3, 0.5, 0.3)), "small_online": ((3, 4, 0.3, 1, 2), (1.5, 0.2, 7, 2, 0.5)),
    "trade": ((3, 1, 1, 3, 4), (0.5, 2, 0.1, 1, 5)), "bargain": ((9, 1, 0.3, 0.5, 0.5), (7, 1, 1, 0.5, 0.5)),
    "loyal": ((0.5, 2, 4, 4, 1), (3, 4, 0.5, 1, 1)), "costly": ((2, 1, 5, 2, 3), (4, 1, 1, 1, 2)),
    "collector": ((0.5, 7, 1, 2, 1), (3, 3, 2, 1, 0.2)),
}
ANY_VALUES = ((1.0,) * 5, (1.0,) * 5)


def tickets(world: World, crowd: Crowd, orders: Orders, until: Ints, first_number: int) -> pa.Table:
    """Service cases, most of them soon after an order."""
    random = world.random(crowd.chunk, "service")
    years = np.maximum(until - crowd.signed_up, 0) / (365 * DAY)
    owner = np.repeat(np.arange(len(crowd), dtype=np.int64), random.poisson(world.of("tickets")[crowd.kind] * years))
    order = an_order_of_each(random, orders, owner, len(crowd))
    anywhen = crowd.signed_up[owner] + (random.random(len(owner)) * (until - crowd.signed_up)[owner]).astype(np.int64)
    after = orders.at[np.maximum(order, 0)] if len(orders) else anywhen
    at = np.where(order >= 0, after + (random.exponential(5 * DAY, len(owner)) + 3600).astype(np.int64), anywhen)
    owner, at = owner[at <= world.calendar.now], at[at <= world.calendar.now]
    by = np.lexsort((at, owner))
    return _tickets(world, random, crowd, owner[by], at[by], first_number)


def _tickets(world: World, random: np.random.Generator, crowd: Crowd, owner: Ints, at: Ints,
             first_number: int) -> pa.Table:
    size, kind = len(owner), crowd.kind[owner]
    effort = np.clip(np.rint(random.normal(world.of("effort")[kind], 1.6)), 1, 10)
    minutes = np.round(random.gamma(2.5, 1.0 + effort * 1.6), 1)
    closed = at + (minutes * 60).astype(np.int64) + random.exponential(DAY * effort / 4, size).astype(np.int64)
    done = closed <= world.calendar.now
    talks = np.array([a.followers >= 1000 for a in world.archetypes])[kind]
    channel = choose(random, np.array([[4, 4, 2, 0.5], [0.5, 1, 3, 5]]), talks.astype(np.int64))
    costly = np.array([a.returns > 0.2 for a in world.archetypes])[kind]
    topic = choose(random, np.array([[1, 4, 4, 2, 1, 0.5], [6, 3, 2, 1, 4, 0.1]]), costly.astype(np.int64))
    rated = done & (random.random(size) < 0.4)
    satisfaction = np.clip(np.rint(random.normal(5.4 - effort / 2.4, 0.8)), 1, 5)
    found = {"ticket_id": made.ids("T", np.arange(first_number, first_number + size, dtype=np.int64), 7),
             "customer_id": crowd.ids(owner), "at": made.moments(at), "opened": made.moments(at),
             "closed": made.moments(closed, done), "channel": made.labels(TICKET_CHANNELS, channel),
             "topic": made.labels(TOPICS, topic), "effort": made.whole(effort), "minutes": made.numbers(minutes, done),
             "status": made.labels(TICKET_STATUSES, done), "satisfaction": made.numbers(satisfaction, rated)}
    return pa.table(found, schema=made.schema("tickets", list(found)))


def events(world: World, crowd: Crowd, orders: Orders, plans: Plans, first_number: int) -> pa.Table:
    """What has a name of its own: plans tried and begun, products shared, quotes asked for, reviews."""
    random = world.random(crowd.chunk, "service").spawn(1)[0]
    parts = [*_plan_events(world, random, crowd, plans), *_talk(world, random, crowd, orders)]
    what = np.concatenate([np.full(len(owner), kind) for kind, owner, _, _ in parts])
    owner, at = np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts])
    properties = pa.concat_arrays([p[3].cast(pa.string()) for p in parts])
    by = np.flatnonzero(at <= world.calendar.now)
    by = by[np.lexsort((what[by], at[by], owner[by]))]
    found = {"event_id": made.ids("E", np.arange(first_number, first_number + len(by), dtype=np.int64), 8),
             "customer_id": crowd.ids(owner[by]), "at": made.moments(at[by]),
             "name": made.labels(EVENTS, what[by]), "properties": properties.take(pa.array(by))}
    return pa.table(found, schema=made.schema("events", list(found)))


Part = tuple[int, Ints, Ints, pa.Array]


def _plan_events(world: World, random: np.random.Generator, crowd: Crowd, plans: Plans) -> list[Part]:
    on = np.flatnonzero(plans.plan >= 0)
    name = made.labels(PLANS, plans.plan[on])
    trial = made.joined('{"plan": "', name, f'", "days": {TRIAL_DAYS}, "seats": ',
                        pa.array(random.integers(1, 4, len(on))).cast(pa.string()), "}")
    plan = made.joined('{"plan": "', name, '"}')
    started = plans.status[on] != 0
    ended = plans.status[on] == 3
    begins = plans.since[on] + TRIAL_DAYS * DAY
    ends = begins + (random.random(len(on)) * np.maximum(world.calendar.now - begins, 0)).astype(np.int64)
    return [(TRIAL, on, plans.since[on], trial),
            (STARTED, on[started], begins[started], plan.filter(pa.array(started))),
            (CANCELLED, on[ended], ends[ended], plan.filter(pa.array(ended)))]


def _talk(world: World, random: np.random.Generator, crowd: Crowd, orders: Orders) -> list[Part]:
    behaviour = np.array([a.behaviour for a in world.archetypes])
    chance = random.random(len(orders))
    shares = np.flatnonzero((behaviour == "small_online")[orders.kind] & (chance < 0.4))
    network = made.labels(NETWORKS, random.integers(0, len(NETWORKS), len(shares)))
    shared = made.joined('{"network": "', network, '", "pictures": ',
                         pa.array(random.integers(1, 6, len(shares))).cast(pa.string()), "}")
    quotes = np.flatnonzero((behaviour == "trade")[orders.kind] & (chance < 0.12))
    asked = np.flatnonzero(world.named(frozenset({"prospect"}))[crowd.kind])
    owner = np.concatenate([orders.owner[quotes], asked])
    quoted_at = np.concatenate([np.maximum(orders.at[quotes] - 2 * DAY, crowd.signed_up[orders.owner[quotes]]),
                                crowd.signed_up[asked] + 30])
    metres = made.joined('{"square_metres": ', pa.array(random.integers(5, 400, len(owner))).cast(pa.string()), "}")
    glad = np.flatnonzero((chance > 0.96) & (world.of("recommends")[orders.kind] > 8))
    stars = made.joined('{"stars": ', pa.array(random.integers(4, 6, len(glad))).cast(pa.string()), "}")
    return [(SHARED, orders.owner[shares], orders.at[shares] + random.integers(DAY, 6 * DAY, len(shares)), shared),
            (QUOTE, owner, quoted_at, metres),
            (REVIEW, orders.owner[glad], orders.at[glad] + random.integers(2 * DAY, 12 * DAY, len(glad)), stars)]


def answers(world: World, crowd: Crowd, until: Ints) -> pa.Table:
    """A survey each spring and autumn, answered by some of those who are about."""
    random = world.random(crowd.chunk, "surveys")
    waves = [(f"{'Spring' if d.month == 5 else 'Autumn'} {d.year}", int(world.calendar.midnights[at]) + 36_000)
             for at, d in enumerate(world.calendar.days) if (d.month, d.day) in ((5, 15), (10, 15))]
    owners, wave, at = [], [], []
    for number, (_, sent) in enumerate(waves):
        about = crowd.buys & (crowd.signed_up < sent) & (until > sent) & crowd.has_email
        who = np.flatnonzero(about & (random.random(len(crowd)) < 0.09))
        owners.append(who)
        wave.append(np.full(len(who), number))
        at.append(sent + random.integers(600, 9 * DAY, len(who)))
    owner, which, when = np.concatenate(owners), np.concatenate(wave), np.concatenate(at)
    kept = when <= world.calendar.now
    owner, which, when = owner[kept], which[kept], when[kept]
    by = np.lexsort((which, owner))
    return _answers(world, random, crowd, owner[by], made.labels([w for w, _ in waves], which[by]), when[by])


def _answers(world: World, random: np.random.Generator, crowd: Crowd, owner: Ints, survey: pa.Array,
             at: Ints) -> pa.Table:
    """Four rows a respondent, a question each."""
    kind, size = crowd.kind[owner], len(owner)
    glad = random.normal(world.of("recommends")[kind], 1.4)
    nps = np.clip(np.rint(glad), 0, 10)
    ease = np.clip(np.rint(8 - world.of("effort")[kind] * 0.75 + random.normal(0, 0.9, size)), 1, 7)
    weights = [VALUES.get(a.behaviour, ANY_VALUES) for a in world.archetypes]
    chosen = {q: made.labels(words, choose(random, np.array([w[i] for w in weights]), kind))
              for i, (q, words) in enumerate(ANSWERS_TO.items())}
    unknown = pa.nulls(size, pa.float64())
    columns = [(NPS, pa.array(nps.astype(np.int64)).cast(pa.string()), made.numbers(nps)),
               *((q, value, unknown) for q, value in chosen.items()),
               (EASE, pa.array(ease.astype(np.int64)).cast(pa.string()), made.numbers(ease))]
    by = pa.array(np.arange(size * len(columns)).reshape(len(columns), size).T.reshape(-1))
    many = len(columns)
    respondent = made.ids("R", crowd.numbers[owner], 6)
    found = {"survey": pa.concat_arrays([survey] * many), "respondent": pa.concat_arrays([respondent] * many),
             "question": made.labels([q for q, _, _ in columns], np.repeat(np.arange(many), size)),
             "customer_id": pa.concat_arrays([crowd.ids(owner)] * many),
             "at": made.moments(np.tile(at, many)), "value": pa.concat_arrays([v for _, v, _ in columns]),
             "number": pa.concat_arrays([n for _, _, n in columns])}
    return pa.table(found, schema=made.schema("answers", list(found))).take(by)
