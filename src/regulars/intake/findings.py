"""What an owner should know of a file's columns, found while they were read."""

from __future__ import annotations

from regulars.intake import values_words
from regulars.intake.prepared import Finding
from regulars.intake.stage import Stage

__all__ = ["Finding", "copies", "foreign_money", "unknown_statuses", "unreadable", "unused_columns"]


def unreadable(header: str, kind: str, cells: int, example: str) -> Finding:
    """Cells of a column that is good to have, not needed: the rest of their rows was taken."""
    return Finding("unreadable-cells", f"{cells:,} cells of column {header!r} are no {kind} and stay unknown.",
                   "Rules about this column do not find these customers.", example,
                   "Correct them in the file and import it again.", cells)


def copies(rows: int, dropped: bool) -> Finding:
    """Rows that are exact copies of an earlier one."""
    what = "were left out, as asked" if dropped else "were kept"
    return Finding("duplicate-rows", f"{rows:,} rows are exact copies of an earlier row of the file and {what}.",
                   "A line twice may be two pieces sold, or a mistake of the export.",
                   mend="" if dropped else "If it is a mistake, import the file again without copies.", rows=rows)


def unknown_statuses(stage: Stage, cell: str) -> list[Finding]:
    """Words for the state of an order that are not known: such orders count as paid."""
    found = [(word, n) for word, means, n in values_words.states(stage, cell) if means is None]
    if not found:
        return []
    words = ", ".join(repr(w) for w, _ in found[:5])
    return [Finding("unknown-status", f"{len(found)} unknown words for the state of an order: {words}.",
                    "These orders are counted as paid.", str(found[0][0]),
                    "Write paid, pending, cancelled, refunded or failed in the file, and import it again.",
                    sum(n for _, n in found))]


def foreign_money(currency: str, rows: int, shop: str) -> Finding:
    return Finding("converted-currency", f"{rows:,} rows in {currency} were converted to {shop} by their day's rate.",
                   "Their amounts are as good as the rates.", currency, "The rates stand in rates.csv.", rows)


def stock_movements(rows: int) -> Finding:
    return Finding("stock-movements", f"{rows:,} rows take pieces back without a customer and without a price.",
                   "They look like stock corrections: they are kept with the returns and count for nobody.", rows=rows)


def unused_columns(names: list[str]) -> str:
    """A caution that names the columns nothing was taken from."""
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return f"Nothing was taken from: {shown}."
