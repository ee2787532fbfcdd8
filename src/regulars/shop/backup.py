"""A copy of the shop while it is in use, and a shop made out of a copy: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import NO_ROOM, DuckDBEngine, quoted
from regulars.errors import DiskFull, NotAShop, NotFound, Refused, ShopDamaged, ShopError, ShopTooNew
from regulars.model.books import SCHEMA_VERSION
from regulars.model.disk import flush
from regulars.model.settings import FILE, load
from regulars.outreach.restored import calm
from regulars.outreach.store import FILE as OUTREACH
from regulars.segments.changes import begin_anew
from regulars.shop.folder import APP, FACTS, INBOX, TEMPORARY, open_facts, schema_version
from regulars.shop.refusals import why

MANIFEST = "backup.json"
ZIP = ".zip"
BLOCK = 1 << 20
SQLITE = (APP, OUTREACH)


@dataclass(frozen=True)
class Backup:
    """A copy as it was made: ``tables`` are the rows in each, ``files`` name -> digest, ``size`` bytes on disk."""

    target: str
    made_at: str
    schema_version: int
    tables: dict[str, int]
    files: dict[str, str]
    size: int


def backup(engine: DuckDBEngine, folder: Path, target: Path, now: datetime, *,
           schema: int = SCHEMA_VERSION) -> Backup:
    """Copy a shop in use to ``target``, a folder or a ``.zip`` that is not there yet; read back before it counts.

    Raises `Refused` where something is at ``target``, `DiskFull` (nothing is left of the copy then).
    """
    if os.path.lexists(target):
        raise Refused(why("{target} is there already.", target=target),
                      hint=why("Choose another name: a backup is never written over."))
    if target.resolve().is_relative_to(folder.resolve()):
        raise Refused(why("A backup inside the shop's own folder would be lost with it."),
                      hint=why("Choose another folder."))
    with _scratch_beside(target) as scratch:
        copy = scratch / "copy"
        copy.mkdir()
        # What becomes facts goes first: what is settled meanwhile is in the facts as well, and never in neither.
        carried = _carried(folder)
        first = [name for name in (INBOX, OUTREACH) if name in carried]
        for name in first:
            _copy_one(folder / name, copy / name)
        _copy_facts(engine, copy / FACTS)
        for name in carried:
            if name not in first:
                _copy_one(folder / name, copy / name)
        made = Backup(str(target), now.isoformat() + "Z", schema, _read_through(copy), _digests(copy), 0)
        (copy / MANIFEST).write_text(json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        whole = _zipped(copy, scratch / "copy.zip") if target.suffix == ZIP else copy
        _sync(whole)
        os.rename(whole, target)
        flush(target.parent)
    return Backup(made.target, made.made_at, made.schema_version, made.tables, made.files, _size(target))


def restore(source: Path, folder: Path, *, replace: bool = False) -> Backup:
    """Make ``folder`` the shop that was backed up at ``source``; what it holds is checked before anything is moved.

    A shop that stands there is only given up with ``replace``. Raises `Refused`, `NotFound`, `ShopDamaged`,
    `ShopTooNew`, `ShopInUse`, `DiskFull`; the folder is then as it was.
    """
    if not source.exists():
        raise NotFound(why("There is no backup at {source}.", source=source))
    _refuse_unless_free(folder, replace)
    with _scratch_beside(folder) as scratch:
        copy = scratch / "copy"
        if source.is_dir():
            _copy_one(source, copy)
        else:
            _unzip(source, copy)
        found = _checked_copy(copy, source)
        (copy / MANIFEST).unlink(missing_ok=True)
        calm(copy)
        _begin_changes_anew(copy)
        _sync(copy)
        _swap(copy, folder, scratch / "before")
    return found


def _begin_changes_anew(copy: Path) -> None:
    """Numbers of changes go on by the clock, beyond what was told after the copy was made: none is given twice."""
    engine = open_facts(copy)
    try:
        if {"meta", "changes"} <= {*engine.tables()}:
            begin_anew(engine, time.time_ns() // 1000)
    finally:
        engine.close()


def _carried(folder: Path) -> list[str]:
    """What a shop's folder holds beside its facts: settings, files, rates, the other database with its own logs."""
    names = sorted(p.name for p in folder.iterdir())
    logs = tuple(f"{name}-" for name in SQLITE)
    return [n for n in names if not n.startswith((FACTS, *logs, ".")) and n != TEMPORARY]


def _copy_facts(engine: DuckDBEngine, target: Path) -> None:
    twin = engine.cursor()
    try:
        twin.copy_to(target)
    finally:
        twin.close()


