"""The embedded engine: the only module that knows DuckDB.

One process owns the file. Each thread takes its own `DuckDBEngine` by `cursor`; readers never block the writer.
"""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb.func import PythonUDFType

from regulars.engines.refusals import why
from regulars.engines.texts import text_of
from regulars.engines.unseen import Unseen
from regulars.errors import DiskFull, NumberTooLarge, RegularsError, ShopDamaged, ShopError, ShopInUse, StatementRefused
from regulars.model.disk import flush

if TYPE_CHECKING:
    from ibis.expr.types import Table as IbisTable

SQL_TYPES: Mapping[str, str] = {
    "text": "VARCHAR", "list of text": "VARCHAR[]", "number": "DOUBLE", "whole number": "BIGINT",
    "exact number": "DECIMAL(18,4)", "money": "DECIMAL(18,4)", "yes/no": "BOOLEAN", "moment": "TIMESTAMP",
    "date": "DATE", "properties": "JSON",
}


SOUGHT = 2_000
"""With more there is hardly a block of rows without one of them."""


def fold(text: str) -> str:
    """How text is compared: Unicode NFKC, case folded, surrounding spaces off."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def quoted(name: str) -> str:
    """``name`` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as a quoted SQL string, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def sought(table: str) -> str:
    """The customers in ``table``, for a join that keeps few of the other side's rows.

    Only of keys themselves filtered does the engine make a filter for the scan (docs/decisions/0022).
    """
    return f"(FROM {table} WHERE customer_id <> '')"


