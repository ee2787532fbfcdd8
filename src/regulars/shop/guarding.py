"""The guard of a shop: joins what customers are worth (insight) with what an offer gives (outreach)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused, TooLittleData
from regulars.insight.common.sql import NET
from regulars.insight.profit.assumptions import assume
from regulars.insight.profit.ledger import Between
from regulars.insight.profit.orders import UNKNOWN, how_known, left_sql
from regulars.insight.value.bgnbd import BGNBD
from regulars.insight.value.counting import Counted, count
from regulars.insight.value.fitting import fit
from regulars.insight.value.rows import Rows
from regulars.intake.prepared import Progress, Report
from regulars.model.clock import local_day
from regulars.model.settings import Settings
from regulars.outreach.audience import Audience, WouldBuy
from regulars.outreach.campaign import Campaign, Offer
from regulars.outreach.guard import Chances, GuardBox, Look, Offered, Scales, lateness, learn
from regulars.outreach.guard.chances import Floats
from regulars.outreach.guard.weighing import FREE_SHIPPING
from regulars.outreach.results.learning import Lift
from regulars.segments.kept import facts_version
from regulars.shop.refusals import why

LOOKS, FEWEST_LOOKS = 4, 2
"""Earlier spans, one window apart, that are looked back to; fewer where the shop is young."""
LOOKING_BACK = "looking back"
"""What the learning reports, with how many looks are done."""
FEWEST_PEOPLE, FEWEST_BUYERS = 50, 20
"""So many must have ordered before a look, and bought in all looks together."""
HELD = 2
"""How many orders of average size everybody is taken to have placed, when the size of theirs is foretold."""
YEAR, WEEK = timedelta(days=365), 7.0
EVERYONE = "guard_everyone"


@dataclass(frozen=True)
class Ground:
    """What of a shop is looked at here."""

    engine: DuckDBEngine
    settings: Settings


@dataclass(frozen=True)
class Learnt:
    """What the guard knows of everybody who has ordered, for one window: their ``customers`` in order."""

    customers: Sequence[str]
    chances: Chances
    look: Look
    days: int

    def chance(self) -> dict[str, float]:
        return dict(zip(self.customers, self.chances.of(self.look).tolist(), strict=True))


def learnt(engine: DuckDBEngine, settings: Settings, days: int, now: datetime,
           report: Report = lambda _: None) -> Learnt:
    """Of looks back at as many earlier windows as the shop has; raises `TooLittleData`."""
    shop, window = Ground(engine, settings), timedelta(days=days)
    looks = []
    for back in range(LOOKS, 0, -1):
        report(Progress(LOOKING_BACK, LOOKS - back, LOOKS))
        if found := _look(shop, now - window * back, window):
            looks.append(found[0])
    buyers = sum(int(look.bought.sum()) for look in looks)
    today = _look(shop, now, window)
    if len(looks) < FEWEST_LOOKS or buyers < FEWEST_BUYERS or today is None:
        raise TooLittleData(why("Who would buy anyway within {days} days cannot be told yet: it takes {people} "
                                "customers with orders and {buyers} who ordered again in such a time.", days=days,
                                people=FEWEST_PEOPLE, buyers=FEWEST_BUYERS),
                            hint=why("Bring in more data, or look at a longer time."))
    return Learnt(today[1], learn(looks), today[0], days)


def _look(shop: Ground, then: datetime, window: timedelta) -> tuple[Look, list[str]] | None:
    """Everybody who had ordered by a moment, and what followed; None where they were too few."""
    shop.engine.execute(f"CREATE OR REPLACE TEMP TABLE {EVERYONE} AS SELECT customer_id FROM customers")
    try:
        counted = count(shop, EVERYONE, then, local_day(then, shop.settings.zone), "total")
    finally:
        shop.engine.execute(f"DROP TABLE {EVERYONE}")
    if len(counted) < FEWEST_PEOPLE:
        return None
    rows, which = Rows.of(counted.x, counted.last, counted.until, WEEK)
    model = BGNBD()
    chance = model.chance(fit(model, rows, 1).parameters, rows, window.days / WEEK)[which]
    paid, size = _money(shop.engine, counted, then, window)
    x = counted.x.astype(float)
    return Look(chance, x, lateness(x, counted.last.astype(float), counted.until.astype(float)), paid > 0, paid,
                size), counted.customer_id.to_pylist()


def _money(engine: DuckDBEngine, counted: Counted, then: datetime, window: timedelta) -> tuple[Floats, Floats]:
    """What each paid in the window after a moment, and the size of order to expect of them by then."""
    engine.register(EVERYONE, pa.table({"place": pa.array(range(len(counted)), pa.int64()),
                                        "customer_id": counted.customer_id}))
    try:
        found = engine.query(
            f"""SELECT place, coalesce(sum({NET}) FILTER ("at" > $1), 0)::DOUBLE AS paid,
                coalesce(sum({NET}) FILTER ("at" <= $1), 0)::DOUBLE AS before, count({NET}) FILTER ("at" <= $1) AS n
            FROM {EVERYONE} LEFT JOIN (FROM orders WHERE counted AND "at" <= $2) USING (customer_id)
            GROUP BY place ORDER BY place""", [then, then + window])
    finally:
        engine.unregister(EVERYONE)
    paid, before, n = (np.asarray(found[c].to_numpy(), np.float64) for c in ("paid", "before", "n"))
    mean = float(before.sum()) / max(float(n.sum()), 1.0)
    return paid, (before + HELD * mean) / (n + HELD)


class Guarding:
    """What the guard knows of a shop's customers, kept while the facts stand still: it counts in days."""

    def __init__(self, engine: DuckDBEngine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._kept: tuple[tuple[int, int, date], Learnt] | None = None

    def learnt(self, days: int, now: datetime, report: Report = lambda _: None) -> Learnt:
        """As `learnt`, once for each state of the facts, window and day."""
        key = (facts_version(self._engine), days, local_day(now, self._settings.zone))
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, learnt(self._engine, self._settings, days, now, report))
        return self._kept[1]

    def would_buy(self, campaign: Campaign, now: datetime) -> WouldBuy:
        """The chance of each who has ordered to do so again by themselves within the campaign's window.

        Raises `Refused` where that cannot be told: nobody gets an offer unguarded who was to be guarded.
        """
        def chances(customers: Sequence[str]) -> Mapping[str, float]:
            try:
                return self.learnt(campaign.window_days, now).chance()
            except TooLittleData as error:
                raise Refused(error.message, hint=why("Or let those who would buy anyway have it too.")) from error
        return chances


