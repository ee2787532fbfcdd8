"""From the shape of a date (``99/99/9999 9:99 pm``) to the formats that can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from regulars.intake.values_words import EVENING, MONTHS, MORNING, WEEKDAYS, words

TOKEN = re.compile(r"9+|[^\W\d_]+(?:\.[^\W\d_]\.)?\.?|.")
ZONE_WORDS = {
    "utc": "z", "gmt": "z", "wib": "+07:00", "wita": "+08:00", "wit": "+09:00", "msk": "+03:00", "мск": "+03:00",
    "pkt": "+05:00", "cet": "+01:00", "cest": "+02:00", "est": "-05:00", "edt": "-04:00", "cst": "-06:00",
    "cdt": "-05:00", "mst": "-07:00", "mdt": "-06:00", "pst": "-08:00", "pdt": "-07:00",
}
FILLERS = words("t st nd rd th at of the г г. года год pukul jam тому و کو ء")
ZONE_TAIL = re.compile(r"(?<=[9m]) ?(?:z|[-+]99:?(?:99)?)$")


@dataclass(frozen=True)
class Form:
    """``either_order``: the first two numbers may be day and month or month and day."""

    day_first: str
    month_first: str
    either_order: bool
    by_points: bool
    zoned: bool


def words_of(skeleton: str) -> dict[str, str]:
    """The words in a shape that stand for numbers or zones -> what to put in their place."""
    found = {}
    for token in TOKEN.findall(skeleton):
        if token in MONTHS:
            found[token] = f"{MONTHS[token]:02}"
        elif token.rstrip(".") in WEEKDAYS:
            found[token] = ""
        elif token in MORNING:
            found[token] = "am"
        elif token in EVENING:
            found[token] = "pm"
        elif token in ZONE_WORDS:
            found[token] = ZONE_WORDS[token]
    return {w: m for w, m in found.items() if w != m}


@lru_cache(maxsize=5_000)
def form_of(skeleton: str, largest: tuple[int, int, int]) -> Form | None:
    """The formats that read this shape, None where it is no date."""
    text = skeleton
    for word, means in sorted(words_of(skeleton).items(), key=lambda w: -len(w[0])):
        text = text.replace(word, _placeholder(word, means))
    text = text.strip()
    bare = ZONE_TAIL.sub("", text) if ":" in text else text
    tokens = TOKEN.findall(bare)
    if "%" in bare or not all(_known(t) for t in tokens):
        return None
    days = _written_out(tokens, largest, True)
    months = _written_out(tokens, largest, False)
    if days is None or months is None:
        return None
    return Form(days, months, days != months, bool(re.match("[^9]*9+[.] ?9+[.]", bare)), bare != text)


def _placeholder(word: str, means: str) -> str:
    if word in MONTHS:
        return "M"
    return means if word not in ZONE_WORDS else re.sub("[0-9]", "9", means)


def _known(token: str) -> bool:
    return not token[0].isalpha() or token in {"M", "am", "pm"} or token in FILLERS


def _runs(tokens: list[str]) -> list[str]:
    return [t for t in tokens if t[0] == "9" or t == "M"]


def _written_out(tokens: list[str], largest: tuple[int, int, int], day_first: bool) -> str | None:
    """The format: the first three numbers are the date, those after it the time; or the time stands first."""
    runs = _runs(tokens)
    if len(runs) in (1, 2, 3, 4) and len(runs[0]) in (8, 14):
        return _compact(tokens, runs)
    time_first = ":" in tokens and tokens.index(":") == 1 and len(runs) > 3
    clock = _clock(tokens, len(runs) - 3)
    split = len(runs) - 3 if time_first else 0
    date = _date(runs[split:split + 3], largest if not time_first else (0, 0, 0), day_first)
    if date is None or clock is None:
        return None
    parts = iter(clock + date if time_first else date + clock)
    return _filled(tokens, parts)


def _compact(tokens: list[str], runs: list[str]) -> str | None:
    if len(runs[0]) == 14:
        return _filled(tokens, iter(["%Y%m%d%H%M%S"])) if len(runs) == 1 else None
    clock = _clock(tokens, len(runs) - 1)
    return None if clock is None else _filled(tokens, iter(["%Y%m%d", *clock]))


def _filled(tokens: list[str], parts: Iterator[str]) -> str:
    return "".join(next(parts) if t[0] == "9" or t == "M" else "%p" if t in ("am", "pm") else t for t in tokens)


def _clock(tokens: list[str], count: int) -> list[str] | None:
    hour = "%I" if {"am", "pm"} & set(tokens) else "%H"
    known = [hour, "%M", "%S", "%f"]
    if count not in (0, 2, 3, 4) and not (count == 1 and hour == "%I"):
        return None
    return known[:count]


def _date(runs: list[str], largest: tuple[int, int, int], day_first: bool) -> list[str] | None:
    if len(runs) != 3 or any(len(r) > 4 or len(r) == 3 for r in runs):
        return None
    year = ["%Y" if len(r) == 4 else "%y" for r in runs]
    if "M" in runs:
        return _with_month_word(runs, year)
    long = [i for i, r in enumerate(runs) if len(r) == 4]
    if long == [0] or (not long and largest[0] > 31):
        return [year[0], "%m", "%d"]
    if long in ([2], []):
        return ["%d", "%m", year[2]] if day_first else ["%m", "%d", year[2]]
    return None


def _with_month_word(runs: list[str], year: list[str]) -> list[str] | None:
    place = runs.index("M")
    if place == 2:
        return None
    if place == 1 and len(runs[0]) == 4:
        return [year[0], "%m", "%d"]
    return ["%m", "%d", year[2]] if place == 0 else ["%d", "%m", year[2]]
