"""Advertising by area: where the people of a campaign live, counted, and nobody named.

No consent is asked, since nothing of a person leaves the house. An area is either advertised in or not, for whoever
lives there: so the control is drawn among areas, and no control group among people says anything here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from regulars.engines.duckdb import fold
from regulars.outreach import ways
from regulars.outreach.channels.base import NUMBER, Field, Parcel
from regulars.outreach.channels.lists import Asked, Form, ListChannel, Made, said, table
from regulars.outreach.control import assign
from regulars.outreach.says import NOTHING

SMALLEST = 5
Area = tuple[str, str, str]


def area(parcel: Parcel) -> Area:
    """Country, city and postcode, as far as they are known."""
    return said(parcel, "country").upper(), said(parcel, "city"), said(parcel, "postcode").upper()


def areas(parcels: Sequence[Parcel], asked: Asked) -> Made:
    """Areas with their people counted, the most first; small ones are told together."""
    places = {_mark(area(p)): area(p) for p in reversed(parcels)}
    counts = Counter(_mark(area(p)) for p in parcels if any(area(p)))
    told = [mark for mark, people in counts.most_common() if people >= smallest(asked)]
    told.sort(key=lambda mark: (-counts[mark], mark))
    free = assign(asked.seed, f"areas of {asked.campaign}", told, asked.share)
    rows = [[*places[mark], counts[mark], "no" if without else "yes"]
            for mark, without in zip(told, free, strict=True)]
    rest = sum(counts.values()) - sum(counts[mark] for mark in told)
    if rest >= smallest(asked):
        rows.append(["", ways.OTHER_AREAS.say(asked.figures), "", rest, ""])
    data = table(("country", "city", "postcode", "people", "advertise"), rows)
    return Made(data, sum(counts[mark] for mark in told), len(parcels) - sum(counts[mark] for mark in told))


def smallest(asked: Asked) -> int:
    """The fewest people that are told of: never under `SMALLEST`."""
    return max(SMALLEST, int(asked.channel.get("smallest") or SMALLEST))


def _mark(place: Area) -> str:
    return fold("\x1f".join(place))


CHANNEL = ListChannel("local", ways.LOCAL, "", "", (Form("areas.csv", ways.AREAS, "text/csv", areas),), (
    Field("smallest", ways.SMALLEST, NUMBER, SMALLEST, ways.SMALLEST_HELP),), says=NOTHING,
    by_area=True)