@dataclass(frozen=True)
class ForWhom:
    """An offer, and the customers it would go to."""

    offer: Offer
    customers: Sequence[str]


def offered(campaign: Campaign, found: Audience) -> ForWhom:
    """The offer of a campaign that most would get, and those in an arm who would; raises `Refused` without one."""
    offers = {v.name: campaign.offer_of(v) for v in campaign.variants}
    people: dict[Offer, list[str]] = {}
    for row in found.rows:
        offer = offers.get(row.variant)
        if row.arm and offer is not None:
            people.setdefault(offer, []).append(row.customer_id)
    if not people:
        raise Refused(why("'{name}' offers nothing to anybody, so there is nothing to guard.", name=campaign.name),
                      hint=why("Give a message an offer, or send it as it is."))
    most = max(people, key=lambda offer: len(people[offer]))
    return ForWhom(most, people[most])


def guard_box(engine: DuckDBEngine, settings: Settings, offer: Offer, customers: Sequence[str], now: datetime,
              lift: Lift, known: Learnt) -> GuardBox:
    """Of these customers, who would get the offer."""
    chance, amounts = known.chances.of(known.look), known.chances.amounts(known.look)
    place = {who: i for i, who in enumerate(known.customers)}
    of = np.array([place[who] for who in customers if who in place], np.int64)
    scales = Scales(chance[of], amounts[of], known.look.size[of], _offered(offer, settings), known.chances.spread,
                    known.chances.drift, known.chances.freedom, _left(engine, settings, now), lift)
    return GuardBox(len(customers), known.days, {w: float(chance[place[w]]) for w in customers if w in place}, scales,
                    scales.weigh(scales.suggested()), known.chances.groups)


def _offered(offer: Offer, settings: Settings) -> Offered:
    """Free shipping gives what sending an order costs, as far as that is known."""
    if offer.kind == FREE_SHIPPING:
        return Offered(offer.kind, settings.shipping_cost or 0.0)
    return Offered(offer.kind, float(offer.value))


def _left(engine: DuckDBEngine, settings: Settings, now: datetime) -> float | None:
    """What is left of 1 paid, of the orders of a year; None where nobody knows what goods cost."""
    between, assumed = Between(now - YEAR, now), assume(engine, settings, now - YEAR, now)
    if how_known(engine, between, assumed) == UNKNOWN:
        return None
    found: float | None = engine.value(
        f"SELECT sum(profit) / nullif(sum({NET})::DOUBLE, 0) FROM ({left_sql(between, assumed)}) JOIN orders USING "
        "(order_id)")
    return found


__all__ = ["ForWhom", "Guarding", "Learnt", "guard_box", "learnt", "offered"]
