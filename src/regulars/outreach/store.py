"""``outreach.sqlite``: campaigns, whom they went to, each delivery, and what came back.

It stands beside the facts: thousands of single rows change while a campaign goes out, each of them at once on disk.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from regulars.errors import DiskFull, ShopDamaged, ShopTooNew
from regulars.outreach import schema
from regulars.outreach.refusals import why

FILE = "outreach.sqlite"
BUSY = 30.0
"""Seconds a writer waits for another: each holds the file for milliseconds."""
SEED = "seed"
"""The key in ``meta`` of the shop's secret: draws, digests and signed links hang on it."""
Row = tuple[Any, ...]


class Store:
    """The file in ``folder``, made at the first asking; each thread has a connection of its own.

    Raises `ShopDamaged` where it cannot be read, `ShopTooNew` where a newer Regulars made it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._threads = threading.local()
        self._turn = threading.RLock()
        self._open: list[sqlite3.Connection] = []
        with _told(self.path):
            self._prepare()
        self.seed: str = self.value("SELECT value FROM meta WHERE key = ?", [SEED])

    def _prepare(self) -> None:
        connection = self.connection
        connection.execute("PRAGMA journal_mode = WAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            raise ShopTooNew(why("{file} was made by a newer Regulars.", file=FILE),
                             hint=why("Install the newer Regulars."))
        with self.writing():
            for step in range(version or schema.VERSION, schema.VERSION):
                _run(connection, schema.STEPS[step])
            for table in schema.TABLES:
                _run(connection, table)
            connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", [SEED, secrets.token_hex(32)])
            connection.execute(f"PRAGMA user_version = {schema.VERSION}")

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's own; outside of `writing` every statement stands by itself."""
        mine: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if mine is None:
            mine = sqlite3.connect(self.path, timeout=BUSY, isolation_level=None, check_same_thread=False)
            mine.execute("PRAGMA synchronous = FULL")
            self._threads.connection, self._threads.durable = mine, True
            self._open.append(mine)
        return mine

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction, all or nothing; inside another it is part of that.

        ``durable``: on disk when the block ends. Else it outlives the process, and a loss of power may undo it up to
        the last durable one.
        """
        connection = self.connection
        if connection.in_transaction:
            yield connection
            return
        with self._turn, _told(self.path):
            self._set_durable(durable)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _set_durable(self, durable: bool) -> None:
        if self._threads.durable != durable:
            self.connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._threads.durable = durable

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        return self.connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.connection.execute(sql, parameters).fetchone()
        return row[0] if row else None

    def leave(self) -> None:
        """This thread needs it no more."""
        mine: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if mine is not None:
            self._threads.connection = None
            self._open.remove(mine)
            mine.close()

    def close(self) -> None:
        while self._open:
            self._open.pop().close()
        self._threads = threading.local()

    @staticmethod
    def of(folder: Path) -> Store:
        """The one of this process: whoever asks for a folder's shares it."""
        with _opening:
            key = folder.resolve()
            if key not in _stores:
                _stores[key] = Store(folder)
            return _stores[key]

    @staticmethod
    def forget(folder: Path) -> None:
        """Close what `of` opened, if it did."""
        with _opening:
            known = _stores.pop(folder.resolve(), None)
        if known is not None:
            known.close()


class Nothing(Store):
    """What a shop has that never wrote to anybody: nothing is made by asking it."""

    def __init__(self) -> None:
        self.seed = ""

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        return []

    def value(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        return None


_stores: dict[Path, Store] = {}
_opening = threading.Lock()


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Statements one by one: `executescript` would end the transaction."""
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the file's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise DiskFull(why("The disk is full: nothing of this step was kept."),
                           hint=why("Free some space and run it again.")) from error
        raise
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise ShopDamaged(why("{file} cannot be read: {reason}.", file=path, reason=error),
                          hint=why("Restore the last backup."), command="regulars restore") from error


def text_of(moment: datetime) -> str:
    """Naive UTC as it is kept: always of one length, so that text sorts as time."""
    return moment.isoformat(timespec="microseconds")


def moment_of(text: str | None) -> datetime | None:
    """What `text_of` wrote."""
    return datetime.fromisoformat(text) if text else None
