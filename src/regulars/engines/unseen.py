"""Keeps a fault of DuckDB 1.5 away: rows that a transaction has added and nobody sees until the file is opened again.

It comes about where an INSERT of nothing, or a CREATE TABLE AS of nothing, read by several threads, is followed in the
same transaction by an INSERT of a whole row group (122,880 rows) or more into the same table. A row added in between,
and taken away again, prevents it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAME = r'((?:\w+\.)*(?:"(?:[^"]|"")+"|\w+))'
INSERT = re.compile(rf"\s*INSERT\s+INTO\s+{NAME}", re.IGNORECASE)
MADE = re.compile(rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP\s+)?TABLE\s+{NAME}\s+AS\b", re.IGNORECASE)


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
        found = INSERT.match(sql) if self._tables else None
        if found and _plain(found[1]) in self._tables:
            self._tables.discard(_plain(found[1]))
            yield f"INSERT INTO {found[1]} DEFAULT VALUES"
            yield f"DELETE FROM {found[1]} WHERE rowid = (SELECT max(rowid) FROM {found[1]})"

    def into(self, sql: str) -> str:
        """The table that a statement puts rows into, in an open transaction; else nothing."""
        found = (INSERT.match(sql) or MADE.match(sql)) if self._open else None
        return _plain(found[1]) if found else ""

    def note(self, table: str, count: int) -> None:
        """So many rows went into the table."""
        if not count:
            self._tables.add(table)


def _plain(name: str) -> str:
    """A table's name, however it was written."""
    return name.replace('"', "").rpartition(".")[2].lower()
