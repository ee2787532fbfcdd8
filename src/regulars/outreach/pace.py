"""How fast messages may go: by the sender in a second, and by the receiving domain in a minute."""

from __future__ import annotations

import threading
from collections import Counter, deque
from datetime import datetime, timedelta

from regulars.outreach.store import Store, moment_of, text_of

MINUTE = timedelta(minutes=1)
LINES = 20
"""More than a channel has side by side, each of which waits for one turn."""


class Pace:
    """Counts what went out within the last minute, that of earlier runs too; 0 is no limit. Threads may share it."""

    def __init__(self, per_second: float, domain_per_minute: int, store: Store | None = None,
                 now: datetime | None = None, channel: str = "") -> None:
        self._gap = timedelta(seconds=1 / per_second) if per_second > 0 else timedelta()
        self._most = domain_per_minute
        self._went: dict[str, deque[datetime]] = {}
        self._next: datetime | None = None
        self._turn = threading.Lock()
        if store is not None and now is not None and self._most:
            for domain, at in store.rows("SELECT domain, sent_at FROM deliveries WHERE sent_at > ? AND channel = ? "
                                         "ORDER BY sent_at", [text_of(now - MINUTE), channel]):
                self._went.setdefault(domain, deque()).append(moment_of(at) or now)

    def full(self, now: datetime) -> list[str]:
        """The domains that have had enough for the moment."""
        with self._turn:
            return [d for d in self._went if self._most and self._count(d, now) >= self._most]

    def room(self, domain: str, now: datetime) -> int | None:
        """How many more may go to a domain within this minute; None where there is no limit."""
        with self._turn:
            return max(self._most - self._count(domain, now), 0) if self._most else None

    def take(self, domain: str, now: datetime) -> timedelta | None:
        """Count one in, and say how long to wait before it goes; None where its domain has had enough."""
        with self._turn:
            if self._most and self._count(domain, now) >= self._most:
                return None
            wait = max((self._next or now) - now, timedelta())
            if wait > LINES * self._gap:  # the clock was set back meanwhile
                wait = self._gap
            self._next = now + wait + self._gap
            if self._most:
                self._went.setdefault(domain, deque()).append(now + wait)
            return wait

    def free_at(self, domain: str, now: datetime) -> datetime:
        """When the domain may get another."""
        with self._turn:
            went = self._went.get(domain)
            return went[0] + MINUTE if went and self._count(domain, now) >= self._most else now

    def _count(self, domain: str, now: datetime) -> int:
        went = self._went.get(domain, deque())
        while went and went[0] <= now - MINUTE:
            went.popleft()
        while went and went[-1] > now + MINUTE:
            went.pop()
        return len(went)


def fitting(domains: list[str], pace: Pace, now: datetime) -> list[bool]:
    """Which of these, in order, still have room within this minute."""
    asked: Counter[str] = Counter()
    found = []
    for domain in domains:
        room = pace.room(domain, now)
        asked[domain] += 1
        found.append(room is None or asked[domain] <= room)
    return found
