"""What a column holds, judged by its cells alone: for tables whose headers say nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from regulars.intake import values
from regulars.intake.dateforms import form_of
from regulars.intake.values_numbers import NUMERIC, reading

if TYPE_CHECKING:
    from regulars.intake.stage import Stage, StagedColumn

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+$")
PHONE = re.compile(r"(\+|00|0)[\d][\d\s().-]{6,16}$")
NAMES = re.compile(r"[^\W\d_][^\d@]*\s[^\d@]*[^\W\d_][^\d@]*$")
MOSTLY = 0.9


def look(stage: Stage, column: StagedColumn) -> str:
    """``email``, ``phone``, ``date``, ``amount`` (a number with decimals), ``number``, ``names`` (several words without
    a digit, in most cells), ``text`` or ``empty``."""
    if column.type.startswith(("TIMESTAMP", "DATE")):
        return "date"
    if NUMERIC.match(column.type):
        return "amount" if column.type.startswith(("DOUBLE", "FLOAT", "DECIMAL")) else "number"
    cells = values.sample(stage, column, 300)
    return look_at(cells) if cells else "empty"


def look_at(cells: list[str]) -> str:
    tests: dict[str, Callable[[str], object]] = {
        "email": EMAIL.match, "date": _date, "phone": PHONE.match, "amount": _number, "number": _number}
    for name, test in tests.items():
        if sum(1 for c in cells if test(c)) >= MOSTLY * len(cells):
            if name == "amount" and not any(re.search(r"[.,]\d", c) for c in cells):
                continue
            return name
    return "names" if 2 * sum(1 for c in cells if NAMES.match(c.strip())) > len(cells) else "text"


def _date(cell: str) -> object:
    skeleton = re.sub("[0-9]", "9", " ".join(cell.lower().split()))
    if skeleton.isdigit():
        return re.match(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])$", cell) if len(skeleton) == 8 else None
    return form_of(skeleton, (0, 0, 0)) if re.search("[-/. ]", skeleton) else None


def _number(cell: str) -> object:
    return reading(re.sub("[0-9]", "9", " ".join(cell.lower().split())))
