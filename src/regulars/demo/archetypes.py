"""Who there is: behaviours with known parameters. What a customer does follows from these and from chance alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Archetype:
    """A way of being a customer.

    Repeat orders come as in the BG/NBD model: rates in orders a year are gamma distributed with mean ``rate`` and
    ``shape``; after each repeat order a customer is lost with a probability that is beta distributed by ``loss``.
    ``categories`` and ``channels`` are weights; shares and probabilities are from 0 to 1.
    """

    name: str
    behaviour: str
    share: float
    story: str
    rate: float = 0.0
    shape: float = 2.0
    loss: tuple[float, float] = (1.0, 12.0)
    season: str = "retail"
    extra_lines: float = 1.0
    most_lines: int = 5
    categories: Mapping[str, float] = field(default_factory=dict)
    channels: Mapping[str, float] = field(default_factory=lambda: {"online": 1.0})
    first_in_store: float = 0.35
    hours: str = "day"
    bulk: bool = False
    promo: float = 0.05
    returns: float = 0.03
    tickets: float = 0.15
    effort: float = 3.0
    visits: float = 8.0
    devices: Mapping[str, float] = field(default_factory=lambda: {"desktop": 0.5, "phone": 0.4, "tablet": 0.1})
    email: float = 0.85
    consent: float = 0.7
    opens: float = 0.35
    clicks: float = 0.2
    age: tuple[float, float] = (46, 13)
    female: float = 0.5
    followers: float = 120
    savvy: float = 5.5
    recommends: float = 7.5
    referred: float = 0.04
    life_stages: tuple[str, ...] = ("young couple", "family with children", "empty nest", "retired")
    lifestyles: tuple[str, ...] = ("home-loving", "do-it-yourself", "outdoor", "family first")
    occupations: tuple[str, ...] = ("teacher", "nurse", "civil servant", "engineer", "shop assistant", "accountant")


HOME = {"Paint": 3, "Tools": 2, "Garden plants": 4, "Soil & feed": 1.5, "Lighting": 2, "Flooring": 1, "Wallpaper": 1.2,
        "Garden furniture": 1, "Barbecue": 1, "Garden projects": 1.2, "Books": 0.6, "Gifts": 1, "Timber": 0.6}
MIXED = {"online": 0.45, "store": 0.55}

ARCHETYPES: tuple[Archetype, ...] = (
    Archetype(
        "occasion_gift_buyer", "gifts", 0.10,
        "Like Joe, 37: researches on a desktop, buys gifts for special occasions in the store, ignores mail.",
        rate=4.0, shape=4.0, loss=(1, 20), season="gifts", extra_lines=0.5, most_lines=3,
        categories={"Gifts": 14, "Books": 1.2, "Records": 0.8}, channels={"store": 1}, first_in_store=1.0,
        promo=0.01, visits=26, devices={"desktop": 0.97, "phone": 0.03}, email=0.8, consent=0.85, opens=0.03,
        clicks=0.01, age=(37, 4), female=0.12, followers=60, savvy=7, occupations=("engineer", "accountant", "analyst"),
        life_stages=("family with children", "young couple"), lifestyles=("family first", "careful planner")),
    Archetype(
        "christmas_gift_buyer", "gifts", 0.06, "Bought gifts once, before Christmas, and never again.",
        season="christmas", extra_lines=0.7, most_lines=3, categories={"Gifts": 14, "Books": 1},
        channels={"store": 1}, first_in_store=0.85, visits=4, devices={"desktop": 0.8, "phone": 0.2}, email=0.6,
        consent=0.4, opens=0.04, clicks=0.02, age=(44, 14), promo=0.02),
    Archetype(
        "small_things_online", "small_online", 0.14,
        "Like Sarah, 19: buys small things online each month on her phone and talks about them.",
        rate=11.0, shape=9.0, loss=(1, 25), season="even", extra_lines=0.6, most_lines=3,
        categories={"Stationery & trinkets": 16, "Gifts": 0.5, "Records": 0.5}, channels={"online": 1}, hours="evening",
        promo=0.05, visits=40, devices={"phone": 0.97, "desktop": 0.03}, email=1.0, consent=0.7, opens=0.3,
        clicks=0.25, age=(19.5, 1.2), female=0.9, followers=1400, savvy=9, recommends=9.2, referred=0.3,
        occupations=("student", "student", "barista", "trainee"), life_stages=("single",),
        lifestyles=("trend-seeking", "social")),
    Archetype(
        "tradesperson", "trade", 0.10, "A builder or mason ordering bricks, sand and cement by phone, on invoice.",
        rate=8.0, shape=3.0, loss=(1, 25), season="trade", extra_lines=1.0,
        categories={"Bricks": 8, "Timber": 4, "Sand": 0.5, "Cement": 0.5, "Tools": 2, "Flooring": 1, "Paint": 1},
        channels={"phone": 0.93, "store": 0.07}, first_in_store=0.04, hours="early", bulk=True, promo=0.01,
        returns=0.02, tickets=0.4, visits=1.5, devices={"phone": 0.6, "desktop": 0.4}, email=0.8, consent=0.3,
        opens=0.12, clicks=0.05, age=(44, 10), female=0.08, followers=40, savvy=4, recommends=7.8,
        occupations=("bricklayer", "contractor", "plasterer", "landscaper", "carpenter"),
        lifestyles=("hands-on",)),
    Archetype(
        "bargain_hunter", "bargain", 0.12, "Buys only with a promo code, online, while the code is good.",
        rate=4.5, shape=3.0, loss=(1, 14), season="promo", extra_lines=1.5, categories=HOME,
        channels={"online": 1}, first_in_store=0.15, hours="evening", promo=1.0, returns=0.05, tickets=0.3, visits=22,
        devices={"desktop": 0.6, "phone": 0.4}, email=1.0, consent=0.95, opens=0.65, clicks=0.5, age=(41, 12),
        female=0.6, followers=200, savvy=7, recommends=6.3),
    Archetype(
        "loyal_regular", "loyal", 0.10,
        "A very good customer who buys anyway: often, at full price, in the store and online.",
        rate=9.0, shape=4.0, loss=(1, 40), extra_lines=1.7, categories=HOME, channels=MIXED, promo=0.01,
        returns=0.02, visits=14, email=0.95, consent=0.9, opens=0.5, clicks=0.25, age=(52, 10), savvy=6,
        recommends=9.3, followers=180),
    Archetype(
        "plan_member", "loyal", 0.06, "A member of the Garden Club who comes every month.",
        rate=10.0, shape=8.0, loss=(1, 30), season="garden", extra_lines=1.3,
        categories={**HOME, "Garden plants": 9, "Soil & feed": 3}, channels=MIXED, promo=0.01, visits=14,
        email=1.0, consent=0.92, opens=0.5, clicks=0.25, age=(56, 9), female=0.62, savvy=6, recommends=8.8),
    Archetype(
        "lapsed_regular", "loyal", 0.04, "Used to be a regular and has not been seen for long.",
        rate=8.0, shape=4.0, loss=(3, 14), extra_lines=1.6, categories=HOME, channels=MIXED, promo=0.02, visits=9,
        opens=0.2, clicks=0.08, age=(48, 12), recommends=6.5),
    Archetype(
        "costly_to_serve", "costly", 0.06, "Asks for help often and at great effort, and sends much of it back.",
        rate=5.0, shape=3.0, loss=(1, 15), extra_lines=1.0,
        categories={"Lighting": 4, "Garden furniture": 3, "Tools": 3, "Flooring": 1, "Wallpaper": 1},
        channels={"online": 1}, promo=0.08, returns=0.45, tickets=6.0, effort=7.5, visits=18, email=1.0, consent=0.6,
        opens=0.3, clicks=0.15, age=(43, 13), savvy=4, recommends=4.0),
    Archetype(
        "collector", "collector", 0.09, "Follows a favourite artist and buys the new record when it is out.",
        rate=6.5, shape=4.0, loss=(1, 20), season="records", extra_lines=0.4, most_lines=3,
        categories={"Records": 14, "Books": 2, "Record care": 0.3, "Record players": 0.5},
        channels={"store": 0.4, "online": 0.6},
        hours="evening", promo=0.02, visits=20, devices={"desktop": 0.5, "phone": 0.3, "tablet": 0.2}, email=1.0,
        consent=0.85, opens=0.45, clicks=0.35, age=(47, 11), female=0.3, followers=260, savvy=7, recommends=8.4,
        lifestyles=("music lover", "collector")),
    Archetype(
        "newsletter_subscriber", "never_bought", 0.08, "Reads the newsletter and has never bought.",
        email=1.0, consent=1.0, opens=0.4, clicks=0.15, visits=5, tickets=0.02, age=(39, 14)),
    Archetype(
        "prospect", "never_bought", 0.05, "Asked for a quote or filled a form, and has never bought.",
        email=0.9, consent=0.35, opens=0.15, clicks=0.05, visits=3, tickets=0.05, age=(42, 12)),
)

PLAIN = (Archetype("anybody", "anybody", 1.0, "Everybody alike: a shop without structure.", rate=5.0, categories=HOME,
                   channels=MIXED),)
"""One way of being a customer for all: there are no groups to find in such a shop."""

BUYERS_ONCE = frozenset({"christmas_gift_buyer"})
NEVER_BUY = frozenset({"newsletter_subscriber", "prospect"})
