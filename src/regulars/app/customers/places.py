"""The map of customers: a circle a place, and the rule of the places that are picked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from regulars.app.answers import while_facts_stand
from regulars.app.base.requests import Request
from regulars.app.customers import access
from regulars.app.facts import the_shop
from regulars.engines.duckdb import DuckDBEngine
from regulars.model.places import find, largest
from regulars.rules.tree import write_string

MOST_PLACES, MOST_TOWNS, NAMED = 150, 250, 8
SIDE, EDGE, LEAST, LARGEST = 600, 44, 4, 20
PLACES = """
WITH paid AS (SELECT customer_id, sum(total - coalesce(refunded, 0)) AS spent FROM orders WHERE counted AND "at" <= ?
    GROUP BY 1)
SELECT mode(trim(city) ORDER BY trim(city)), mode(upper(country) ORDER BY upper(country)), count(*) AS people,
    coalesce(sum(spent), 0), median(latitude), median(longitude) FROM customers LEFT JOIN paid USING (customer_id)
WHERE trim(coalesce(city, '')) <> '' GROUP BY fold(trim(city)) ORDER BY people DESC, 1 LIMIT ?"""


@dataclass(frozen=True)
class Spot:
    """A place with its people; ``x``, ``y`` and ``radius`` are None where it is not on the map."""

    name: str
    people: int
    spent: Decimal
    x: float | None = None
    y: float | None = None
    radius: float = 0.0
    named: bool = False


@dataclass(frozen=True)
class Map:
    """``towns`` are the country's largest, as small dots; ``without`` is how many customers' places are not known."""

    spots: Sequence[Spot]
    towns: Sequence[tuple[float, float]]
    width: float
    height: float
    without: int


@dataclass(frozen=True)
class Picked:
    rule: str
    people: int = 0
    share: float = 0.0
    sentence: str = ""


def drawn(request: Request) -> Map:
    """Every place that many customers name, the largest first, looked at once a minute."""
    access.customers(request)
    country, minute = the_shop().settings.country, request.now.replace(second=0, microsecond=0)
    return while_facts_stand("places", lambda: _drawn(the_shop().engine, country, request.now), country, minute)


def _drawn(engine: DuckDBEngine, country: str, now: datetime) -> Map:
    """On the map are those of the country most of them are in."""
    rows = engine.rows(PLACES, [now, MOST_PLACES])
    countries = Counter[str]()
    for _, there, people, *_ in rows:
        countries[there or country] += people
    home = countries.most_common(1)[0][0] if rows else country
    at = [_where(name, there or country, home, lat, lon) for name, there, _, _, lat, lon in rows]
    towns = [(p.latitude, p.longitude) for p in largest(home, MOST_TOWNS)]
    frame = _Frame.around([p for p in at if p])
    most = max((people for _, _, people, *_ in rows), default=1)
    spots = [_spot(frame, place, name, people, spent, most, i < NAMED)
             for i, ((name, _, people, spent, *_), place) in enumerate(zip(rows, at, strict=True))]
    without = engine.value("SELECT count(*) FROM customers WHERE trim(coalesce(city, '')) = ''")
    return Map(spots, [frame.put(p) for p in towns if frame.holds(p)], frame.width, frame.height, int(without))


def _where(name: str, country: str, home: str, latitude: float | None,
           longitude: float | None) -> tuple[float, float] | None:
    """As the customers say it, else as the gazetteer does; nowhere for a place of another country."""
    if country != home:
        return None
    if latitude is not None and longitude is not None:
        return float(latitude), float(longitude)
    place = find(name, country)
    return (place.latitude, place.longitude) if place and place.country == home else None


@dataclass(frozen=True)
class _Frame:
    """Degrees to pixels: as wide as it must be, degrees of longitude drawn as short as they are in the middle."""

    south: float
    west: float
    scale: float
    squeeze: float
    width: float
    height: float

    @classmethod
    def around(cls, points: Sequence[tuple[float, float]]) -> _Frame:
        lats, lons = [p[0] for p in points] or [0.0, 1.0], [p[1] for p in points] or [0.0, 1.0]
        squeeze = max(math.cos(math.radians((min(lats) + max(lats)) / 2)), 0.1)
        tall, wide = max(max(lats) - min(lats), 0.1), max((max(lons) - min(lons)) * squeeze, 0.1)
        scale = (SIDE - 2 * EDGE) / max(tall, wide)
        return cls(min(lats), min(lons), scale, squeeze, wide * scale + 2 * EDGE, tall * scale + 2 * EDGE)

    def put(self, point: tuple[float, float]) -> tuple[float, float]:
        return (round((point[1] - self.west) * self.squeeze * self.scale + EDGE, 1),
                round(self.height - EDGE - (point[0] - self.south) * self.scale, 1))

    def holds(self, point: tuple[float, float]) -> bool:
        x, y = self.put(point)
        return 0 < x < self.width and 0 < y < self.height


def _spot(frame: _Frame, place: tuple[float, float] | None, name: str, people: int, spent: Decimal, most: int,
          named: bool) -> Spot:
    if place is None:
        return Spot(name, people, spent)
    x, y = frame.put(place)
    return Spot(name, people, spent, x, y, round(max(LEAST, LARGEST * math.sqrt(people / most)), 1), named)


def rule_of(names: Sequence[str]) -> str:
    """Who lives in one of these places; "" for none."""
    if len(names) < 2:
        return f"city = {write_string(names[0])}" if names else ""
    return f"city in ({', '.join(map(write_string, names))})"


def _picked(request: Request, found: Map) -> tuple[Picked, set[str]]:
    asked = set(request.GET.getlist("place"))
    chosen = [spot.name for spot in found.spots if spot.name in asked]
    rule = rule_of(chosen)
    if not rule:
        return Picked(""), set()
    shop = the_shop()
    seen = shop.segments.evaluator.preview(rule, request.now)
    return Picked(rule, seen.count, seen.share, shop.sentence(rule, request.figures.locale)), set(chosen)


def whole(request: Request) -> HttpResponse:
    """The map with its places as a list beside it: each can be picked."""
    found = drawn(request)
    picked, chosen = _picked(request, found)
    everybody = sum(s.people for s in found.spots) + found.without
    return render(request, "customers/map.html", {
        "map": found, "picked": picked, "chosen": chosen, "now": request.now,
        "largest": sum(s.people for s in found.spots[:5]) / everybody if everybody else 0.0})


def picked(request: Request) -> HttpResponse:
    """Who lives in the picked places: a part of the page."""
    return render(request, "customers/map_picked.html", {"picked": _picked(request, drawn(request))[0]})


def region(request: Request) -> HttpResponse:
    """The picked places taken on into the editor; back to the map where none is picked."""
    rule = _picked(request, drawn(request))[0].rule
    return redirect(f"{reverse('segments:new')}?{urlencode({'rule': rule})}" if rule else "customers:map")
