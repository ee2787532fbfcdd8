"""Memberships follow facts and time while the pages are open: a thread that looks every few seconds, and when woken."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from regulars.app import moments
from regulars.app.facts import facts
from regulars.app.jobs import running
from regulars.errors import Message, RegularsError

log = logging.getLogger("regulars.app.segments")
EVERY = 5.0
NUDGED_EVERY = 0.25
REST = 4.0
"""It rests this many times as long as its last look took, so that looking takes a fifth of the time at most; as long
as it took where facts changed."""


class Following:
    """One thread. ``trouble`` says since when, and why, it could not look; None while it can. ``trouble_code`` is for
    whoever watches the process, and names nobody."""

    def __init__(self) -> None:
        self.trouble: tuple[datetime, Message] | None = None
        self.trouble_code = ""
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look now: facts changed."""
        self._woken.set()

    def stop(self, seconds: float, nudge: Callable[[], object]) -> None:
        """Wait for the look at hand, not longer than ``seconds``; ``nudge`` interrupts what is being computed."""
        self._ended.set()
        self._woken.set()
        until = time.monotonic() + seconds
        while self._thread.is_alive() and time.monotonic() < until:
            nudge()
            self._thread.join(NUDGED_EVERY)

    def _run(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            self.look()
            took = time.monotonic() - began
            self._ended.wait(took)
            self._woken.wait(max(EVERY, REST * took))
            self._woken.clear()

    def look(self) -> None:
        """One look; what goes wrong is kept in ``trouble``, and the segments show it by being stale."""
        shop = facts().shop()
        try:
            shop.segments.advance(moments.settled())
            self.trouble, self.trouble_code = None, ""
        except RegularsError as error:
            self._note(shop.moment(), error, error.code)
        except KeyboardInterrupt:
            self._note(shop.moment(), "", "interrupted")
        except Exception as error:
            log.exception("segments could not be brought up to date")
            self._note(shop.moment(), running.text("Regulars itself went wrong: {error}.", error=type(error).__name__),
                       "internal")

    def _note(self, now: datetime, why: Message, code: str) -> None:
        if not running.ending.is_set():
            self.trouble_code = code
            self.trouble = (self.trouble[0] if self.trouble else now, why)


following = Following()
"""The process' own."""
