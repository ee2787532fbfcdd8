"""Sheets of address labels as PDF, in whatever script a name is written.

The library that draws the pictures makes one page at a time, and most of its time goes into typefaces: so a few sheets
are drawn as one long page, which is then shown in parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from io import BytesIO
from textwrap import wrap
from typing import Any

from regulars.errors import Refused
from regulars.model.phrases import Own
from regulars.outreach.refusals import why

WIDTH, HEIGHT = 595.276, 841.89
"""A4 in points."""
MARGIN_TOP, MARGIN_SIDE, PADDING = 42.5, 20.0, 10.0
AT_ONCE = 16
"""Sheets drawn together: a page of PDF may be 14,400 points long."""
LARGEST, SMALLEST = 11.0, 6.0
LONGEST = 34
"""Letters of a line, before it is broken in two."""
NARROW = 0.56
"""Width of a letter as part of its height, on the safe side for names."""
SHEET = "3x7"
Address = Sequence[str]
"""Its lines."""
GRID = re.compile(r"([1-6])\s*[x×]\s*([1-9]|1\d|2[0-4])")
FONTS = "Noto Sans, DejaVu Sans, Liberation Sans, Arial, sans-serif"
FROM_RIGHT = "Noto Naskh Arabic, Noto Sans Arabic, DejaVu Sans, Noto Sans Hebrew, Arial, sans-serif"
"""The first of these that the machine has; what a typeface lacks is looked for in the others."""
NO_LETTER = rb"(\000\000) Tj"
"""How the library shows the box that stands for a letter which no typeface has: number 0 of every font."""
NEVER_SHOWN = ("Cc", "Cs", "Cn", "Zl", "Zp")


@dataclass(frozen=True)
class Grid:
    """So many labels beside and below each other on a sheet."""

    columns: int
    rows: int

    @property
    def on_a_sheet(self) -> int:
        return self.columns * self.rows

    @property
    def width(self) -> float:
        return (WIDTH - 2 * MARGIN_SIDE) / self.columns

    @property
    def height(self) -> float:
        return (HEIGHT - 2 * MARGIN_TOP) / self.rows


def grid(text: str) -> Grid:
    """``3x7``: columns by rows; raises `Refused`."""
    found = GRID.fullmatch(text.strip().lower())
    if not found:
        raise Refused(why("'{sheet}' is no sheet of labels.", sheet=text), hint=why("Write columns x rows: 3x7, say."))
    return Grid(int(found[1]), int(found[2]))


def labels(addresses: Sequence[Address], sheet: str = SHEET,
           tell: Callable[[int, int], object] = lambda done, total: None) -> bytes:
    """A PDF of A4 sheets, a label an address; of nobody one empty sheet. Raises `Refused` where letters are lacking.

    ``tell`` is told how many addresses of how many are drawn, after each few sheets.
    """
    on = grid(sheet)
    sheets = [addresses[i:i + on.on_a_sheet] for i in range(0, len(addresses), on.on_a_sheet)] or [[]]
    pdf = import_module("pypdf")
    writer = pdf.PdfWriter()
    for i in range(0, len(sheets), AT_ONCE):
        _add(pdf, writer, sheets[i:i + AT_ONCE], on)
        tell(min((i + AT_ONCE) * on.on_a_sheet, len(addresses)), len(addresses))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _add(pdf: Any, writer: Any, sheets: Sequence[Sequence[Address]], on: Grid) -> None:
    """Draw some sheets as one page, and show it in parts."""
    page = _drawn(pdf, sheets, on)
    if not all(line.isascii() for sheet in sheets for address in sheet for line in address) and _lacks_letters(page):
        _refuse(pdf, sheets, on)
    top = float(page.mediabox.height)
    for number in range(len(sheets)):
        part = writer.add_page(page)
        high = top - number * top / len(sheets)
        box = pdf.generic.RectangleObject((0, high - top / len(sheets), float(page.mediabox.width), high))
        for name in ("mediabox", "cropbox", "trimbox", "bleedbox", "artbox"):
            setattr(part, name, box)


def _drawn(pdf: Any, sheets: Sequence[Sequence[Address]], on: Grid) -> Any:
    """One page, the sheets below each other."""
    drawn = "".join(_label(lines, number, of_sheet, on) for number, sheet in enumerate(sheets)
                    for of_sheet, lines in enumerate(sheet))
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT * len(sheets)}" '
           f'font-family="{FONTS}">{drawn}</svg>')
    # The pictures' library takes a while to load: other channels do without.
    return pdf.PdfReader(BytesIO(import_module("vl_convert").svg_to_pdf(svg))).pages[0]


def _lacks_letters(page: Any) -> bool:
    """Whether boxes stand for letters somewhere: a label that nobody can read is worse than none."""
    return NO_LETTER in page.get_contents().get_data()


def _refuse(pdf: Any, sheets: Sequence[Sequence[Address]], on: Grid) -> None:
    """Raises `Refused` with the first address that cannot be drawn."""
    odd = (a for sheet in sheets for a in sheet if not all(map(str.isascii, a)))
    found = next((a for a in odd if _lacks_letters(_drawn(pdf, [[a]], on))), None)
    if found:
        raise Refused(why("No typeface of this machine has all the letters of this address: {address}.",
                          address=Own(", ".join(found))),
                      hint=why("Install one that has them, such as Noto, or take the addresses as a table."))


def _label(address: Address, sheet: int, place: int, on: Grid) -> str:
    lines = [part for line in address for part in wrap(line, LONGEST) or [""]]
    left = MARGIN_SIDE + (place % on.columns) * on.width + PADDING
    top = sheet * HEIGHT + MARGIN_TOP + (place // on.columns) * on.height
    room, size = on.width - 2 * PADDING, _size(lines, on)
    leading = size * 1.25
    first = top + (on.height - leading * len(lines)) / 2 + size
    return "".join(_line(line, left, first + i * leading, room, size) for i, line in enumerate(lines))


def _size(lines: Address, on: Grid) -> float:
    """As large as all lines fit, in height and, but for the very longest, in width."""
    longest = max(map(len, lines), default=1)
    fits = min((on.width - 2 * PADDING) / (longest * NARROW), (on.height - PADDING) / (1.25 * max(len(lines), 1)))
    return max(SMALLEST, min(LARGEST, fits))


def _line(line: str, left: float, y: float, room: float, size: float) -> str:
    """One line; what is written from right to left begins there, and what is too long is pressed together."""
    shown = "".join(c for c in line if unicodedata.category(c) not in NEVER_SHOWN)
    pressed = f' textLength="{room:.1f}" lengthAdjust="spacingAndGlyphs"' if len(shown) * NARROW * size > room else ""
    if _from_right(shown):
        return (f'<text x="{left + room:.1f}" y="{y:.1f}" font-size="{size:.1f}" text-anchor="end" '
                f'font-family="{FROM_RIGHT}"{pressed}>{escape(shown)}</text>')
    return f'<text x="{left:.1f}" y="{y:.1f}" font-size="{size:.1f}"{pressed}>{escape(shown)}</text>'


def _from_right(text: str) -> bool:
    """By the first letter that has a direction (UAX 9, P2)."""
    return next((d in ("R", "AL") for d in map(unicodedata.bidirectional, text) if d in ("L", "R", "AL")), False)
