"""The customers table: names, addresses, lives, consents and plans that fit what the archetype says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.demo import columns as made
from regulars.demo.calendar import DAY
from regulars.demo.catalogue import ARTISTS
from regulars.demo.columns import Flags, Ints
from regulars.demo.crowd import BROWSERS, DEVICES, Crowd
from regulars.demo.names import DOMAINS, NAMES, PHONE, PROVINCES, STREETS, Pairs
from regulars.demo.orders import Orders, Returning
from regulars.demo.world import CHANNELS, World

ORIGINS = ("checkout box", "newsletter form", "in-store card")
FOUND_BY = ("search", "social", "friend", "passing by", "fair", "advertisement")
REFERRERS = ("https://search.example/", "https://social.example/", "https://video.example/", "https://news.example/")
INCOMES = ("low", "lower middle", "middle", "upper middle", "high")
EDUCATIONS = ("secondary", "vocational", "bachelor", "master")
CLASSES = ("working", "middle", "upper middle")
BRANDS = ("Bloeihof", "Krijt & Co", "Huis & Haard", "Gloed", "Kleingoed", "Schemer")
TAGS = (("newsletter",), ("trade", "invoice"), ("garden club",), ("garden club", "workshop"), ("workshop",))
PLANS = ("Garden Club", "Record Club", "Trade Account")
PLAN_STATUSES = ("trial", "active", "past due", "cancelled")
NO_PLAN = -1


@dataclass(frozen=True)
class Plans:
    """The plan, its status and the moment it began, of each customer; -1 for none."""

    plan: Ints
    status: Ints
    since: Ints


def draw_plans(world: World, crowd: Crowd, returning: Returning) -> Plans:
    """Garden Club for its members, Record Club for some collectors, a trade account for half the trade."""
    random = world.random(crowd.chunk, "details")
    size = len(crowd)
    names = [a.name for a in world.archetypes]
    plan = np.full(size, NO_PLAN, np.int64)
    chance = random.random(size)
    for at, (name, share) in enumerate((("plan_member", 1.0), ("collector", 0.25), ("tradesperson", 0.5))):
        if name in names:
            plan[(crowd.kind == names.index(name)) & (chance < share)] = at
    since = crowd.signed_up + (random.random(size) * 30 * DAY).astype(np.int64)
    plan[since > world.calendar.now - DAY] = NO_PLAN
    status = np.where(random.random(size) < 0.06, 2, 1)
    status = np.where(~returning.alive | (random.random(size) < 0.06), 3, status)
    status = np.where(since > world.calendar.now - 30 * DAY, 0, status)
    return Plans(plan, np.where(plan >= 0, status, -1), since)


def customers(world: World, crowd: Crowd, orders: Orders, plans: Plans, accounts: pa.Array, left: Flags) -> pa.Table:
    """The table of this chunk; ``left`` are those who have unsubscribed since."""
    random = world.random(crowd.chunk, "people").spawn(1)[0]
    ids = made.ids("C", crowd.numbers, 6)
    found = {"customer_id": ids, "kind": _kinds(world, crowd), **_names(world, random, crowd),
             **_place(world, random, crowd), **_life(world, random, crowd),
             **_online(world, random, crowd), **_came_by(world, random, crowd, ids),
             "signed_up_at": made.moments(crowd.signed_up),
             "plan": made.labels(PLANS, plans.plan), "plan_status": made.labels(PLAN_STATUSES, plans.status),
             "plan_since": made.dates(plans.since // DAY, plans.plan >= 0), "account_id": accounts,
             "preferred_channel": _preferred(random, crowd, orders), **_consents(random, crowd, left),
             **_social(world, random, crowd), "tags": _tags(random, crowd, plans)}
    return pa.table(found, schema=made.schema("customers", list(found)))


def _kinds(world: World, crowd: Crowd) -> pa.Array:
    asked = world.named(frozenset({"prospect"}))[crowd.kind]
    return made.labels(("customer", "subscriber", "prospect"), np.where(crowd.buys, 0, np.where(asked, 2, 1)))


def _names(world: World, random: np.random.Generator, crowd: Crowd) -> dict[str, pa.Array]:
    """Names in their own script; the address spells them in Latin and adds the customer's number."""
    given, given_latin, family, family_latin = (np.empty(len(crowd), object) for _ in range(4))
    for at, language in enumerate(world.languages):
        names = NAMES[language]
        for woman in (True, False):
            mine = np.flatnonzero((crowd.language == at) & (crowd.woman == woman))
            given[mine], given_latin[mine] = _drawn(random, names.women if woman else names.men, len(mine))
            families = names.family_of_women if woman else names.family
            family[mine], family_latin[mine] = _drawn(random, families, len(mine))
    first, last = pa.array(given, pa.string()), pa.array(family, pa.string())
    number = pa.array(crowd.numbers).cast(pa.string())
    domain = made.labels(DOMAINS, random.integers(0, len(DOMAINS), len(crowd)))
    spelt = made.joined(pa.array(given_latin, pa.string()), ".", pa.array(family_latin, pa.string()))
    email = made.joined(spelt, ".", number, "@", domain)
    has_phone = random.random(len(crowd)) < np.where(crowd.has_email, 0.55, 0.95)
    return {"name": made.joined(first, " ", last), "first_name": first, "last_name": last,
            "email": made.hidden(email, crowd.has_email),
            "phone": made.hidden(made.ids(PHONE, crowd.numbers % 10_000_000, 7), has_phone)}


