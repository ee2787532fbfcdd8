"""What a page is made of, already said in the reader's language; and the shop as its sections read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import TooLittleData
from regulars.insight.common.analysis import Facts, Measured, Result
from regulars.insight.common.charts import Picture
from regulars.insight.common.finding import analysis, made
from regulars.model.catalogs import RIGHT_TO_LEFT
from regulars.model.figures import Figures
from regulars.model.phrases import Sentence, said
from regulars.model.settings import Settings
from regulars.rules import Condition


@dataclass(frozen=True)
class Tile:
    """One number: what it is, the number, and what it is to be held against."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """A group or a move: its name, a few lines, its figures, and the rule that says who is in it.

    ``groups`` are further lines under headings, ``more`` those that are one click away; ``facts`` are plain values by
    name, for programs.
    """

    title: str
    lines: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()
    rule: str = ""
    text: str = ""
    lead: str = ""
    groups: Sequence[tuple[str, Sequence[str]]] = ()
    more: Sequence[tuple[str, Sequence[str]]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table a person reads; columns in ``right`` hold numbers; ``rules`` say, row by row, who is in it, and ``names``
    what a segment of them would be called, where the first cell does not."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[int] = ()
    title: str = ""
    rules: Sequence[str] = ()
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """``lead`` is the finding in a sentence; ``missing`` what to bring in to see more; ``notes`` are to be seen by
    everybody, ``caveats`` by whoever asks how it was done.
    """

    key: str
    title: str
    lead: str = ""
    tiles: Sequence[Tile] = ()
    pictures: Sequence[Picture] = ()
    cards: Sequence[Card] = ()
    tables: Sequence[Table] = ()
    lines: Sequence[str] = ()
    notes: Sequence[str] = ()
    caveats: Sequence[str] = ()
    missing: str = ""
    numbered: bool = False


@dataclass(frozen=True)
class Spoken:
    """A shop whose language is the reader's: what analyses name (buckets) is named in it."""

    shop: Facts
    language: str

    @property
    def engine(self) -> DuckDBEngine:
        return self.shop.engine

    @property
    def settings(self) -> Settings:
        return replace(self.shop.settings, language=self.language)

    def members_at(self, rule: str | Condition, now: datetime) -> pa.Table:
        return self.shop.members_at(rule, now)

    def evaluate_at(self, rules: Mapping[str, str | Condition], now: datetime) -> pa.Table:
        return self.shop.evaluate_at(rules, now)

    def values_at(self, values: Mapping[str, str], now: datetime, only: str | None = None) -> pa.Table:
        return self.shop.values_at(values, now, only)

    def sentence(self, rule: str | Condition, language: str | None = None) -> str:
        return self.shop.sentence(rule, language or self.language)

    def may_reach(self, way: str, customers: Sequence[str], now: datetime) -> set[str]:
        return self.shop.may_reach(way, customers, now)

    def measured_at(self, what: str, now: datetime) -> Mapping[str, Measured]:
        return self.shop.measured_at(what, now)


@dataclass
class Reading:
    """A shop as of ``now``, in the figures' language; each analysis is run once."""

    shop: Facts
    now: datetime
    figures: Figures
    linked: bool = False
    """Whether pictures are to have parts that lead somewhere: a page that stands by itself has nowhere to lead to."""
    _results: dict[str, Result | None] = field(default_factory=dict)

    @property
    def rtl(self) -> bool:
        return self.figures.locale in RIGHT_TO_LEFT

    def say(self, part: Any) -> str:
        """A sentence, or whatever stands for a part of one."""
        return said(part, self.figures)

    def result(self, name: str, **parameters: Any) -> Result | None:
        """What an analysis found; None where there is too little data for it."""
        key = f"{name}{sorted(parameters.items())}"
        if key not in self._results:
            try:
                self._results[key] = made(analysis(name), parameters).run(self.shop, self.now)
            except TooLittleData:
                self._results[key] = None
        return self._results[key]

    def once(self, key: str, work: Callable[[], Result]) -> Result:
        """What ``work`` gives, worked out at the first asking; raises `TooLittleData`."""
        if key not in self._results:
            self._results[key] = work()
        found = self._results[key]
        assert found is not None
        return found

    def all_said(self, sentences: Sequence[Sentence]) -> list[str]:
        return [sentence.say(self.figures) for sentence in sentences]
