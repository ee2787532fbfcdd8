"""Somebody who goes on writing waits for the last answer only: the one before it is given up."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import RegularsError

LONG_ENOUGH = re.compile("[0-9a-f]{32}")


class Superseded(Exception):
    """A newer question of the same editor came in: nobody waits for this answer any more."""


class _Asking:
    def __init__(self, engine: DuckDBEngine) -> None:
        self.engine = engine
        self.given_up = False


_asking: dict[str, _Asking] = {}
_lock = threading.Lock()


def editor(said: str) -> str:
    """The editor a page said it is, made up anew for each page and known to no other; "" for what is no such name."""
    return said if LONG_ENOUGH.fullmatch(said) else ""


@contextmanager
def latest(editor: str, engine: DuckDBEngine) -> Iterator[None]:
    """Ask over ``engine`` as the newest of an editor; what it asked before is interrupted and raises `Superseded`.

    ``editor`` is "" for whoever does not say: then nothing is given up.
    """
    mine = _Asking(engine)
    with _lock:
        _give_up(editor)
        if editor:
            _asking[editor] = mine
    try:
        yield
    except (KeyboardInterrupt, RegularsError) as error:
        if mine.given_up:
            raise Superseded from error
        raise
    finally:
        # Whoever gives this up holds the lock: past it, no interruption can meet the thread's next request.
        with _lock:
            if _asking.get(editor) is mine:
                del _asking[editor]


def _give_up(editor: str) -> None:
    if before := _asking.pop(editor, None):
        before.given_up = True
        before.engine.interrupt()
