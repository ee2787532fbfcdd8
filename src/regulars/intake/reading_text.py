"""Bytes to text: which encoding a file is in, and a UTF-8 copy of it where it is another."""

from __future__ import annotations

import codecs
import gzip
import re
import shutil
from pathlib import Path
from typing import IO

from regulars.errors import UnreadableFile
from regulars.intake.refusals import why

SAMPLE = 1 << 20
BLOCK = 1 << 22
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
BROKEN = "-broken"
"""UTF-8 with a few bytes that are none: those become U+FFFD, the rest is kept."""

ONE_BYTE = ("cp1252", "cp1251", "cp1256")


def gunzipped(path: Path, scratch: Path) -> Path:
    """A plain copy of a gzip file."""
    target = scratch / f"{path.stem}.unpacked"
    try:
        with gzip.open(path) as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out, BLOCK)
    except (gzip.BadGzipFile, EOFError, OSError) as error:
        raise UnreadableFile(why("{path} is a damaged gzip file: {error}.", path=path.name, error=error)) from error
    return target


def in_utf8(path: Path, scratch: Path) -> tuple[Path, str]:
    """The file itself where it is UTF-8, else a UTF-8 copy; and the encoding it was in."""
    encoding = encoding_of(path)
    if encoding == "utf-8":
        return path, encoding
    target = scratch / f"{path.name}.utf8"
    decode(path, target, encoding)
    return target, encoding


def decode(path: Path, target: Path, encoding: str) -> None:
    """Write ``target`` as UTF-8, a block at a time."""
    errors = "replace" if encoding.endswith(BROKEN) else "strict"
    try:
        with path.open(encoding=encoding.removesuffix(BROKEN), newline="", errors=errors) as source, \
                target.open("w", encoding="utf-8", newline="") as out:
            shutil.copyfileobj(source, out, BLOCK)
    except UnicodeError as error:
        raise UnreadableFile(why("{path} is not {encoding} throughout: {error}.", path=path.name, encoding=encoding,
                                 error=error), hint=why("Save it as UTF-8 and import it again.")) from error


def encoding_of(path: Path) -> str:
    """``utf-8``, or the encoding its bytes speak for."""
    with path.open("rb") as source:
        head = source.read(4)
        for mark, name in BOMS:
            if head.startswith(mark):
                return name
        source.seek(0)
        wide = _wide(source.read(SAMPLE))
        source.seek(0)
        return wide or _utf8_or_one_byte(source)


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of plain text is nothing."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.3 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _utf8_or_one_byte(source: IO[bytes]) -> str:
    """Every byte is looked at: one that is no UTF-8 may stand at the very end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    foreign = bytearray()
    is_utf8 = True
    while block := source.read(BLOCK):
        if not is_utf8 and len(foreign) > SAMPLE:
            break
        if block.isascii() and decoder.getstate() == (b"", 0):
            continue
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        if not block.isascii() and len(foreign) <= SAMPLE:
            foreign += b"\n".join(line for line in block.split(b"\n") if not line.isascii())[:SAMPLE]
    if is_utf8:
        return "utf-8"
    return "utf-8" + BROKEN if _mostly_utf8(bytes(foreign)) else one_byte_encoding(bytes(foreign))


def _mostly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", errors="replace")
    return text.count("\ufffd") < 0.05 * sum(1 for c in text if not c.isascii())


def one_byte_encoding(sample: bytes) -> str:
    """Windows-1252, -1251 or -1256: the one under which most words are of one script and sensibly cased."""
    return max(ONE_BYTE, key=lambda name: _sense(sample, name))


SCRIPT = {"cp1252": re.compile("[À-ÖØ-öø-ÿŒœŠšŽžŸ]"), "cp1251": re.compile("[Ѐ-ӿ]"), "cp1256": re.compile("[؀-ۿ]")}


def _sense(sample: bytes, name: str) -> float:
    words = re.findall(r"[^\W\d_]+|[£€]", sample.decode(name, errors="replace"))
    foreign = [w for w in words if not w.isascii()]
    return sum(_word_sense(w, name) for w in foreign) / max(1, len(foreign))


def _word_sense(word: str, name: str) -> float:
    """1 for a word as its script writes them, less where scripts mix, capitals stand inside, or accents crowd."""
    if word in "£€":  # in Windows-1251 these bytes are letters that hardly ever stand alone
        return 0.9
    own = len(SCRIPT[name].findall(word))
    if name == "cp1252":
        crowded = own / len(word) > 0.5 and len(word) > 2
        return -1.0 if crowded or _capital_inside(word) else 1.0
    if own < len(word) or _capital_inside(word):
        return -1.0
    return 1.0 if len(word) > 1 else 0.2


def _capital_inside(word: str) -> bool:
    return not word.isupper() and any(c.isupper() for c in word[1:])
