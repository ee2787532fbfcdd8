"""`Shop`, the door: it opens the folder and hands out what lies behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.clock import as_utc
from regulars.model.settings import Settings
from regulars.rules import Condition, format, to_json
from regulars.rules.words import sentence
from regulars.segments.evaluate import Evaluator, Preview
from regulars.segments.saved import Segments
from regulars.shop import folder as folders

Now = datetime | str | None


class Shop:
    """One shop: a folder, its settings and its facts.

    Wherever ``now`` is asked for, give a datetime (without zone it is read in the shop's time zone), an ISO text, or
    nothing for this very moment.
    """

    def __init__(self, folder: Path, settings: Settings, engine: DuckDBEngine) -> None:
        self.folder = folder
        self.settings = settings
        self.engine = engine

    @classmethod
    def create(cls, folder: Path | str, settings: Settings | None = None) -> Shop:
        """Make a shop at ``folder`` and open it; raises `Refused` where one stands already."""
        folders.make(Path(folder), settings or Settings())
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path | str) -> Shop:
        """Open the shop at ``folder``; raises `NotAShop`, `ShopInUse`, `ShopTooOld`, `ShopTooNew`, `ShopDamaged`."""
        path = Path(folder)
        settings, engine = folders.open_existing(path)
        return cls(path, settings, engine)

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def moment(self, now: Now = None) -> datetime:
        """``now`` as naive UTC; this very moment where nothing is said."""
        if now is None:
            return datetime.now(UTC).replace(tzinfo=None)
        return as_utc(datetime.fromisoformat(now) if isinstance(now, str) else now, self.settings.zone)

    @cached_property
    def segments(self) -> Segments:
        """Saved rules and who is in them."""
        return Segments(self.engine, self.settings)

    @property
    def _evaluator(self) -> Evaluator:
        return self.segments.evaluator

    def preview(self, rule: str | Condition, now: Now = None) -> Preview:
        """Count, share and ten customers of a rule."""
        return self._evaluator.preview(rule, self.moment(now))

    def count(self, rule: str | Condition, now: Now = None) -> int:
        """How many customers the rule is true of; raises `RuleError`."""
        return self._evaluator.count(rule, self.moment(now))

    def members(self, rule: str | Condition, now: Now = None) -> pa.Table:
        """Who the rule is true of: one column ``customer_id``, sorted."""
        return self._evaluator.members(rule, self.moment(now))

    def evaluate(self, rules: Mapping[str, str | Condition], now: Now = None) -> pa.Table:
        """Many rules together: ``customer_id`` and a yes/no column a rule, one row for each customer."""
        return self._evaluator.evaluate(rules, self.moment(now))

    def sentence(self, rule: str | Condition, language: str | None = None) -> str:
        """The rule said plainly in a language (the shop's, unless said)."""
        vocabulary = self._evaluator.vocabulary()
        return sentence(self._evaluator.read(rule, vocabulary), language or self.settings.language, vocabulary)

    format = staticmethod(format)
    tree = staticmethod(to_json)