def _drawn(random: np.random.Generator, pairs: Pairs, size: int) -> tuple[Any, Any]:
    codes = random.integers(0, len(pairs), size)
    return np.array([p[0] for p in pairs], object)[codes], np.array([p[1] for p in pairs], object)[codes]


def _place(world: World, random: np.random.Generator, crowd: Crowd) -> dict[str, pa.Array]:
    cities, size = world.cities, len(crowd)
    weights = np.array([c.weight for c in cities])
    city = random.choice(len(cities), size=size, p=weights / weights.sum())
    known = random.random(size) < 0.93
    province = np.array([list(PROVINCES).index(c.province) if world.country == "NL" and c.province in PROVINCES else -1
                         for c in cities])[city]
    street = made.joined(made.labels(STREETS, random.integers(0, len(STREETS), size)), " ",
                         pa.array(random.integers(1, 180, size)).cast(pa.string()))
    latitude = np.round(np.array([c.latitude for c in cities])[city] + random.normal(0, 0.015, size), 5)
    longitude = np.round(np.array([c.longitude for c in cities])[city] + random.normal(0, 0.02, size), 5)
    return {"street": made.hidden(street, known),
            "city": made.labels([c.name for c in cities], np.where(known, city, -1)),
            "region": made.labels(list(PROVINCES.values()), np.where(known, province, -1)),
            "postcode": made.hidden(_postcodes(world, random, city), known),
            "country": made.labels([world.country], np.zeros(size)),
            "latitude": made.numbers(latitude, known), "longitude": made.numbers(longitude, known)}


def _postcodes(world: World, random: np.random.Generator, city: Ints) -> pa.Array:
    """Like those of the country in form only."""
    digits = made.ids("", 1000 + (city * 113 + random.integers(0, 60, len(city))) % 8999, 4)
    if world.country != "NL":
        return made.joined(digits, pa.array(random.integers(0, 10, len(city))).cast(pa.string()))
    letters = "ABCDEGHJKLMNPRTVWXZ"
    pairs = [a + b for a in letters for b in letters]
    return made.joined(digits, " ", made.labels(pairs, random.integers(0, len(pairs), len(city))))


def _life(world: World, random: np.random.Generator, crowd: Crowd) -> dict[str, pa.Array]:
    size, age = len(crowd), crowd.age
    today = world.calendar.now // DAY
    born = today - (age * 365.25).astype(np.int64) - random.integers(0, 360, size)
    older = np.clip((age - 18) / 20, 0, 1)
    income = np.clip(np.rint(random.normal(0.6 + 2 * older, 0.9)), 0, 4)
    education = np.clip(np.rint(random.normal(0.6 + 1.2 * older, 0.9)), 0, 3)
    household = np.clip(random.poisson(np.where(age < 24, 1.2, 1.6)) + 1, 1, 7)
    return {"gender": made.labels(("female", "male"), _told(random, np.where(crowd.woman, 0, 1), 0.88)),
            "birth_date": made.dates(born, random.random(size) < 0.82),
            "language": made.labels(list(world.languages), crowd.language),
            "occupation": _words(world, random, crowd, "occupations", 0.5),
            "income_band": made.labels(INCOMES, _told(random, income, 0.4)),
            "education": made.labels(EDUCATIONS, _told(random, education, 0.4)),
            "social_class": made.labels(CLASSES, _told(random, np.clip(income - 1, 0, 2), 0.25)),
            "life_stage": _words(world, random, crowd, "life_stages", 0.6),
            "household_size": made.whole(household, random.random(size) < 0.5),
            "home_owner": made.yesno(random.random(size) < 0.05 + 0.7 * older, random.random(size) < 0.5),
            "lifestyle": _words(world, random, crowd, "lifestyles", 0.45)}


def _told(random: np.random.Generator, codes: Any, share: float) -> Any:
    """The codes with all but a share of them unknown."""
    return np.where(random.random(len(codes)) < share, codes, -1)


