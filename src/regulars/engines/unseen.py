"""Keeps a fault of DuckDB 1.5 away: rows that a transaction has added and nobody sees until the file is opened again.

It comes about where an INSERT of nothing, read by several threads, is followed in the same transaction by one of a
whole row group (122,880 rows) or more into the same table. A row added in between, and taken away again, prevents it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

INSERT = re.compile(r'\s*INSERT\s+INTO\s+((?:\w+\.)*(?:"(?:[^"]|"")+"|\w+))', re.IGNORECASE)


class Unseen:
    """What one connection has inserted nothing into, since its transaction began."""

    def __init__(self) -> None:
        self._open = False
        self._tables: set[str] = set()

    def begin(self) -> None:
        self._open, self._tables = True, set()

    def end(self) -> None:
        self._open, self._tables = False, set()

    def first(self, sql: str) -> Iterator[str]:
        """What has to be run before this statement."""
        table = self.into(sql)
        if table in self._tables:
            self._tables.discard(table)
            yield f"INSERT INTO {table} DEFAULT VALUES"
            yield f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})"

    def into(self, sql: str) -> str:
        """The table that a statement inserts into, in an open transaction; else nothing."""
        found = INSERT.match(sql) if self._open else None
        return found[1] if found else ""

    def note(self, table: str, count: int) -> None:
        """So many rows went into the table."""
        if not count:
            self._tables.add(table)
