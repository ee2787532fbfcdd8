"""The reference pages, written from the code they speak of: ``python -m regulars.cli.reference docs/reference``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import click

from regulars.cli.entry import regulars
from regulars.cli.insight import verb_of
from regulars.insight.common import analysis, names, summary
from regulars.model.books import BOOKS
from regulars.model.tables import TABLES, Table
from regulars.rules.reference import page as rule_language
from regulars.segments.templates import Template, templates, themes

WRITTEN = "<!-- Written by `make docs` from the code: change it there. -->"


def pages() -> dict[str, str]:
    """File name -> text of every reference page."""
    return {name: "\n".join([WRITTEN, "", *lines]).rstrip() + "\n" for name, lines in (
        ("analyses.md", _analyses()), ("commands.md", _commands()), ("rules.md", rule_language()),
        ("tables.md", _tables()), ("templates.md", _templates()))}


def _analyses() -> Iterator[str]:
    yield "# Analyses"
    yield ""
    yield ("Run one with `regulars insight NAME`, or `shop.insight(name, now, **parameters)` in Python; parameters "
           "have an underscore where options have a hyphen. Each names its method, source, sample and caveats, and "
           "refuses where there is too little data. With `--save` scores become attributes that rules ask of.")
    yield ""
    for name in names():
        yield from _analysis(name)


def _analysis(name: str) -> Iterator[str]:
    kind, command = analysis(name), verb_of(name, analysis(name))
    yield f"## {name}"
    yield ""
    yield summary(name)
    yield ""
    yield inspect.getdoc(kind) or ""
    yield ""
    if kind.keeps:
        yield f"Scores: {', '.join(f'`{score}`' for score in kind.keeps)}."
        yield ""
    with click.Context(command, info_name=name) as context:
        parameters = [o.get_help_record(context) for o in command.params if isinstance(o, click.Option)
                      and o.name in {f.name for f in fields(kind)}]
    yield from _rows(("parameter", "what it is"), ((f"`{_plain(r[0])}`", _plain(r[1])) for r in parameters if r))


def _commands() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield ("Every command takes `--shop FOLDER`, before or after the verb (else the variable `REGULARS_SHOP`, else "
           "`./shop`), `--json` for programs, and `--help`. Exit codes: 0 done, 1 refused or failed, 2 wrong use. "
           "Errors are told on standard error, in one or two lines.")
    yield ""
    with click.Context(regulars, info_name="regulars") as context:
        for name in regulars.list_commands(context):
            yield from _command(regulars.get_command(context, name), name, context)


def _command(command: click.Command | None, name: str, above: click.Context) -> Iterator[str]:
    if command is None:
        return
    with click.Context(command, info_name=name, parent=above) as context:
        if isinstance(command, click.Group):
            for each in command.list_commands(context):
                yield from _command(command.get_command(context, each), each, context)
            return
        yield f"## {context.command_path}"
        yield ""
        yield " ".join((command.help or "").split())
        yield ""
        yield f"    {context.command_path} {' '.join(command.collect_usage_pieces(context))}"
        yield ""
        said = [o.get_help_record(context) for o in command.params if isinstance(o, click.Option)]
        own = [record for record in said if record and not record[0].startswith(("--shop", "--json"))]
        if own:
            named = ((f"`{_plain(option)}`", _plain(what)) for option, what in own)
            yield from _rows(("option", "what it does"), named)


def _tables() -> Iterator[str]:
    yield "# Tables"
    yield ""
    yield ("A file whose columns bear these names needs no mapping. *Worked out* columns are settled by the shop from "
           "the others, in the transaction that changed them. The key is what makes a second import of the same row "
           "add nothing. Amounts are in the shop's currency, moments in UTC.")
    yield ""
    for table in TABLES.values():
        yield from _table(table)
    yield "# The shop's own books"
    yield ""
    yield "What the shop keeps beside the facts. No file fills these."
    yield ""
    for table in BOOKS.values():
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    yield f"{table.note[:1].upper()}{table.note[1:]}. Key: {', '.join(f'`{k}`' for k in table.key)}."
    yield ""
    yield from _rows(("column", "type", "what it is"), (
        (f"`{c.name}`", c.type.value, "; ".join(filter(None, ("*worked out*" if c.settled else "", _plain(c.note)))))
        for c in table.columns))


def _templates() -> Iterator[str]:
    yield "# Ready segments"
    yield ""
    yield ("Take one with `regulars segment add NAME --template KEY`; change what stands in its rule with "
           "`--set NAME=VALUE`. `regulars segment templates --missing` says which need data the shop has not got.")
    yield ""
    ready = templates()
    for theme in themes():
        yield f"## {theme.title['en']}"
        yield ""
        yield from _rows(("key", "who", "rule", "why it matters", "what to do"),
                         (_template(t) for t in ready if t.theme == theme.key))


def _template(ready: Template) -> Sequence[str]:
    values = "".join(f"<br>`{p.name}`: {p.label['en']}" for p in ready.parameters)
    return (f"`{ready.key}`", _plain(ready.name["en"]), f"`{_plain(ready.rule)}`{values}", _plain(ready.why["en"]),
            _plain(ready.do["en"]))


def _rows(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headers)} |"
    yield f"|{'---|' * len(headers)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