def _words(world: World, random: np.random.Generator, crowd: Crowd, field: str, share: float) -> pa.Array:
    """One of the archetype's words."""
    every: list[str] = []
    begins, counts = [], []
    for archetype in world.archetypes:
        words: Sequence[str] = getattr(archetype, field)
        begins.append(len(every))
        counts.append(len(words))
        every += words
    drawn = np.array(begins)[crowd.kind] + random.integers(0, np.array(counts)[crowd.kind])
    return made.labels(every, _told(random, drawn, share))


def _online(world: World, random: np.random.Generator, crowd: Crowd) -> dict[str, pa.Array]:
    size = len(crowd)
    savvy = np.clip(np.rint(random.normal(world.of("savvy")[crowd.kind], 1.2)), 1, 10)
    return {"web_savviness": made.whole(savvy, random.random(size) < 0.7),
            "browser": made.labels(BROWSERS, crowd.browser), "device": made.labels(DEVICES, crowd.device)}


def _came_by(world: World, random: np.random.Generator, crowd: Crowd, ids: pa.Array) -> dict[str, pa.Array]:
    """A friend brought some: someone who was a customer before, most likely one who talks about the shop."""
    size = len(crowd)
    talkers = np.flatnonzero(np.array([a.recommends > 9 for a in world.archetypes])[crowd.kind] & crowd.buys)
    talkers = talkers[np.argsort(crowd.signed_up[talkers], kind="stable")]
    before = np.searchsorted(crowd.signed_up[talkers], crowd.signed_up)
    brought = (random.random(size) < world.of("referred")[crowd.kind]) & (before > 0)
    who = np.full(size, -1, np.int64)
    who[brought] = talkers[(random.random(size) * before).astype(np.int64)[brought]]
    way = np.where(brought, FOUND_BY.index("friend"), random.choice(6, size=size, p=(0.4, 0.2, 0.02, 0.2, 0.08, 0.1)))
    referrer = np.where((way < 2) & (random.random(size) < 0.8), random.integers(0, len(REFERRERS), size), -1)
    return {"acquisition_channel": made.labels(FOUND_BY, _told(random, way, 0.85)),
            "referrer": made.labels(REFERRERS, referrer),
            "referred_by": ids.take(pa.array(who, mask=who < 0))}


def _preferred(random: np.random.Generator, crowd: Crowd, orders: Orders) -> pa.Array:
    """What some have said they prefer: the channel of their last order."""
    last = np.full(len(crowd), -1, np.int64)
    last[orders.owner] = orders.channel
    return made.labels(CHANNELS, _told(random, last, 0.3))


def _consents(random: np.random.Generator, crowd: Crowd, left: Flags) -> dict[str, pa.Array]:
    size = len(crowd)
    found: dict[str, pa.Array] = {}
    asked = {"email": crowd.has_email, "sms": random.random(size) < 0.6, "phone": random.random(size) < 0.5,
             "post": random.random(size) < 0.5}
    agreed = {"email": crowd.consent & ~left, "sms": crowd.sms, "phone": crowd.calls, "post": crowd.post}
    for name, given in agreed.items():
        known = asked[name] | given
        origin = random.integers(0, len(ORIGINS), size)
        found |= {f"{name}_consent": made.yesno(given, known),
                  f"{name}_consent_at": made.moments(crowd.signed_up, given),
                  f"{name}_consent_origin": made.labels(ORIGINS, np.where(given, origin, -1))}
    return found


def _social(world: World, random: np.random.Generator, crowd: Crowd) -> dict[str, pa.Array]:
    size = len(crowd)
    typical = world.of("followers")[crowd.kind]
    known = random.random(size) < np.where(typical >= 1000, 0.85, 0.12)
    followers = np.minimum(random.lognormal(np.log(typical), 0.9), 250_000)
    handle = made.ids("@regular", crowd.numbers, 1)
    handles = pa.ListArray.from_arrays(pa.array(np.arange(size + 1), pa.int32()), handle)
    artist = np.array([a.behaviour == "collector" for a in world.archetypes])[crowd.kind]
    follows = np.where(artist, len(BRANDS) + crowd.artist, random.integers(0, len(BRANDS), size))
    told = random.random(size) < np.where(artist, 0.5, 0.15)
    return {"social_followers": made.whole(followers, known), "social_handles": made.hidden(handles, known),
            "brands_followed": made.lists([(b,) for b in (*BRANDS, *ARTISTS)], np.where(told, follows, -1))}


def _tags(random: np.random.Generator, crowd: Crowd, plans: Plans) -> pa.Array:
    code = np.select([plans.plan == 2, plans.plan == 0], [1, 2], np.where(crowd.consent, 0, -1))
    workshop = random.random(len(crowd)) < 0.06
    return made.lists(TAGS, np.where(workshop & (code != 1), np.where(plans.plan == 0, 3, 4), code))