def _copy_inbox(source: Path, target: Path) -> None:
    """A log that is given up meanwhile is left out: what is in it is in the facts, which are copied later."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        with suppress(FileNotFoundError):
            shutil.copy2(path, target / path.name)


def _copy_one(source: Path, target: Path) -> None:
    if source.name == INBOX and source.is_dir():
        _copy_inbox(source, target)
    elif source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*.part", TEMPORARY))
    elif source.name in SQLITE:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    else:
        shutil.copy2(source, target)


def _read_through(copy: Path) -> dict[str, int]:
    """Every value of every table read once, as the engine checks each block it reads; rows by table."""
    engine = open_facts(copy)
    try:
        schema_version(engine)
        return {name: int(engine.rows(f"SELECT count(*), bit_xor(hash(t)) FROM {quoted(name)} t")[0][0])
                for name in sorted(engine.tables())}
    finally:
        engine.close()
        shutil.rmtree(copy / TEMPORARY, ignore_errors=True)


def _digests(copy: Path) -> dict[str, str]:
    return {path.relative_to(copy).as_posix(): _digest(path)
            for path in sorted(copy.rglob("*")) if path.is_file() and path.name != MANIFEST}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _zipped(copy: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(p for p in copy.rglob("*") if p.is_file()):
            archive.write(path, path.relative_to(copy).as_posix())
    with zipfile.ZipFile(target) as archive:
        broken = archive.testzip()
    if broken:
        raise ShopError(why("The copy could not be read back: {broken}.", broken=broken),
                        hint=why("Look after the disk and run it again."))
    return target


def _unzip(source: Path, copy: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            inside = [i for i in archive.infolist() if not i.is_dir()]
            if any(i.filename.startswith("/") or ".." in Path(i.filename).parts for i in inside):
                raise ShopDamaged(why("{source} is no backup: it holds files outside of itself.", source=source))
            copy.mkdir()
            archive.extractall(copy, inside)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ShopDamaged(why("{source} cannot be read as a backup: {error}.", source=source, error=error)) from error


def _checked_copy(copy: Path, source: Path) -> Backup:
    """What the copy holds, its digests and facts read; a plain copy of a shop's folder will do as well."""
    if not (copy / FILE).exists() or not (copy / FACTS).exists():
        raise NotAShop(why("{source} is no backup: it lacks {file}.", source=source,
                           file=FILE if not (copy / FILE).exists() else FACTS))
    said = _manifest(copy, source)
    files = _digests(copy)
    for name, digest in said.get("files", {}).items():
        if files.get(name) != digest:
            raise ShopDamaged(why("{source} is damaged: {name} is missing.", source=source, name=name)
                                  if name not in files else
                                  why("{source} is damaged: {name} is not as written.", source=source, name=name))
    load(copy)
    engine = open_facts(copy)
    try:
        version = schema_version(engine)
    finally:
        engine.close()
    if version > SCHEMA_VERSION:
        raise ShopTooNew(why("{source} was made by a newer Regulars (schema {version}, this one knows "
                             "{known}).", source=source, version=version, known=SCHEMA_VERSION),
                         hint=why("Install the newer Regulars."))
    return Backup(str(source), said.get("made_at", ""), version, _read_through(copy), files, _size(copy))


def _manifest(copy: Path, source: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
        return said
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ShopDamaged(why("{source} is damaged: its {file} cannot be read.", source=source,
                              file=MANIFEST)) from error


def _refuse_unless_free(folder: Path, replace: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / FILE).exists() and not (folder / FACTS).exists():
        raise Refused(why("{folder} is no shop and not empty.", folder=folder), hint=why("Choose another folder."))
    if not replace:
        raise Refused(why("{folder} is a shop already.", folder=folder),
                      hint=why("Give it up, or restore to another folder."), command="--replace")
    if (folder / FACTS).exists():
        # What cannot be read is what a backup is restored for.
        with suppress(ShopDamaged):
            open_facts(folder).close()


def _swap(copy: Path, folder: Path, before: Path) -> None:
    """Put the copy where the folder is; the old one is put back where that fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        if folder.exists():
            os.rename(folder, before)
        os.rename(copy, folder)
    except BaseException:
        if before.exists() and not folder.exists():
            os.rename(before, folder)
        raise
    flush(folder.parent)


@contextmanager
def _scratch_beside(target: Path) -> Iterator[Path]:
    """A folder on the same disk, gone at the end of the block; a full disk is told as one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
            yield Path(scratch)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(why("There is no room for the copy beside {target}; nothing of it was kept.",
                               target=target), hint=why("Free some space and run it again.")) from error
        raise


def _sync(path: Path) -> None:
    """On disk, not only handed to the system."""
    for each in [path, *path.rglob("*")] if path.is_dir() else [path]:
        flush(each)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())
