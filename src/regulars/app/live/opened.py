"""The process's log of live messages: opened with the facts, written by one thread and settled by another."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from regulars.app.facts import OpenFacts
from regulars.app.live.waiting import Waiting
from regulars.errors import RegularsError, ShopError
from regulars.intake.currencies import FILE
from regulars.intake.live.committing import Committer
from regulars.intake.live.log import Log
from regulars.intake.live.settling import Settled, Settling, settled
from regulars.shop.folder import INBOX

log = logging.getLogger("regulars.app.live")
GATHERED_FOR = 0.02
"""Seconds from a message to its settling: what comes with it is settled together."""
SHORTEST_REST, LONGEST_REST = 0.1, 0.5
"""Seconds from one settling to the next. As long as the last one took, within these, so that a trickle of messages
leaves half of the time to others; who comes after that waits for nothing."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
KEPT_FOR = 600.0
"""Seconds after which the log begins a new file where all is settled, so that nothing stays in it."""
after_settling: list[Callable[[], object]] = []
"""Called in the settling thread after facts changed; whoever is called does no work in it."""


class Live:
    """Takes messages in and settles them, until `close`. ``trouble`` is why settling stands still, if it does, and
    ``trouble_code`` the same without a word of what came in."""

    def __init__(self, facts: OpenFacts) -> None:
        self._facts = facts
        self.settled = settled(facts.shop().engine)
        self.log = Log(facts.folder / INBOX, self.settled)
        self.trouble = self.trouble_code = ""
        self.settled_at: datetime | None = None
        self._some, self._ending = threading.Event(), threading.Event()
        self._waiting = Waiting()
        self._waiting.came(self.log.last)
        facts.waited = self.waited
        self._committer = Committer(self.log, lambda: self.settled, self._came)
        self._some.set()
        self._thread = threading.Thread(target=self._run, name="live-settling", daemon=True)
        self._thread.start()

    @staticmethod
    def now() -> datetime:
        """The moment at which a message is received."""
        return datetime.now(UTC).replace(tzinfo=None)

    @property
    def waiting(self) -> int:
        """Messages that are on disk and not in the facts yet."""
        return self.log.last - self.settled

    def waited(self) -> timedelta:
        """How long the oldest of them has."""
        return self._waiting.waited(self.settled)

    def _came(self) -> None:
        self._waiting.came(self.log.last)
        self._some.set()

    def told(self) -> dict[str, int | str]:
        """How far it is, for whoever watches the process: they have not signed in."""
        return {"settled": self.settled, "waiting": self.waiting, "trouble": self.trouble_code}

    def commit(self, lines: Sequence[bytes]) -> int:
        """Wait until they are on disk; raises `Busy`, `DiskFull`."""
        return self._committer.commit(lines)

    def wait(self, seconds: float) -> bool:
        """Wait until all that was taken in is settled; whether it is."""
        until, last = time.monotonic() + seconds, self.log.last
        while self.settled < last and time.monotonic() < until:
            time.sleep(0.01)
        return self.settled >= last

    def close(self) -> None:
        """Take no more, finish what is being settled; what waits is settled by the next process."""
        self._committer.close()
        self._ending.set()
        self._some.set()
        self._thread.join()
        self.log.close()

    def _run(self) -> None:
        pause, rested, renewed = 0.0, 0.0, time.monotonic()
        while not self._ending.is_set():
            self._some.wait(timeout=KEPT_FOR)
            if self._ending.wait(pause or max(GATHERED_FOR, rested - time.monotonic())):
                return
            self._some.clear()
            try:
                began = time.monotonic()
                self._settle_all()
                rested = _rested(began, time.monotonic())
                pause, self.trouble, self.trouble_code = 0.0, "", ""
                if time.monotonic() - renewed > KEPT_FOR:
                    self.log.renew(self.settled)
                    renewed = time.monotonic()
            except (RegularsError, KeyboardInterrupt, OSError) as error:
                pause = self._put_off(error, pause)
            except Exception as error:
                log.exception("settling failed")
                pause = self._put_off(error, pause)

    def _put_off(self, error: BaseException, pause: float) -> float:
        """Try again after a pause, which grows while nothing at all can be settled; what waits is on disk."""
        self.trouble = str(error) or type(error).__name__
        self.trouble_code = error.code if isinstance(error, RegularsError) else "internal"
        if not self._ending.is_set():
            log.warning("live messages wait: %s", self.trouble)
        self._some.set()
        if self._got_on():
            return SHORTEST_PAUSE
        return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, pause * 2))

    def _got_on(self) -> bool:
        """Note what a settling that failed had settled before; whether there was any."""
        try:
            last = settled(self._facts.shop().engine)
            if last <= self.settled:
                return False
            self._note(Settled(last, changed=True))
        except (RegularsError, OSError):
            return False
        return True

    def _settle_all(self) -> None:
        while not self._ending.is_set():
            shop = self._facts.shop()
            done = Settling(shop.engine, shop.settings, self.log, shop.folder / FILE).settle(self.now())
            if done is None:
                return
            self._note(done)

    def _note(self, done: Settled) -> None:
        self.settled, self.settled_at = done.last, self.now()
        self.log.forget(done.last)
        if done.changed:
            for call in after_settling:
                call()


def _rested(began: float, ended: float) -> float:
    """When the next settling may begin."""
    return ended + min(max(ended - began, SHORTEST_REST), LONGEST_REST)


_opened: list[Live] = []


def open_live(facts: OpenFacts) -> Live:
    """Begin to take messages in; raises as `Log` does."""
    _opened.append(Live(facts))
    return _opened[0]


def close_live() -> None:
    while _opened:
        _opened.pop().close()


def live() -> Live:
    """Raises `ShopError` where the process takes nothing in."""
    if not _opened:
        raise ShopError("Live messages are not taken in at this moment.", hint="Send them again in a moment.")
    return _opened[0]


def is_open() -> bool:
    return bool(_opened)
