"""From a file to staged tables: what kind of file it is, by its bytes, and each table in it one after the other."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
import zipfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine, quoted
from regulars.errors import DiskFull, Message, NotRecognised, ShopError, UnreadableFile
from regulars.intake import reading_csv, reading_tables, reading_text
from regulars.intake.refusals import why
from regulars.intake.stage import Stage, StagedColumn
from regulars.model.phrases import Sentence
from regulars.model.settings import Settings

BLOCK = 1 << 22
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
NO_TABLES = (".pdf", ".png", ".jpg", ".jpeg", ".gif", ".html", ".htm", ".xml", ".md", ".docx", ".ds_store")
_numbers = itertools.count(1)


def hash_of(path: Path) -> str:
    """The content's fingerprint, by which a second import of the same file is known."""
    digest = hashlib.blake2b(digest_size=20)
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def rows_expected(path: Path) -> int | None:
    """About how many rows a text file has, by the length of its first lines; None where that says nothing."""
    with path.open("rb") as source:
        head = source.read(1 << 16)
    lines = head.count(b"\n")
    return int(path.stat().st_size / len(head) * lines) if lines > 1 and b"\x00" not in head else None


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for copies made on the way, gone at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stages(engine: DuckDBEngine, path: Path, settings: Settings, scratch: Path,
           hints: Mapping[str, frozenset[str]]) -> Generator[Stage, None, None]:
    """Each table of the file, staged until the next one is asked for.

    Raises `UnreadableFile` or `NotRecognised`, naming the file and what is the matter.
    """
    if path.is_dir():
        raise UnreadableFile(why("{path} is a folder.", path=path), hint=why("Name the files in it."))
    if not path.is_file():
        raise UnreadableFile(why("There is no file {path}.", path=path))
    for plain, shown in _plain_files(path, path.name, scratch):
        for columns, name, label, named in _tables(engine, plain, shown, scratch):
            try:
                rows = int(engine.value(f"SELECT count(*) FROM {quoted(name)}"))
                yield Stage(engine, name, columns, label, rows, settings.timezone, settings.currency, hints, named)
            finally:
                drop(engine, name)


def drop(engine: DuckDBEngine, name: str) -> None:
    """Forget a staged table and all that hangs on it; where a transaction has failed, its end does so."""
    with suppress(ShopError):
        for kind, table in engine.rows(
                "SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND view_name IN (?, ?) UNION ALL "
                "SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary AND table_name IN (?, ?, ?, ?, ?)",
                [name, f"{name}_all", name, f"{name}_all", f"raw_{name}", f"bad_{name}", f"sample_{name}"]):
            engine.execute(f"DROP {kind} {quoted(table)}")


def _plain_files(path: Path, shown: str, scratch: Path) -> Iterator[tuple[Path, str]]:
    """The files inside, with the names a person knows them by."""
    with path.open("rb") as source:
        head = source.read(4)
    if head[:2] == b"\x1f\x8b":
        yield from _plain_files(reading_text.gunzipped(path, scratch), shown.removesuffix(".gz"), scratch)
    elif head == b"PK\x03\x04" and not _is_workbook(path):
        yield from _unzipped(path, shown, scratch)
    else:
        yield path, shown


def _is_workbook(path: Path) -> bool:
    try:
        names = set(zipfile.ZipFile(path).namelist())
    except zipfile.BadZipFile as error:
        raise UnreadableFile(why("{path} is a damaged zip file.", path=path.name)) from error
    return "[Content_Types].xml" in names or "META-INF/manifest.xml" in names