class DuckDBEngine:
    """A connection to a shop's facts.

    ``dialect`` names what `ibis.to_sql` is asked for; `compile` turns an unbound Ibis expression into this engine's
    text.
    """

    dialect = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: Path | None = None,
                 config: Mapping[str, Any] | None = None) -> None:
        self._connection = connection
        self._file = file
        self._config = dict(config or {})
        self._unseen = Unseen()
        self._turn = RLock()
        self._looks = RLock()
        self._changes = [0]

    @classmethod
    def open(cls, path: Path | str, *, memory_limit: str | None = None, threads: int | None = None,
             temp: Path | None = None) -> DuckDBEngine:
        """Open or make the file at ``path`` (``:memory:`` for none).

        Raises `ShopInUse` where another process has it, `ShopDamaged` where it cannot be read.
        """
        config: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        # Measured on 1.5: trying this one on text costs a sixth of the time of a large write and saves no space.
        config["disabled_compression_methods"] = "dict_fsst"
        if memory_limit:
            config["memory_limit"] = memory_limit
        if threads:
            config["threads"] = threads
        if temp:
            config["temp_directory"] = str(temp)
        return cls(_connect(path, config), None if str(path) == ":memory:" else Path(path), config)

    def cursor(self) -> DuckDBEngine:
        """Another connection to the same facts, for another thread."""
        with _told():
            twin = self._connection.cursor()
            _prepare(twin)
        engine = DuckDBEngine(twin)
        engine._turn, engine._looks, engine._changes = self._turn, self._looks, self._changes
        return engine

    def close(self) -> None:
        self._connection.close()

    def compile(self, expression: IbisTable) -> str:
        """The SQL text of an expression over unbound tables."""
        return text_of(expression, self.dialect)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        with _told():
            return self._connection.execute(sql, list(parameters) or None).to_arrow_table()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with _told():
            return self._connection.execute(sql, list(parameters) or None).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(sql, parameters)
        return found[0][0] if found else None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        with _told():
            for statement in self._unseen.first(sql):
                self._connection.execute(statement)
            done = self._connection.execute(sql, list(parameters) or None)
            if table := self._unseen.into(sql):
                self._unseen.note(table, (done.fetchone() or (0,))[0])

    def batches(self, sql: str, parameters: Sequence[Any] = (), size: int = 100_000) -> Iterator[pa.RecordBatch]:
        """The result piece by piece, for what is larger than memory."""
        with _told():
            yield from self._connection.execute(sql, list(parameters) or None).to_arrow_reader(size)

    def register(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Make ``table`` readable by ``name`` on this connection until `unregister`."""
        with _told():
            self._connection.register(name, table)

    def unregister(self, name: str) -> None:
        self._connection.unregister(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: committed at the end of the block, rolled back by whatever leaves it early."""
        self.execute("BEGIN")
        self._unseen.begin()
        try:
            yield
            self.execute("COMMIT")
        except OSError as error:
            self._roll_back()
            raise (disk_full() if error.errno in NO_ROOM else error) from error
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._unseen.end()

    @contextmanager
    def changing_facts(self) -> Iterator[None]:
        """A transaction that changes facts: of all connections of one opening, one at a time.

        Whoever adds a row looks first whether it is there: two at once would not see each other's.
        """
        with self._turn:
            with self.transaction():
                yield
            self._changes[0] += 1

    @property
    def changes(self) -> int:
        """How often facts were changed since the file was opened, by whatever connection: asking costs nothing."""
        return self._changes[0]

    @contextmanager
    def changing_memberships(self) -> Iterator[None]:
        """A transaction that changes segments or who is in them: of all connections of one opening, one at a time.

        Two that change the same row at once would each end in an error of the engine. Whoever changes facts too takes
        this turn first.
        """
        with self._looks, self.transaction():
            yield

    @contextmanager
    def turn_of_looks(self) -> Iterator[None]:
        """The turn of `changing_memberships` without its transaction, for `changing_facts` or several to follow."""
        with self._looks:
            yield

    @contextmanager
    def seeking(self, most: int = SOUGHT) -> Iterator[None]:
        """Joins with up to ``most`` rows pass over whole blocks in which none of their keys can lie; else with 50.

        Worth it where a few are sought in a table that is kept in the order of what they are sought by.
        """
        self.execute(f"SET SESSION dynamic_or_filter_threshold = {most}")
        try:
            yield
        finally:
            with suppress(duckdb.Error):
                self._connection.execute("RESET SESSION dynamic_or_filter_threshold")

    def _roll_back(self) -> None:
        # Where the commit itself fails, the engine has already rolled back.
        with suppress(duckdb.Error):
            self._connection.execute("ROLLBACK")

    def interrupt(self) -> None:
        """Stop what this connection is doing, from another thread."""
        self._connection.interrupt()

    def progress(self) -> float | None:
        """How much of the running statement is done, from 0 to 1, asked from another thread; None where unknown."""
        percent = self._connection.query_progress()
        return percent / 100 if percent >= 0 else None

    def memory(self) -> dict[str, int]:
        """Bytes in use, by what for: BASE_TABLE is what was read lately of the file and can be let go."""
        return dict(self.rows("SELECT tag, memory_usage_bytes FROM duckdb_memory()"))

    def create_table(self, name: str, columns: Mapping[str, str], *, temporary: bool = False) -> None:
        """``columns``: name -> type in the model's words."""
        body = ", ".join(f"{quoted(c)} {SQL_TYPES[t]}" for c, t in columns.items())
        self.execute(f"CREATE {'TEMP ' if temporary else ''}TABLE {quoted(name)} ({body})")

    def keep(self, name: str, sql: str, sorted_by: str) -> None:
        """A table of what ``sql`` selects, in that order, for reading a few rows of many columns: it is written as it
        is, which takes several times the room and a fifteenth of the time to read."""
        columns = ", ".join(f"{quoted(column)} {kind} {'' if kind == 'VARCHAR' else 'USING COMPRESSION uncompressed'}"
                            for column, kind, *_ in self.rows(f"DESCRIBE {sql}"))
        self.execute(f"CREATE OR REPLACE TABLE {quoted(name)} ({columns})")
        self.execute(f"INSERT INTO {quoted(name)} FROM ({sql}) ORDER BY {quoted(sorted_by)}")

    def add_column(self, table: str, column: str, type_word: str) -> None:
        self.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(column)} {SQL_TYPES[type_word]}")

    def tables(self) -> set[str]:
        return {r[0] for r in self.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}

    def columns(self, table: str) -> dict[str, str]:
        """Column -> SQL type, in order; none where there is no such table."""
        with _told():
            try:
                # Five times as quick as looking among all columns of all tables.
                return dict(self._connection.execute("SELECT name, type FROM pragma_table_info(?)",
                                                     [quoted(table)]).fetchall())
            except duckdb.CatalogException:
                return {}

    def staged(self, stages: Sequence[tuple[str, str]], final: str) -> str:
        """One statement out of named steps; the engine works out once what is read more than once."""
        if not stages:
            return final
        steps = ",\n".join(f"{quoted(name)} AS ({sql})" for name, sql in stages)
        return f"WITH {steps}\n{final}"

    def copy_to(self, target: Path, then: str = "") -> None:
        """A consistent copy of the whole file at ``target``, while others go on reading and writing.

        ``then`` is a statement for the copy, whose tables are ``copy_target.<table>``.
        """
        source = self.value("SELECT current_database()")
        with _told(target):
            self._connection.execute(f"ATTACH {literal(str(target))} AS copy_target")
            try:
                self._connection.execute(f"COPY FROM DATABASE {quoted(source)} TO copy_target")
                if then:
                    self._connection.execute(then)
            finally:
                self._connection.execute("DETACH copy_target")

    def rewrite(self, then: str = "") -> bool:
        """Write the file anew, so that nothing of rows that are gone is left in it; ``then`` as in `copy_to`.

        False where that has to wait: others are connected, and they hold the file as it is.
        """
        if self._file is None or self.value("SELECT * FROM duckdb_connection_count()") > 1:
            return False
        fresh, log = (self._file.with_name(f"{self._file.name}.{end}") for end in ("new", "wal"))
        fresh.unlink(missing_ok=True)
        self.execute("CHECKPOINT")
        try:
            self.copy_to(fresh, then)
            flush(fresh)
            self._connection.close()
            try:
                free = _is_free(self._file, self._config) and not (log.exists() and log.stat().st_size)
                if free:
                    os.replace(fresh, self._file)
                    flush(self._file.parent)
            finally:
                self._connection = _connect(self._file, self._config)
        finally:
            fresh.unlink(missing_ok=True)
        return free


