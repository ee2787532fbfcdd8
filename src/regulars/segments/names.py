"""What the rules of one shop may speak of: its own columns, questions and scores, its segments and places."""

from __future__ import annotations

from functools import lru_cache

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import UnknownName
from regulars.model.places import find, nearest
from regulars.model.settings import Settings
from regulars.model.types import Type
from regulars.rules import Condition, OwnName, Vocabulary, fold, parse, vocabulary
from regulars.segments.refusals import why


def read_vocabulary(engine: DuckDBEngine, settings: Settings) -> Vocabulary:
    """The vocabulary of a shop as it is now."""
    own = tuple(OwnName(t, n, Type(k), label) for t, n, k, label in
                engine.rows("SELECT table_name, name, type, label FROM fields ORDER BY table_name, name"))
    segments = {name: _parsed(rule) for name, rule in engine.rows("SELECT name, rule FROM segments ORDER BY name")}
    saved = {fold(n): (lat, lon) for n, lat, lon in engine.rows("SELECT name, latitude, longitude FROM places")}
    return vocabulary(own, segments, _Places(saved, settings.country))


@lru_cache(maxsize=2_000)
def _parsed(rule: str) -> Condition:
    """Every question reads every segment: each text is parsed once."""
    return parse(rule)


class _Places:
    """Places the shop has saved, then the gazetteer."""

    def __init__(self, saved: dict[str, tuple[float, float]], country: str) -> None:
        self.saved = saved
        self.country = country

    def __call__(self, name: str) -> tuple[float, float]:
        if fold(name) in self.saved:
            return self.saved[fold(name)]
        place = find(name, self.country)
        if place is None:
            near = nearest(name, self.country)
            raise UnknownName(why("No place called '{name}' is known.", name=name[:80]),
                              hint=why("Did you mean {near}?", near=near[0]) \
                                   if near else why("Write its latitude and longitude: (-6.92, 107.61)."))
        return place.latitude, place.longitude
