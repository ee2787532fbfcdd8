"""When something that was refused is tried again: at growing pauses, which outlive the process."""

from __future__ import annotations

from datetime import datetime, timedelta

from regulars.outreach.store import Store, moment_of, text_of

PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))
"""After the first, the second … refusal; after each later one as after the last."""


class Again:
    """What was refused, by the number of its campaign. ``now`` is naive UTC; a clock that is set back holds nothing up.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def due(self, number: int, now: datetime) -> bool:
        """Whether it may be tried."""
        rows = self._store.rows("SELECT times, at FROM refused WHERE campaign_id = ?", [number])
        if not rows:
            return True
        times, at = rows[0][0], moment_of(rows[0][1]) or now
        return not timedelta() <= now - at < PAUSES[min(times, len(PAUSES)) - 1]

    def refused(self, number: int, now: datetime) -> None:
        with self._store.writing() as c:
            c.execute("INSERT INTO refused VALUES (?, 1, ?) ON CONFLICT (campaign_id) DO UPDATE SET times = times + 1, "
                      "at = excluded.at", [number, text_of(now)])

    def forget(self, number: int | None = None) -> None:
        """It (all, unless said) is tried at once when its time comes next."""
        where, parameters = ("", []) if number is None else (" WHERE campaign_id = ?", [number])
        if self._store.rows(f"SELECT 1 FROM refused{where} LIMIT 1", parameters):
            with self._store.writing() as c:
                c.execute(f"DELETE FROM refused{where}", parameters)
