"""How each kind of database is asked: read-only, streamed, with its types."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import psycopg
import pyarrow as pa
import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import SSCursor

from regulars.errors import SourceUnreachable
from regulars.intake.refusals import why

CONNECT_SECONDS = 10


SECRETS = ("password", "passwd", "pwd", "sslpassword")
"""Parts of an address or a connection string that nobody is to read."""
NAMED = re.compile(rf"\b({'|'.join(SECRETS)}|identified by)(\s*(?:=>?|:)\s*|\s+(?='))"
                   r"""('(?:[^']|'')*'|"[^"]*"|[^\s&;,'")]+)""", re.IGNORECASE)
IN_ADDRESS = re.compile(r"(://[^/\s:@'\"]*:)[^\s/'\"]+(?=@)")


def public(address: str) -> str:
    """The address without its password."""
    return parted(address)[0]


def parted(address: str) -> tuple[str, str]:
    """An address without its password, and the password ("" where there is none): before the host, or among the
    options behind it."""
    parts = urlsplit(address)
    options = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in options if name.lower() not in SECRETS]
    inside = next((value for name, value in options if name.lower() in SECRETS), "")
    if not parts.password and len(kept) == len(options):
        return address, ""
    netloc = parts.netloc.replace(f":{parts.password}@", "@", 1) if parts.password else parts.netloc
    query = urlencode(kept) if len(kept) < len(options) else parts.query
    return urlunsplit(parts._replace(netloc=netloc, query=query)), unquote(parts.password or "") or inside


def hidden(text: str) -> str:
    """A query or what a server said of it, with … for each password in it: to be shown and written down."""
    return IN_ADDRESS.sub(r"\1…", NAMED.sub(r"\1\2…", text))


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn a driver's errors into ours, without the password."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error, pymysql.Error, OSError, ValueError) as error:
        text = str(error.args[-1] if isinstance(error, pymysql.Error) and error.args else error).strip()
        shown, secret = parted(address)
        text = hidden(text.replace(secret, "…") if secret else text)
        raise SourceUnreachable(why("{address} does not give the rows: {reason}.", address=shown,
                                    reason=" ".join(text.split()))) from error


def _limited(sql: str, watermark: str | None, since: Any, quote: str, mark: str) -> tuple[str, tuple[Any, ...]]:
    """The query, from the watermark on where one is known; ``mark`` is the driver's sign for a parameter."""
    if watermark is None or since is None:
        return sql, ()
    name = quote + watermark.replace(quote, quote * 2) + quote
    if mark == "%s":
        sql, name = sql.replace("%", "%%"), name.replace("%", "%%")
    return f"SELECT * FROM (\n{sql}\n) AS since_then WHERE {name} >= {mark}", (since,)


class Rows:
    """An open query; what is wrong while its rows are fetched is told as `SourceUnreachable`."""

    _address: str
    _connection: Any
    _cursor: Any
    columns: list[tuple[str, pa.DataType]]

    def pieces(self, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows, at most ``size`` at once."""
        with _told(self._address):
            while piece := self._cursor.fetchmany(size):
                yield piece

    def close(self) -> None:
        self._connection.close()


class SQLite(Rows):
    """Cells have types of their own in SQLite: all come as text, and the column decides, as in a file."""

    def __init__(self, address: str, sql: str, watermark: str | None, since: Any) -> None:
        self._address = address
        path = _path(address)
        with _told(address):
            if not path.is_file():
                raise OSError(f"there is no file {path}")
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True,
                                               check_same_thread=False)  # the engine fetches from a thread of its own
            self._connection.set_authorizer(_this_file_alone)
            self._cursor = self._connection.execute(*_limited(sql, watermark, since, '"', "?"))
        self.columns = [(d[0], pa.string()) for d in self._cursor.description or ()]


def sqlite_path(address: str) -> Path | None:
    """The file an address speaks of; None where it is of no SQLite."""
    return _path(address) if DRIVERS.get(scheme(address)) is SQLite else None


def _path(address: str) -> Path:
    parts = urlsplit(address)
    if parts.path.startswith("//"):
        return Path(unquote(parts.path[1:]))
    return Path(unquote(parts.netloc + parts.path).removeprefix("/"))


def scheme(address: str) -> str:
    """What an address begins with, by which its driver is found."""
    return urlsplit(address).scheme.partition("+")[0].lower()


def _this_file_alone(action: int, *_: str | None) -> int:
    """Another file would be made by ATTACH, and by VACUUM INTO even where this one is only read."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


POSTGRES_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 700: pa.float64(), 701: pa.float64(),
    1082: pa.date32(), 1114: pa.timestamp("us"), 1184: pa.timestamp("us", "UTC"),
}
"""By type number of the catalogue; exact numbers come as text, so that they stay exact."""