def _connect(path: Path | str, config: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    with _told(path):
        connection = duckdb.connect(str(path), config=dict(config))
        connection.create_function("fold_unicode", _fold_column, ["VARCHAR"], "VARCHAR", type=PythonUDFType.ARROW)
        _prepare(connection)
    return connection


def _is_free(path: Path, config: Mapping[str, Any]) -> bool:
    """Whether nobody in this process has the file: the engine refuses it with other settings where somebody has."""
    try:
        duckdb.connect(str(path), config={**config, "custom_user_agent": "regulars"}).close()
    except duckdb.ConnectionException:
        return False
    return True


FOLDS_BY_LOWER = r"[\x00-\x7F\x{0401}\x{0410}-\x{044F}\x{0451}\x{0621}-\x{064A}\x{0660}-\x{0669}\x{06A9}-\x{06D2}]*"
"""ASCII, Russian and Arabic-script letters without combining marks: there, lower case alone is `fold`."""


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """What each connection needs: UTC, and `fold`.

    DuckDB has neither NFKC nor case folding: plain letters go the fast way, the rest through Python.
    """
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    connection.execute("CREATE TEMP MACRO fold(x) AS CASE WHEN strlen(x) <> length(x) AND NOT "
                       f"regexp_full_match(x, {literal(FOLDS_BY_LOWER)}) THEN fold_unicode(x) ELSE lower(trim(x)) END")


def _fold_column(column: pa.ChunkedArray) -> pa.Array:
    encoded = pa.chunked_array(column).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    folded = pa.array([None if v is None else _fold_once(v) for v in encoded.dictionary.to_pylist()], pa.string())
    return pc.take(folded, encoded.indices)


@lru_cache(maxsize=100_000)
def _fold_once(text: str) -> str:
    return fold(text)


@contextmanager
def _told(path: Path | str | None = None) -> Iterator[None]:
    """Turn the engine's errors into ours."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error  # whoever is stopped is no statement that the engine refuses
    except duckdb.Error as error:
        raise _ours(error, path) from error
    except RuntimeError as error:
        if isinstance(error.__cause__, KeyboardInterrupt) or str(error) == "Query interrupted":
            raise KeyboardInterrupt from error  # the engine answers Ctrl-C with an error of its own
        raise


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM_WORDS = (*map(os.strerror, NO_ROOM), "Out of disk space", "max_temp_directory_size")


def disk_full() -> DiskFull:
    """What is said where a step found no room."""
    return DiskFull(why("The disk is full: nothing of this step was kept, the shop is as it was before."),
                    hint=why("Free some space and run it again."))


def _ours(error: duckdb.Error, path: Path | str | None) -> RegularsError:
    text = str(error)
    holder = re.search(r"Conflicting lock is held in (.+?) \(PID (\d+)\)", text)
    if holder:
        return ShopInUse(why("The shop is in use by process {process} ({program}).", process=holder[2],
                             program=holder[1]), hint=why("Stop it first, or ask it."))
    if "lock on file" in text:
        return ShopInUse(why("The shop is in use by another process."))
    if any(words in text for words in NO_ROOM_WORDS):
        return disk_full()
    if isinstance(error, duckdb.OutOfMemoryException):
        return ShopError(why("This needs more memory than the shop may use."),
                         hint=why("Raise REGULARS_MEMORY, for example to 8GB."))
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return NumberTooLarge(why("A number is larger than can be kept exactly: {reason}", reason=text.splitlines()[0]))
    if path is not None or "corrupt" in text.lower() or "checksum" in text.lower():
        return ShopDamaged(
            why("The facts cannot be read: {reason}.", reason=f"{path}: {text.splitlines()[0]}" if path else
                text.splitlines()[0]), hint=why("Restore the last backup."), command="regulars restore")
    reason = text.splitlines()[0]
    return StatementRefused(why("The engine refused a statement: {reason}", reason=reason), reason)
