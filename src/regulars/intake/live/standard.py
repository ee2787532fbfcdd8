"""`standard.toml` as data: which messages become rows of which table, and where each column is read."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Map:
    """Messages of these ``types`` and ``events`` (folded; none: any) as rows of ``table``; the file says the rest."""

    table: str
    columns: Mapping[str, tuple[str, ...]]
    types: tuple[str, ...] = ("track",)
    events: tuple[str, ...] = ()
    each: str = ""
    needs: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    known_only: bool = False
    new_only: bool = False


@dataclass(frozen=True)
class Consent:
    """Events that say yes or no to messages, and where they say by which channel."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    channel: str


@dataclass(frozen=True)
class Standard:
    """``events`` are the names that are mapped: messages of any other are kept as events."""

    maps: tuple[Map, ...]
    consent: Consent

    @property
    def events(self) -> tuple[str, ...]:
        return tuple(sorted({e for m in self.maps for e in m.events}))

    def among(self, seen: Collection[tuple[str, str | None]]) -> Standard:
        """Only what is needed of it for messages of these types and events."""
        maps = tuple(m for m in self.maps if any(t in m.types and (not m.events or e in m.events) for t, e in seen))
        return Standard(maps, self.consent)

    def read_of(self, table: str) -> frozenset[str]:
        """The properties that columns of a table are read from."""
        paths = (p for m in self.of(table) for listed in m.columns.values() for p in listed)
        return frozenset(p.removeprefix("properties.") for p in paths if p.startswith("properties."))

    def of(self, table: str) -> tuple[Map, ...]:
        """The maps that make rows of a table."""
        return tuple(m for m in self.maps if m.table == table)


@cache
def standard() -> Standard:
    """The map that comes with Regulars."""
    said = tomllib.loads(resources.files(__package__).joinpath("standard.toml").read_text(encoding="utf-8"))
    maps = [_map(m) for m in said["map"]]
    for group in said["message"]:
        of_channel = {**_paths(said["message_columns"]), "channel": (f"={group['channel']}",)}
        base = Map("messages", of_channel)
        maps += [
            replace(base, columns={**of_channel, "type": (f"={kind}",)}, events=tuple(events))
            for kind, events in group["types"].items()
        ]
    consent = said["consent"]
    return Standard(tuple(maps), Consent(tuple(consent["yes"]), tuple(consent["no"]), str(consent["channel"])))


def _map(said: Mapping[str, Any]) -> Map:
    types = said.get("type", "track")
    return Map(
        said["table"],
        _paths(said["columns"]),
        (types,) if isinstance(types, str) else tuple(types),
        tuple(said.get("events", ())),
        said.get("each", ""),
        tuple(said.get("needs", ())),
        tuple(said.get("with", ())),
        tuple(said.get("without", ())),
        said.get("known_only", False),
        said.get("new_only", False),
    )


def _paths(columns: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(paths) for name, paths in columns.items()}