class PostgreSQL(Rows):
    def __init__(self, address: str, sql: str, watermark: str | None, since: Any) -> None:
        self._address = address
        with _told(address):
            self._connection = psycopg.connect(address.replace("postgres://", "postgresql://", 1),
                                               connect_timeout=CONNECT_SECONDS)
            self._connection.read_only = True
            self._cursor = self._connection.cursor(name="regulars")
            text, parameters = _limited(sql, watermark, since, '"', "%s")
            self._cursor.execute(text.encode(), parameters or None)
            described = self._cursor.description or []
        self.columns = [(d.name, POSTGRES_TYPES.get(d.type_code, pa.string())) for d in described]


MYSQL_TYPES: dict[int, pa.DataType] = {
    FIELD_TYPE.TINY: pa.int64(), FIELD_TYPE.SHORT: pa.int64(), FIELD_TYPE.LONG: pa.int64(),
    FIELD_TYPE.INT24: pa.int64(), FIELD_TYPE.YEAR: pa.int64(),
    FIELD_TYPE.FLOAT: pa.float64(), FIELD_TYPE.DOUBLE: pa.float64(), FIELD_TYPE.DATE: pa.date32(),
    FIELD_TYPE.DATETIME: pa.timestamp("us"), FIELD_TYPE.TIMESTAMP: pa.timestamp("us", "UTC"),
}
"""A TIMESTAMP is a moment, given in the session's zone, which is set to UTC; a DATETIME is what a clock showed. A
BIGINT may be unsigned and then larger than any whole number here: it comes as text, as exact numbers do."""


class MySQL(Rows):
    def __init__(self, address: str, sql: str, watermark: str | None, since: Any) -> None:
        self._address = address
        parts = urlsplit(address)
        options = dict(parse_qsl(parts.query))
        with _told(address):
            self._connection = pymysql.connect(
                host=parts.hostname or "localhost", port=parts.port or 3306, user=unquote(parts.username or ""),
                password=unquote(parts.password or ""), database=unquote(parts.path.lstrip("/")) or None,
                unix_socket=options.get("unix_socket"), charset="utf8mb4", cursorclass=SSCursor,
                connect_timeout=CONNECT_SECONDS, init_command="SET SESSION TRANSACTION READ ONLY")
            self._cursor = self._connection.cursor()
            self._cursor.execute("SET time_zone = '+00:00'")
            text, parameters = _limited(sql, watermark, since, "`", "%s")
            self._cursor.execute(text, parameters or None)
            described = self._cursor.description or ()
        self._bits = [i for i, d in enumerate(described) if d[1] == FIELD_TYPE.BIT]
        self.columns = [(d[0], MYSQL_TYPES.get(d[1], pa.string())) for d in described]

    def pieces(self, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        for piece in super().pieces(size):
            rows = [[_moment(v) for v in row] for row in piece]
            for row, i in product(rows, self._bits):
                row[i] = None if row[i] is None else int.from_bytes(row[i])
            yield rows


def _moment(value: Any) -> Any:
    """A zero date comes as text from the driver: it is no date."""
    return None if isinstance(value, str) and value.startswith("0000-00-00") else value


DRIVERS: dict[str, Callable[[str, str, str | None, Any], Rows]] = {
    "postgresql": PostgreSQL, "postgres": PostgreSQL, "mysql": MySQL, "mariadb": MySQL, "sqlite": SQLite,
}
