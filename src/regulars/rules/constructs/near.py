"""within 25 km of 'Bandung': great circles on a sphere of 6,371.0088 km (rules.md, Meaning 6)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import RuleSyntaxError, UnknownName
from regulars.model.later import later
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node, write_number, write_string

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")

EARTH_KM = 6371.0088
KM = {"km": 1.0, "mi": 1.609344}
LATITUDE, LONGITUDE = Attribute("latitude"), Attribute("longitude")


@dataclass(frozen=True)
class NamedPlace(Node):
    kind: ClassVar[str] = "place"
    name: str

    def text(self) -> str:
        return write_string(self.name)


@dataclass(frozen=True)
class Point(Node):
    kind: ClassVar[str] = "point"
    latitude: Decimal
    longitude: Decimal

    def text(self) -> str:
        return f"({write_number(self.latitude)}, {write_number(self.longitude)})"


@dataclass(frozen=True)
class Near(Condition):
    kind: ClassVar[str] = "near"
    distance: Decimal
    unit: str
    place: NamedPlace | Point

    def text(self) -> str:
        return f"within {write_number(self.distance)} {self.unit} of {self.place.text()}"

    def parts(self) -> tuple[Node, ...]:
        return LATITUDE, LONGITUDE

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("within … of", self.position)
        if self.distance < 0:
            raise RuleSyntaxError(why("A distance is not negative."), position=self.position)
        if isinstance(self.place, Point) and not (abs(self.place.latitude) <= 90 and abs(self.place.longitude) <= 180):
            raise RuleSyntaxError(why("{place} is no place on earth.", place=self.place.text()),
                                  position=self.place.position,
                                  hint=why("Latitude goes from -90 to 90, longitude from -180 to 180."))
        if isinstance(self.place, NamedPlace):
            self._known_place(self.place, scope)

    def _known_place(self, place: NamedPlace, scope: Scope) -> None:
        try:
            scope.vocabulary.place(place.name)
        except UnknownName as error:
            error.position, error.length = place.position, len(place.text())
            raise

    @property
    def _km(self) -> float:
        return float(self.distance) * KM[self.unit]

    def predicate(self, frame: Frame) -> Any:
        latitude, longitude = self.point(frame.scope.vocabulary.place)
        here, there = LATITUDE.column(frame).radians(), radians(latitude)
        half_north = ((LATITUDE.column(frame) - latitude).radians() / 2).sin()
        half_east = ((LONGITUDE.column(frame) - longitude).radians() / 2).sin()
        haversine = half_north * half_north + here.cos() * cos(there) * half_east * half_east
        distance = (haversine > 1.0).ifelse(1.0, haversine).sqrt().asin() * (2 * EARTH_KM)
        return ibis.coalesce(distance <= self._km, False)

    def holds(self, subject: Subject, when: When) -> bool:
        here, east = LATITUDE.of(subject, when), LONGITUDE.of(subject, when)
        if here is None or east is None:
            return False
        return great_circle_km((here, east), self.point(subject.world.place)) <= self._km

    def point(self, place: Any) -> tuple[float, float]:
        """Latitude and longitude; ``place`` looks a name up."""
        if isinstance(self.place, Point):
            return float(self.place.latitude), float(self.place.longitude)
        latitude, longitude = place(self.place.name)
        return latitude, longitude

    def say(self, words: Words) -> str:
        place = self.place
        where = words.quote(place.name) if isinstance(place, NamedPlace) else words.isolated(place.text())
        return words.phrase("lives within {distance} of {place}",
                            distance=words.distance(self.distance, self.unit), place=where)


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Haversine distance of two points in degrees."""
    here, there = radians(a[0]), radians(b[0])
    north, east = sin(radians(a[0] - b[0]) / 2), sin(radians(a[1] - b[1]) / 2)
    haversine = north * north + cos(here) * cos(there) * east * east
    return 2 * EARTH_KM * asin(sqrt(min(haversine, 1.0)))