def _unzipped(path: Path, shown: str, scratch: Path) -> Iterator[tuple[Path, str]]:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if _is_table(m.filename) and m.file_size]
        if not members:
            raise NotRecognised(why("{shown} holds no table.", shown=shown))
        if sum(m.file_size for m in members) > shutil.disk_usage(scratch).free * 0.9:
            raise DiskFull(why("{shown} unpacks to more than the disk has free.", shown=shown))
        for member in sorted(members, key=lambda m: m.filename):
            target = scratch / f"{next(_numbers)}{Path(member.filename).suffix}"
            try:
                with archive.open(member) as packed, target.open("wb") as out:
                    shutil.copyfileobj(packed, out, BLOCK)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
                raise UnreadableFile(why("{filename} in {shown} cannot be unpacked: {error}.",
                                         filename=member.filename, shown=shown, error=error)) from error
            yield from _plain_files(target, Path(member.filename).name, scratch)
            target.unlink(missing_ok=True)


def _is_table(name: str) -> bool:
    parts = Path(name).parts
    hidden = any(p.startswith((".", "__MACOSX")) for p in parts)
    return not hidden and not name.endswith("/") and not name.lower().endswith(NO_TABLES)


Table = tuple[tuple[StagedColumn, ...], str, str, bool]


def _tables(engine: DuckDBEngine, path: Path, shown: str, scratch: Path) -> Iterator[Table]:
    """Columns, staged name, the name a person knows the table by, and whether it names its columns."""
    name = f"stage_{next(_numbers)}"
    with path.open("rb") as source:
        head = source.read(4096)
    if not head.strip():
        raise NotRecognised(why("{shown} is empty.", shown=shown))
    if head.startswith(b"SQLite format 3"):
        raise UnreadableFile(why("{shown} is an SQLite database: say which of its rows.", shown=shown),
                             hint=why("Import it by a query, with the address sqlite:///FILE."))
    if head[:4] == b"PAR1":
        yield reading_tables.load_parquet(engine, path, name), name, shown, True
    elif _workbook(head, shown):
        yield from _sheets(engine, path, shown)
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        yield reading_tables.load_json(engine, path, name), name, shown, True
    elif not head.startswith((b"\xff\xfe", b"\xfe\xff")) and _binary(head):
        raise UnreadableFile(why("{shown} is no table that can be read here.", shown=shown),
                             hint=why("Bring CSV, Excel, JSON lines, Parquet, or a zip of these."))
    else:
        yield _delimited(engine, path, shown, scratch, name)


def _workbook(head: bytes, shown: str) -> bool:
    return head[:4] == b"\xd0\xcf\x11\xe0" or head[:4] == b"PK\x03\x04" or \
        (shown.lower().endswith(WORKBOOKS) and head[:2] == b"PK")


def _binary(head: bytes) -> bool:
    """Many control bytes that are no UTF-16 text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    control = sum(1 for b in head if b < 9 or 13 < b < 32)
    return max(even, odd) < 0.3 * len(head) / 2 and control > 0.05 * len(head)


def _sheets(engine: DuckDBEngine, path: Path, shown: str) -> Iterator[Table]:
    found = 0
    for sheet, rows in reading_tables.sheets(path):
        found += 1
        name = f"stage_{next(_numbers)}"
        columns, named = reading_tables.load_sheet(engine, rows, name)
        yield columns, name, f"{shown}/{sheet}", named
    if not found:
        raise NotRecognised(why("{shown} is empty.", shown=shown))


def _of(message: Message, name: str, shown: str) -> Message:
    """What is said of a file in the scratch folder, said of the file it stands for."""
    if not isinstance(message, Sentence):
        return message
    return replace(message, parts={key: shown if part == name else part for key, part in message.parts.items()})


def _delimited(engine: DuckDBEngine, path: Path, shown: str, scratch: Path, name: str) -> Table:
    text, _ = reading_text.in_utf8(path, scratch)
    try:
        dialect = reading_csv.sniff(text)
        loaded = reading_csv.load(engine, text, dialect, name, scratch)
    except (NotRecognised, UnreadableFile) as error:
        raise type(error)(_of(error.message, text.name, shown), hint=error.hint) from error
    columns = tuple(StagedColumn(h, f"c{i}", loaded.types[i]) for i, h in enumerate(dialect.headers))
    return columns, name, shown, dialect.has_header
