"""Live messages of a shop that is not served at the moment: those that wait, and those that were set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.currencies import FILE
from regulars.intake.live.aside import SetAside
from regulars.intake.live.log import Log
from regulars.intake.live.settling import Settled, Settling, settled
from regulars.model.settings import Settings
from regulars.shop.folder import INBOX


@dataclass(frozen=True)
class LiveState:
    """``waiting`` messages are on disk and not in the facts yet."""

    settled: int
    waiting: int
    set_aside: int


class Live:
    """The log of one shop; the process that serves it has its own."""

    def __init__(self, engine: DuckDBEngine, settings: Settings, folder: Path) -> None:
        self._engine = engine
        self._settings = settings
        self._folder = folder
        self.log = Log(folder / INBOX, settled(engine))
        self.aside = SetAside(engine, self.log.append)

    def state(self) -> LiveState:
        done = settled(self._engine)
        return LiveState(done, self.log.last - done, self.aside.count())

    def take(self, lines: Sequence[bytes]) -> int:
        """Put lines of the log on disk; the number of the last."""
        return self.log.append(lines)

    def settle(self, now: datetime) -> Settled:
        """Bring what waits into the facts; ``now`` is naive UTC."""
        total = Settled(settled(self._engine))
        while done := Settling(self._engine, self._settings, self.log, self._folder / FILE).settle(now):
            total = Settled(done.last, total.new + done.new, total.repeated + done.repeated, total.aside + done.aside,
                            total.changed or done.changed)
        return total
