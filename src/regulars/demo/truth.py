"""What the analyses ought to find: which behaviour made whom, and what was planted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from regulars.demo import columns as made
from regulars.demo.archetypes import Archetype
from regulars.demo.catalogue import ARTISTS, SEQUENCES
from regulars.demo.crowd import NEVER, WELCOMES, Crowd
from regulars.demo.ledger import product_ids
from regulars.demo.orders import SECOND_SOON, SOON_UNTIL, Orders, Returning
from regulars.demo.world import CHANNELS, World

DERIVED_AT_LEAST = 0.25
"""Two complements of one product go together too where both are taken this often."""


def of_customers(world: World, crowd: Crowd, orders: Orders, returning: Returning) -> pa.Table:
    """One row a customer."""
    names = [a.name for a in world.archetypes]
    behaviours = [a.behaviour for a in world.archetypes]
    buys, collects = crowd.buys, (np.array(behaviours) == "collector")[crowd.kind]
    return pa.table({
        "customer_id": made.ids("C", crowd.numbers, 6),
        "archetype": made.labels(names, crowd.kind),
        "behaviour": made.labels(behaviours, crowd.kind),
        "orders": made.whole(np.bincount(orders.owner, minlength=len(crowd))),
        "orders_per_year": made.numbers(crowd.rate, buys & ~world.buy_once[crowd.kind]),
        "loss_probability": made.numbers(crowd.loss, buys & ~world.buy_once[crowd.kind]),
        "alive": made.yesno(returning.alive, buys),
        "first_order_at": made.moments(crowd.first_at, buys),
        "first_channel": made.labels(CHANNELS, np.where(buys, crowd.first_channel, -1)),
        "welcome": made.labels(WELCOMES, np.where(crowd.consent, crowd.welcome, -1)),
        "clicked_welcome": made.yesno(crowd.clicked < NEVER),
        "second_order_soon": made.yesno(returning.soon, buys),
        "favourite_artist": made.labels(ARTISTS, np.where(collects, crowd.artist, -1)),
    })


def of_shop(world: World, rows: dict[str, int]) -> dict[str, Any]:
    """What holds of the whole."""
    return {
        "made": {"seed": world.seed, "now": np.datetime_as_string(np.datetime64(world.calendar.now, "s")) + "Z",
                 "customers": rows["customers"], "rows": rows},
        "archetypes": [_archetype(a) for a in world.archetypes],
        "behaviours": sorted({a.behaviour for a in world.archetypes}),
        "complements": _complements(world),
        "sequences": [{"first": a, "then": b, "within_days": days, "chance": chance}
                      for a, b, days, chance in SEQUENCES],
        "drivers": _drivers(),
        "personas": {"Joe": "occasion_gift_buyer", "Sarah": "small_things_online"},
    }


def _archetype(archetype: Archetype) -> dict[str, Any]:
    per_day = archetype.rate / 365
    return {"name": archetype.name, "behaviour": archetype.behaviour, "share": archetype.share,
            "story": archetype.story, "season": archetype.season, "buying": {
                "r": archetype.shape, "alpha_days": archetype.shape / per_day, "a": archetype.loss[0],
                "b": archetype.loss[1]} if per_day else None}


def _complements(world: World) -> list[dict[str, Any]]:
    """Each planted pair once, then those that follow from two of them."""
    goods, pairs = world.goods, world.goods.catalogue.pairs()
    skus = product_ids(goods, np.arange(len(goods.products), dtype=np.int64)).to_pylist()
    found = [_pair(world, skus, left, right, chance, False) for left, right, chance in pairs]
    together = {(min(b, d), max(b, d)): p * q for a, b, p in pairs for c, d, q in pairs if a == c and b < d}
    found += [_pair(world, skus, b, d, chance, True) for (b, d), chance in sorted(together.items())
              if chance >= DERIVED_AT_LEAST]
    return found


def _pair(world: World, skus: list[str], left: int, right: int, chance: float, derived: bool) -> dict[str, Any]:
    products = world.goods.products
    return {"product_id": skus[left], "name": products[left].name, "complement_id": skus[right],
            "complement": products[right].name, "chance": round(chance, 4), "derived": derived}


def _drivers() -> dict[str, Any]:
    """Drivers change the chance of a second order within the days said; decoys change nothing at all."""
    return {
        "outcome": f"a second order within {SOON_UNTIL} days of the first, of those who buy more than once by nature",
        "outcome_days": SOON_UNTIL,
        "base_chance": SECOND_SOON["anyone"],
        "planted": [
            {"name": "first order in the store", "attribute": "first_channel", "value": "store",
             "adds": SECOND_SOON["first order in the store"]},
            {"name": "clicked the welcome mail", "attribute": "clicked_welcome", "value": True,
             "adds": SECOND_SOON["clicked the welcome mail"]},
        ],
        "decoys": [
            {"name": "variant of the welcome mail", "attribute": "welcome"},
            {"name": "browser", "attribute": "browser"},
            {"name": "where consent was given", "attribute": "email_consent_origin"},
            {"name": "street and city", "attribute": "city"},
        ],
        "confounded": [
            {"name": "device", "attribute": "device",
             "why": "goes with the archetype, which goes with the channel of the first order"},
            {"name": "web savviness", "attribute": "web_savviness", "why": "goes with the archetype and with age"},
        ],
    }
