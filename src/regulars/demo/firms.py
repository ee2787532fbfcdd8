"""Accounts: the firms tradespeople buy for, one to three people at each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import columns as made
from regulars.demo.crowd import Crowd
from regulars.demo.names import BUYING_PROCESSES, NAMES, TRADES
from regulars.demo.world import World

STAGES = ("start-up", "growing", "mature")


def draw_accounts(world: World, crowd: Crowd, first_number: int) -> tuple[pa.Table, pa.Array]:
    """The firms of this chunk, numbered from ``first_number`` on, and each customer's account id."""
    random = world.random(crowd.chunk, "details").spawn(1)[0]
    trade = np.array([a.behaviour == "trade" for a in world.archetypes])[crowd.kind]
    people = np.flatnonzero(trade & (random.random(len(crowd)) < 0.85))
    begins = random.random(len(people)) < 0.62
    begins[:1] = True
    firm = np.cumsum(begins) - 1
    of_customer = np.full(len(crowd), -1, np.int64)
    of_customer[people] = firm + first_number
    known = of_customer >= 0
    ids = made.hidden(made.ids("A", np.maximum(of_customer, 0), 5), known)
    since = np.full(int(begins.sum()), world.calendar.now, np.int64)
    np.minimum.at(since, firm, crowd.signed_up[people])
    return _firms(world, random, first_number, since), ids


def _firms(world: World, random: np.random.Generator, first_number: int, since: made.Ints) -> pa.Table:
    size = len(since)
    numbers = np.arange(first_number, first_number + size, dtype=np.int64)
    employees = np.clip(np.rint(random.lognormal(1.9, 0.9, size)), 1, 400).astype(np.int64)
    founded = world.calendar.last.year - np.clip(random.exponential(14, size).astype(np.int64), 0, 90)
    stage = np.select([world.calendar.last.year - founded < 3, employees > 25], [0, 2], random.integers(1, 3, size))
    trade = random.integers(0, len(TRADES), size)
    language = next((code for code in world.languages if code in ("nl", "de", "en", "id")), "nl")
    families = [native for native, _ in NAMES[language].family]
    name = made.joined(made.labels(families, random.integers(0, len(families), size)), " ",
                       made.labels([t for t, _ in TRADES], trade), " ", pa.array(numbers).cast(pa.string()))
    revenue = np.rint(employees * random.lognormal(11.3, 0.3, size) * world.goods.factor).astype(np.int64)
    parent = np.where((random.random(size) < 0.04) & (numbers > first_number), numbers - 1, -1)
    found = {"account_id": made.ids("A", numbers, 5), "at": made.moments(since), "name": name,
             "industry": made.labels([i for _, i in TRADES], trade), "employees": made.whole(employees),
             "revenue": made.money(np.minimum(revenue, 10**13) * 100, random.random(size) < 0.7),
             "founded": made.whole(founded), "stage": made.labels(STAGES, stage),
             "country": made.labels([world.country], np.zeros(size)),
             "buying_process": made.labels(BUYING_PROCESSES, random.integers(0, len(BUYING_PROCESSES), size)),
             "parent_account_id": pc.if_else(pa.array(parent >= 0), made.ids("A", np.maximum(parent, 0), 5),
                                             pa.scalar(None, pa.string()))}
    return pa.table(found, schema=made.schema("accounts", list(found)))
