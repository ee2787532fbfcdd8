"""What an owner should know of a file's columns and people, found while they were read."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.errors import RegularsError
from regulars.intake import values_words
from regulars.intake.prepared import Finding
from regulars.intake.stage import Stage
from regulars.model.phrases import Own, Said, Sentence, phrases

text, counted = phrases("regulars.intake", "findings")
NAMED = 10

__all__ = ["Finding", "copies", "discounts_as_shares", "foreign_money", "may_be_twice", "not_recognised",
           "of_campaigns",
           "only_by_name", "shared_contact", "stock_movements", "uncounted_statuses", "unknown_statuses", "unreadable",
           "unused_columns"]


def unreadable(header: str, kind: str, cells: int, example: str) -> Finding:
    """Cells of a column that is good to have, not needed: the rest of their rows was taken."""
    what = counted("{n} cell of column {column} cannot be read ({kind} was expected) and stays unknown.",
                   "{n} cells of column {column} cannot be read ({kind} was expected) and stay unknown.", cells,
                   column=Own(header), kind=kind_of_cell(kind))
    return Finding("unreadable-cells", what, text("Rules about this column do not find these customers."), example,
                   text("Correct them in the file and import it again."), cells)


def kind_of_cell(kind: str) -> Said:
    """What a cell should have been, in words."""
    known = {"number": text("number"), "date": text("date"), "day": text("day"), "yes/no": text("yes or no"),
             "amount": text("amount"), "whole number": text("whole number")}
    return known.get(kind, kind)


def copies(rows: int, dropped: bool) -> Finding:
    """Rows that are exact copies of an earlier one."""
    left_out = counted("{n} row is an exact copy of an earlier row of the file and was left out, as asked.",
                       "{n} rows are exact copies of an earlier row of the file and were left out, as asked.", rows)
    kept = counted("{n} row is an exact copy of an earlier row of the file and was kept.",
                   "{n} rows are exact copies of an earlier row of the file and were kept.", rows)
    why = text("A line twice may be two pieces sold, or a mistake of the export.")
    if dropped:
        return Finding("duplicate-rows", left_out, why, rows=rows)
    return Finding("duplicate-rows", kept, why, "",
                   text("If it is a mistake, import the file again without copies."), rows)


def unknown_statuses(stage: Stage, cell: str) -> list[Finding]:
    """Words for the state of an order that are not known: such orders count as paid."""
    found = [(word, n) for word, means, n in values_words.states(stage, cell) if means is None]
    return [_of_statuses("unknown-status", found, text("These orders are counted as paid."))] if found else []


def uncounted_statuses(found: Sequence[tuple[str, int]]) -> Finding:
    """The same of an export whose words are known, with the orders of each: these do not count."""
    return _of_statuses("unknown_status", found, text("These orders are kept and not counted."))


def _of_statuses(code: str, found: Sequence[tuple[str, int]], why: Sentence) -> Finding:
    what = counted("{n} unknown word for the state of an order: {words}.",
                   "{n} unknown words for the state of an order: {words}.", len(found),
                   words=[Own(repr(str(word))) for word, _ in found[:5]])
    mend = text("Write paid, pending, cancelled, refunded or failed in the file, and import it again.")
    return Finding(code, what, why, str(found[0][0]), mend, sum(n for _, n in found))


def foreign_money(currency: str, rows: int, shop: str) -> Finding:
    what = counted("{n} row in {currency} was converted to {shop} by its day's rate.",
                   "{n} rows in {currency} were converted to {shop} by their day's rate.", rows, currency=Own(currency),
                   shop=Own(shop))
    return Finding("converted-currency", what, text("Their amounts are as good as the rates."), currency,
                   text("The rates stand in rates.csv."), rows)


def discounts_as_shares(header: str) -> Finding:
    """A column of discounts that were shares of their lines."""
    return Finding("discount-shares", text("Column {column} was read as shares: 0.25 is a quarter off the line.",
                                           column=Own(header)),
                   text("Every one of them is below 1, and lines are worth far more."),
                   mend=text("If they are amounts, give the lines their amount in a column called line total."))


def stock_movements(rows: int) -> Finding:
    what = counted("{n} row takes pieces back without a customer and without a price.",
                   "{n} rows take pieces back without a customer and without a price.", rows)
    return Finding("stock-movements", what, text("They look like stock corrections: they are kept with the returns and "
                                                 "count for nobody."), rows=rows)


def shared_contact(shared: int, kind: str, value: str, others: int) -> Finding:
    """Addresses or numbers that many customers share: they say nothing of who somebody is."""
    what = counted("{n} address or number is shared by many different customers.",
                   "{n} addresses or numbers are shared by many different customers.", shared)
    why = text("It is likely a till's or an office's; it was not used to say who somebody is.")
    return Finding("shared_contact", what, why, f"{kind} {value} ({others})",
                   text("Clear it where it is not the customer's own."), shared)


def unused_columns(names: list[str]) -> Sentence:
    """A caution that names the columns nothing was taken from."""
    shown = [Own(name) for name in names[:NAMED]]
    if len(names) <= NAMED:
        return text("Nothing was taken from: {columns}.", columns=shown)
    return text("Nothing was taken from: {columns} and {more} more.", columns=shown, more=len(names) - NAMED)


def not_recognised(error: RegularsError) -> Sentence:
    return text("Nothing was taken from it. {why}", why=error)


def of_campaigns() -> Sentence:
    return text("This report says how whole campaigns did, not who got, opened or clicked them, nor what they cost: "
                "nothing of it can be kept about a customer. Export the profiles, or connect Klaviyo's events.")


def only_by_name() -> Sentence:
    return text("This report names customers only by name, and its amounts leave out tax and shipping: an order export "
                "with e-mail addresses gives better customers and totals.")


def may_be_twice() -> Sentence:
    return text("If these payments are for orders that another export brings in too, import only one of the two: "
                "nothing here says that they are the same sales.")
