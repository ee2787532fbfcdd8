"""The log of messages that were accepted and are not settled yet: appended to, flushed to disk, read once, given up.

It stands beside the facts and not in them, so that a long import, a checkpoint or a reader never holds an answer up. A
line is a checksum and the message's parts; what a kill left half written at the end was never acknowledged.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from regulars.engines.duckdb import NO_ROOM, disk_full
from regulars.errors import ShopDamaged
from regulars.intake.refusals import why
from regulars.model.disk import flush

FILE_SIZE = 64 << 20
MOST_READ = 32 << 20
"""Bytes that are held in memory to be settled together."""
END = ".log"
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Message:
    """One message as it was accepted. Moments are naive UTC; ``sent_at`` is as the client said it.

    ``body`` is a JSON object; ``wrong`` is why it cannot be used, where that was seen at once.
    """

    origin: str
    received_at: datetime
    sent_at: str
    message_id: str
    wrong: str
    body: str

    def line(self) -> bytes:
        """As it is written: text of the parts has no tabs or ends of lines."""
        micros = (self.received_at - EPOCH) // timedelta(microseconds=1)
        parts = (
            _flat(self.origin),
            str(micros),
            _flat(self.sent_at),
            _flat(self.message_id),
            _flat(self.wrong),
            self.body,
        )
        payload = "\t".join(parts).encode("utf-8", "replace")
        return b"%08x\t%s\n" % (zlib.crc32(payload), payload)


def _flat(text: str) -> str:
    return " ".join(text.split()) if not text.isprintable() else text


@dataclass(frozen=True)
class Kept:
    """A message in the log, by its number; ``message`` is None where the disk gave something else back."""

    number: int
    message: Message | None


class Log:
    """The log in ``folder``; numbers go on from ``settled``, the last that is settled. One process has it open."""

    def __init__(self, folder: Path, settled: int = 0) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._places: dict[int, tuple[Path, int]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.last = settled
        self._handle = -1
        self._size = 0
        self._go_on()

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{END}"))

    def _go_on(self) -> None:
        """Find the last whole line; what comes after it was not acknowledged, and goes."""
        newest = max(self._files(), default=None)
        count, size = _whole(newest) if newest else (0, 0)
        found = int(newest.stem) + count - 1 if newest else self.last
        if newest is None or found < self.last:
            self._begin()
            return
        self.last, self._size = found, size
        self._handle = os.open(newest, os.O_WRONLY)
        self._take_back()

    def _begin(self) -> None:
        """A new file, named by the number of its first message."""
        path = self._folder / f"{self.last + 1:016d}{END}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        flush(self._folder)
        self._close()
        self._handle, self._size = handle, 0

    def append(self, lines: Sequence[bytes]) -> int:
        """Put them on disk together; the number of the last one. Raises `DiskFull`, and then none of them is there."""
        with self._lock:
            try:
                if self._size >= FILE_SIZE:
                    self._begin()
                _write(self._handle, b"".join(lines))
                os.fdatasync(self._handle)
            except OSError as error:
                self._take_back()
                raise (disk_full() if error.errno in NO_ROOM else error) from error
            self._size += sum(map(len, lines))
            self.last += len(lines)
            return self.last

    def _take_back(self) -> None:
        os.ftruncate(self._handle, self._size)
        os.lseek(self._handle, self._size, os.SEEK_SET)

    def read(self, after: int, most: int, most_bytes: int = MOST_READ) -> list[Kept]:
        """At most ``most`` messages that come after number ``after``, in order, and at least one where there is one.

        No more are read once they come to ``most_bytes``. Raises `ShopDamaged` for a gap.
        """
        until, room = self.last, most_bytes
        found: list[Kept] = []
        while after < until and len(found) < most and room > 0:
            path, number, offset = self._place(after + 1)
            start = after
            with path.open("rb") as file:
                file.seek(offset)
                for line in file:
                    if number > until or len(found) >= most or room <= 0:
                        break
                    offset += len(line)
                    if number > after:
                        found.append(Kept(number, _read(line)))
                        room -= len(line)
                    number += 1
            after = number - 1
            self._places = {number: (path, offset)}
            if after == start:
                raise ShopDamaged(
                    why(
                        "The log of live messages ends at {after} and should go on to {until}.",
                        after=after,
                        until=until,
                    ),
                    hint=why("Restore the last backup."),
                    command="regulars restore",
                )
        return found

    def _place(self, number: int) -> tuple[Path, int, int]:
        """The file that holds a message, and where to begin reading: the number and offset of a line before it."""
        holding = [f for f in self._files() if int(f.stem) <= number]
        if not holding:
            raise ShopDamaged(
                why("Message {number} of the log of live messages is gone.", number=number),
                hint=why("Restore the last backup."),
                command="regulars restore",
            )
        path = holding[-1]
        known = self._places.get(number)
        return (path, number, known[1]) if known and known[0] == path else (path, int(path.stem), 0)

    def forget(self, settled: int) -> None:
        """Give up files of which every message is settled, the newest aside."""
        with self._lock:
            files = self._files()
            for path, following in pairwise(files):
                if int(following.stem) <= settled + 1:
                    path.unlink(missing_ok=True)

    def renew(self, settled: int) -> None:
        """Begin a new file where all is settled, and give the old ones up: nothing of a message stays behind."""
        with self._lock:
            if self.last == settled and self._size:
                self._begin()
        self.forget(settled)

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _whole(path: Path) -> tuple[int, int]:
    """How many lines a file has up to its last whole one, and how long they are."""
    with path.open("rb") as file:
        lines = list(file)
    while lines and (not lines[-1].endswith(b"\n") or _read(lines[-1]) is None):
        lines.pop()
    return len(lines), sum(map(len, lines))


def _read(line: bytes) -> Message | None:
    checksum, _, payload = line.rstrip(b"\n").partition(b"\t")
    try:
        if int(checksum, 16) != zlib.crc32(payload):
            return None
        origin, micros, sent_at, message_id, wrong, body = payload.decode("utf-8").split("\t", 5)
        return Message(origin, EPOCH + timedelta(microseconds=int(micros)), sent_at, message_id, wrong, body)
    except ValueError:
        return None
