"""Files that were made and wait to be taken out: on disk for an hour, for nobody but who runs the server.

They hold people. So whoever forgets somebody forgets all of these files; a backup does not carry them; and a file that
names somebody who may not be reached any more is made anew (see `Lists.holds`).
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.engines.duckdb import NO_ROOM, disk_full
from regulars.model.later import later

if TYPE_CHECKING:
    from regulars.shop.lists import File

lists = later("regulars.shop.lists")
FOLDER = ".finished"
"""What begins with a dot is in no backup."""
MOST_KEPT = 20
MOST_BYTES = 1_000_000_000
KEPT_FOR = timedelta(hours=1)
HEAD, DATA = ".json", ".data"
_lock = threading.RLock()


def keep(folder: Path, number: int, file: File, now: datetime) -> None:
    """Under a number of whoever asked for it; the oldest make way. Raises `DiskFull`: nothing of it is kept then."""
    head = {key: value for key, value in asdict(file).items() if key != "data"}
    with _lock:
        (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
        try:
            _write(_path(folder, number, DATA), file.data, now)
            # The head last: what has one is whole.
            _write(_path(folder, number, HEAD), json.dumps(head).encode(), now)
        except OSError as error:
            drop(folder, number)
            raise (disk_full() if error.errno in NO_ROOM else error) from error
        _make_way(folder)


def is_kept(folder: Path, number: int, now: datetime) -> bool:
    sweep(folder, now)
    return _path(folder, number, HEAD).exists()


def find(folder: Path, number: int, now: datetime) -> File | None:
    """None where it is kept no more."""
    with _lock:
        if not is_kept(folder, number, now):
            return None
        head = json.loads(_path(folder, number, HEAD).read_bytes())
        data = _path(folder, number, DATA).read_bytes()
    found: File = lists.File(**{**head, "data": data, "customers": tuple(head["customers"])})
    return found


def drop(folder: Path, number: int) -> None:
    for kind in (HEAD, DATA):
        _path(folder, number, kind).unlink(missing_ok=True)


def sweep(folder: Path, now: datetime) -> None:
    """Remove what has waited for an hour, and what is of a time to come: the clock was set back then."""
    with _lock:
        for at, number in _kept(folder):
            if not at <= now <= at + KEPT_FOR:
                drop(folder, number)


def forget(folder: Path) -> None:
    """All of a shop's: somebody is to be forgotten, or whoever asked for them is gone with the process."""
    with _lock, suppress(FileNotFoundError):
        shutil.rmtree(folder / FOLDER)


def _kept(folder: Path) -> list[tuple[datetime, int]]:
    """When each was kept, and its number, the oldest first."""
    return sorted((datetime.fromtimestamp(head.stat().st_mtime, UTC).replace(tzinfo=None), int(head.stem))
                  for head in _heads(folder))


def _heads(folder: Path) -> Iterator[Path]:
    return (folder / FOLDER).glob(f"[0-9]*{HEAD}")


def _make_way(folder: Path) -> None:
    kept = [number for _, number in _kept(folder)]
    sizes = {number: _path(folder, number, DATA).stat().st_size for number in kept}
    for oldest in kept[:-1]:
        if len(sizes) <= MOST_KEPT and sum(sizes.values()) <= MOST_BYTES:
            return
        del sizes[oldest]
        drop(folder, oldest)


def _path(folder: Path, number: int, kind: str) -> Path:
    return folder / FOLDER / f"{number}{kind}"


def _write(path: Path, data: bytes, now: datetime) -> None:
    """Whole or not at all, readable by nobody else at any moment, and of ``now``."""
    half = path.with_name(f".{path.name}")
    with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
    at = now.replace(tzinfo=UTC).timestamp()
    os.utime(half, (at, at))
    os.replace(half, path)
