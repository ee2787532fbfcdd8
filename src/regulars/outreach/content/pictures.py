"""Pictures of a message that are kept with the shop: what they are is read from their bytes, never from their name."""

from __future__ import annotations

import hashlib
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from regulars.errors import ContentRefused
from regulars.model.phrases import phrases

text, counted = phrases("regulars.outreach", "content")

FOLDER = "pictures"
MOST_BYTES, MOST_PIXELS = 1_000_000, 4000
TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}
NAME = re.compile(r"[0-9a-f]{32}\.(?:png|jpg|gif)")


@dataclass(frozen=True)
class Kept:
    """``name`` is the file's in the folder; sizes in pixels."""

    name: str
    width: int
    height: int


def keep(shop: Path, data: bytes) -> Kept:
    """Keep a picture, the same one once; raises `ContentRefused` for what is none, or too large for a mail."""
    if len(data) > MOST_BYTES:
        raise ContentRefused(text("This picture has {size} kB: more than {most} load slowly on a telephone.",
                                  size=len(data) // 1000, most=MOST_BYTES // 1000),
                             hint=text("Save it smaller, about 1,200 pixels wide."))
    kind, width, height = _measured(data)
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise ContentRefused(text("This picture is {width} by {height} pixels: {most} are the most.", width=width,
                                  height=height, most=MOST_PIXELS))
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.{kind}"
    _write(shop / FOLDER, name, data)
    return Kept(name, width, height)


def find(shop: Path, name: str) -> Path | None:
    """The file of a picture that is kept; None where there is none of this name."""
    path = shop / FOLDER / name
    return path if NAME.fullmatch(name) and path.is_file() else None


def _write(folder: Path, name: str, data: bytes) -> None:
    """Whole or not at all."""
    folder.mkdir(exist_ok=True)
    half = folder / f".{name}.{os.getpid()}"
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / name)


def _measured(data: bytes) -> tuple[str, int, int]:
    """Kind, width and height as the head of the file says them."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) > 33:
        return "png", *struct.unpack(">II", data[16:24])
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) > 13:
        return "gif", *struct.unpack("<HH", data[6:10])
    found = _of_jpeg(data) if data.startswith(b"\xff\xd8\xff") else None
    if found is None:
        raise ContentRefused(text("This is no picture that mail programs show."), hint=text("Choose PNG, JPEG or GIF."))
    return "jpg", *found


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    """Width and height from the first frame's head, walking from segment to segment."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2:at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5:at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None
