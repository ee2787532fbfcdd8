"""The shop's facts, opened once by the process: each thread asks them over a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from weakref import WeakSet

from regulars.app.refusals import why
from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import ShopError
from regulars.model.settings import load
from regulars.shop import Shop


class OpenFacts:
    """The one opening of a shop's folder. Readers never wait for a writer, writers take turns in the engine.

    ``waited`` tells how long live messages have waited to be settled, once something takes them in.
    """

    def __init__(self, folder: Path) -> None:
        self._root = Shop.open(folder)
        self._threads = threading.local()
        self._engines: WeakSet[DuckDBEngine] = WeakSet()
        self._settings = self._root.settings
        self.waited: Callable[[], timedelta] = timedelta

    @property
    def folder(self) -> Path:
        return self._root.folder

    def shop(self) -> Shop:
        """The shop over this thread's own connection, with the settings as they are now."""
        mine: Shop | None = getattr(self._threads, "shop", None)
        if mine is None or mine.settings is not self._settings:
            engine = self._root.engine.cursor() if mine is None else mine.engine
            self._engines.add(engine)
            mine = self._threads.shop = Shop(self._root.folder, self._settings, engine, lambda: self.waited())
        return mine

    def reload(self) -> None:
        """Read ``shop.toml`` again: every thread sees the new settings at its next asking."""
        self._settings = load(self._root.folder)

    def interrupt(self) -> None:
        """Stop whatever any thread is asking."""
        for engine in list(self._engines):
            engine.interrupt()

    def close(self) -> None:
        for engine in list(self._engines):
            engine.close()
        self._root.close()


_opened: list[OpenFacts] = []


def open_facts(folder: Path) -> OpenFacts:
    """Open the shop for this process; raises as `Shop.open`, and `ShopError` where one is open already."""
    if _opened:
        raise ShopError(why("{folder} is open already: a process has one shop.", folder=_opened[0].folder))
    _opened.append(OpenFacts(folder))
    return _opened[0]


def close_facts() -> None:
    while _opened:
        _opened.pop().close()


def facts() -> OpenFacts:
    """Raises `ShopError` where no shop is open."""
    if not _opened:
        raise ShopError(why("No shop is open."), hint=why("Start the pages."), command="regulars serve --shop FOLDER")
    return _opened[0]


def the_shop() -> Shop:
    """The shop over this thread's connection."""
    return facts().shop()
