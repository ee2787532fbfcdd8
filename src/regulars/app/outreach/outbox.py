"""Campaigns go out while the pages are open: a thread that looks every second for what is due, and brings what came
back into the facts. What it was doing stands in the rows: after a kill the next process goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from regulars.app.facts import OpenFacts
from regulars.errors import Message, RegularsError
from regulars.outreach.sending import Sender, next_due
from regulars.shop import Shop

log = logging.getLogger("regulars.app.outreach")
EVERY = 1.0
LOOKED_AT_AUTOMATIONS_EVERY = 5
SETTLED_EVERY = 10.0
LOOKED_FOR_CODES_EVERY = 60
READ_MAILBOX_EVERY = 300
"""Looks from one to the next."""
STOPS_WITHIN = 3.0
"""Seconds a message under way has to land; after that it is unknown."""
after_settling: list[Callable[[], object]] = []
"""Called after what came back changed facts; whoever is called does no work in it."""


class Outbox:
    """One thread. ``trouble`` says since when, and why, nothing goes; None while it does.

    ``trouble_code`` is for whoever watches the process, and names nobody.
    """

    def __init__(self, facts: OpenFacts, every: float = EVERY) -> None:
        self.trouble: tuple[datetime, Message] | None = None
        self.trouble_code = ""
        self._facts, self._every = facts, every
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._sender: Sender | None = None
        self._looks = 0
        self._settled_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def resting(self, channel: str) -> str:
        """What a line of this channel said as it went down, while it is tried again; "" where it goes."""
        return self._sender.resting.get(channel, "") if self._sender else ""

    def wake(self) -> None:
        """Look now: a campaign has begun."""
        self._woken.set()

    def close(self) -> None:
        """Hand nothing more over; what is under way may land."""
        self._ended.set()
        self._woken.set()
        if self._sender is not None:
            self._sender.stop()
        self._thread.join(STOPS_WITHIN)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._woken.wait(self._every)
            self._woken.clear()
            if self._ended.is_set():
                return
            try:
                self._look(self._facts.shop())
                self.trouble, self.trouble_code = None, ""
            except RegularsError as error:
                self._note(error, error.code)
            except KeyboardInterrupt:
                self._note("", "interrupted")
            except Exception as error:
                log.exception("campaigns could not be sent")
                self._note(type(error).__name__, "internal")

    def _look(self, shop: Shop) -> None:
        campaigns = shop.campaigns
        if not campaigns.any:
            return
        now, look = shop.moment(), self._looks
        self._looks += 1  # what fails now has its turn again, and is not tried every second
        campaigns.begin_due(now)
        if look % LOOKED_AT_AUTOMATIONS_EVERY == 0:
            shop.automations.look(now)
        due = next_due(campaigns.store)
        if look == 0 or (due is not None and due <= now):
            self._sender = campaigns.sender(shop.moment, lambda _: self._settle_meanwhile(shop))
            if not self._ended.is_set():
                self._sender.drive()
        self._settle(shop)
        if look % LOOKED_FOR_CODES_EVERY == 0:
            campaigns.redeem()
        if look % READ_MAILBOX_EVERY == 0:
            campaigns.bounces(shop.moment())

    def _settle(self, shop: Shop) -> None:
        self._settled_at = time.monotonic()
        if shop.campaigns.settle(shop.moment()):
            for call in after_settling:
                call()

    def _settle_meanwhile(self, shop: Shop) -> None:
        """A campaign may take hours: what people did of it is in the facts within seconds all the same."""
        if time.monotonic() - self._settled_at >= SETTLED_EVERY:
            self._settle(shop)

    def _note(self, why: Message, code: str) -> None:
        if not self._ended.is_set():
            log.warning("campaigns wait: %s", why)
            self.trouble_code = code
            self.trouble = (self.trouble[0] if self.trouble else self._facts.shop().moment(), why)


_opened: list[Outbox] = []


def open_outbox(facts: OpenFacts) -> None:
    """Begin to send."""
    _opened.append(Outbox(facts))


def close_outbox() -> None:
    while _opened:
        _opened.pop().close()


def outbox() -> Outbox | None:
    """The process' own, None where it sends nothing."""
    return _opened[0] if _opened else None
