"""A receipt as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.cli.printing import Figures, clean, pairs, say, table, title
from regulars.intake.receipt import Receipt
from regulars.model.figures import NOTHING

REFUSED_SHOWN = 10


def show(receipt: Receipt, figures: Figures) -> None:
    """What was recognised, every row accounted for, money beside the file's own, people, and what to know."""
    undone = f", taken back {figures.moment(receipt.undone_at)}" if receipt.undone_at else ""
    title(f"{clean(receipt.file_name)}: {receipt.recognised_as}, "
          f"{'not imported (dry run)' if receipt.dry_run else f'import {receipt.import_id}'}{undone}")
    pairs(_rows(receipt, figures))
    if receipt.mapping:
        say()
        table(("column", "is"), [(clean(column), field or NOTHING) for column, field in receipt.mapping.items()])
    if receipt.tables:
        say()
        table(("table", "rows", "added", "changed", "unchanged", "removed"),
              [(name, *(figures.number(n) for n in (c.rows, c.added, c.changed, c.unchanged, c.removed)))
               for name, c in receipt.tables.items()], right=range(1, 6))
    if receipt.money:
        say()
        table(("money", "in the file", "in the shop"),
              [(m.what, figures.money(m.in_file), figures.money(m.in_shop)) for m in receipt.money], right=(1, 2))
    _show_refused(receipt, figures)
    _show_findings(receipt)


def show_refused(receipt: Receipt, figures: Figures) -> None:
    """A file that was refused for some of its rows: which, and why."""
    title(f"{clean(receipt.file_name)}: {receipt.recognised_as}, not imported")
    _show_refused(receipt, figures)


def _rows(receipt: Receipt, figures: Figures) -> Iterator[tuple[str, str]]:
    rows, number = receipt.rows, figures.number
    parts = [(rows.taken, "taken"), (rows.refused, "refused"), (rows.dropped, "copies left out"),
             (rows.left_out, "say nothing the shop keeps")]
    yield "rows", f"{number(rows.read)} read = " + " + ".join(f"{number(n)} {w}" for n, w in parts
                                                              if n or w == "taken")
    if rows.copies:
        yield "", f"{number(rows.copies)} are exact copies of an earlier row"
    if rows.without_customer:
        yield "", f"{number(rows.without_customer)} name no customer: kept, and count for nobody"
    if receipt.documents:
        yield "documents", f"{number(receipt.documents)} orders, invoices and cancellations"
    people = receipt.customers
    yield "customers", f"{number(people.matched)} known, {number(people.new)} new, {number(people.merged)} merged"
    back = receipt.returns
    if back.matched or back.unmatched:
        yield "returns", (f"{number(back.matched)} matched to their purchase ({figures.money(back.matched_amount)}), "
                          f"{number(back.unmatched)} not ({figures.money(back.unmatched_amount)})")
    if receipt.costs_unknown:
        yield "costs", f"{number(receipt.costs_unknown)} lines have no known cost: their margin is unknown"


def _show_refused(receipt: Receipt, figures: Figures) -> None:
    if not receipt.refused:
        return
    say()
    first = receipt.refused[:REFUSED_SHOWN]
    table(("row", "refused because"), [(figures.number(r.row), clean(r.reason)) for r in first], right=(0,))
    if receipt.rows.refused > REFUSED_SHOWN:
        say(f"… and {figures.number(receipt.rows.refused - REFUSED_SHOWN)} more")
    if receipt.refused_file:
        say(f"To mend and import again: files/{receipt.refused_file}")


def _show_findings(receipt: Receipt) -> None:
    if receipt.findings or receipt.cautions:
        say()
    for finding in receipt.findings:
        example = f" For example {clean(finding.example)}." if finding.example else ""
        say(f"! {clean(finding.what)}", fg="yellow")
        say("  " + " ".join(part for part in (clean(finding.why) + example, clean(finding.mend)) if part.strip()))
    for caution in receipt.cautions:
        say(f"! {clean(caution)}", fg="yellow")
