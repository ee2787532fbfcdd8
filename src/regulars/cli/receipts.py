"""A receipt as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.cli.printing import Figures, clean, pairs, say, table, title
from regulars.intake.receipt import Receipt
from regulars.model.figures import NOTHING
from regulars.model.phrases import Money, Own, Sentence, phrases

text, counted = phrases("regulars.cli", "receipts")
REFUSED_SHOWN = 10
SUMS = {"orders": text("orders"), "lines": text("lines"), "returns": text("returns")}
"""What a receipt's sums of money are of."""


def show(receipt: Receipt, figures: Figures) -> None:
    """What was recognised, every row accounted for, money beside the file's own, people, and what to know."""
    title(figures.say(_title(receipt)))
    pairs((figures.say(name) if name else "", figures.say(said)) for name, said in _rows(receipt))
    if receipt.mapping:
        say()
        table(_headers(figures, text("column"), text("is")),
              [(clean(column), field or NOTHING) for column, field in receipt.mapping.items()])
    if receipt.tables:
        say()
        table(_headers(figures, text("table"), text("rows"), text("added"), text("changed"), text("unchanged"),
                       text("removed")),
              [(name, *(figures.number(n) for n in (c.rows, c.added, c.changed, c.unchanged, c.removed)))
               for name, c in receipt.tables.items()], right=range(1, 6))
    if receipt.money:
        say()
        table(_headers(figures, text("money"), text("in the file"), text("in the shop")),
              [(figures.say(SUMS.get(m.what, m.what)), figures.money(m.in_file), figures.money(m.in_shop))
               for m in receipt.money], right=(1, 2))
    _show_refused(receipt, figures)
    _show_findings(receipt, figures)


def show_refused(receipt: Receipt, figures: Figures) -> None:
    """A file that was refused for some of its rows: which, and why."""
    title(figures.say(text("{file}: {source}, not imported", **_named(receipt))))
    _show_refused(receipt, figures)


def _title(receipt: Receipt) -> Sentence:
    if receipt.dry_run:
        return text("{file}: {source}, not imported (dry run)", **_named(receipt))
    if receipt.undone_at:
        return text("{file}: {source}, import {id}, taken back {moment}", **_named(receipt),
                    id=Own(receipt.import_id), moment=receipt.undone_at)
    return text("{file}: {source}, import {id}", **_named(receipt), id=Own(receipt.import_id))


def _named(receipt: Receipt) -> dict[str, Own]:
    return {"file": Own(clean(receipt.file_name)), "source": Own(receipt.recognised_as)}


def _headers(figures: Figures, *names: Sentence) -> list[str]:
    return [figures.say(name) for name in names]


def _rows(receipt: Receipt) -> Iterator[tuple[Sentence | None, Sentence]]:
    """Name and what it is; what goes on with the line above has no name."""
    rows, people, back = receipt.rows, receipt.customers, receipt.returns
    yield text("rows"), _accounted(receipt)
    if rows.copies:
        yield None, counted("{n} is an exact copy of an earlier row", "{n} are exact copies of an earlier row",
                            rows.copies)
    if rows.without_customer:
        yield None, counted("{n} names no customer: kept, and counts for nobody",
                            "{n} name no customer: kept, and count for nobody", rows.without_customer)
    if receipt.documents:
        yield text("documents"), counted("{n} order, invoice or cancellation", "{n} orders, invoices and cancellations",
                                         receipt.documents)
    yield text("customers"), text("{matched} known, {new} new, {merged} merged", matched=people.matched, new=people.new,
                                  merged=people.merged)
    if back.matched or back.unmatched:
        yield text("returns"), text("{matched} matched to their purchase ({amount}), {unmatched} not ({rest})",
                                    matched=back.matched, amount=Money(back.matched_amount),
                                    unmatched=back.unmatched, rest=Money(back.unmatched_amount))
    if receipt.costs_unknown:
        yield text("costs"), counted("{n} line has no known cost: its margin is unknown",
                                     "{n} lines have no known cost: their margin is unknown", receipt.costs_unknown)


def _accounted(receipt: Receipt) -> Sentence:
    """Read = taken + refused + left out, whatever of these there is."""
    rows = receipt.rows
    parts = text("{n} taken", n=rows.taken)
    for count, part in ((rows.refused, text("{n} refused", n=rows.refused)),
                        (rows.dropped, text("{n} copies left out", n=rows.dropped)),
                        (rows.left_out, text("{n} say nothing the shop keeps", n=rows.left_out))):
        if count:
            parts = text("{some} + {more}", some=parts, more=part)
    return text("{n} read = {parts}", n=rows.read, parts=parts)


def _show_refused(receipt: Receipt, figures: Figures) -> None:
    if not receipt.refused:
        return
    say()
    first = receipt.refused[:REFUSED_SHOWN]
    table(_headers(figures, text("row"), text("refused because")),
          [(figures.number(r.row), clean(figures.say(r.reason))) for r in first], right=(0,))
    if receipt.rows.refused > REFUSED_SHOWN:
        say(figures.say(text("… and {more} more", more=receipt.rows.refused - REFUSED_SHOWN)))
    if receipt.refused_file:
        say(figures.say(text("To mend and import again: {file}", file=Own(f"files/{receipt.refused_file}"))))


def _show_findings(receipt: Receipt, figures: Figures) -> None:
    if receipt.findings or receipt.cautions:
        say()
    for finding in receipt.findings:
        say(f"! {figures.say(finding.what)}", fg="yellow")
        example = figures.say(text("For example {example}.", example=finding.example)) if finding.example else ""
        more = [part for part in (figures.say(finding.why), example, figures.say(finding.mend)) if part.strip()]
        if more:
            say("  " + " ".join(more))
    for caution in receipt.cautions:
        say(f"! {figures.say(caution)}", fg="yellow")
