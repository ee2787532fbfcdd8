"""What the recognised exports have in common: a layout of columns, and the selects that come out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from regulars.engines.duckdb import literal, quoted
from regulars.intake import findings
from regulars.intake.prepared import Finding
from regulars.intake.stage import Stage, normalise_header

STATUSES = ("paid", "pending", "cancelled", "refunded", "failed")
READERS = ("text", "key", "number", "money", "real", "whole", "moment", "utc", "day", "yesno", "texts")


@dataclass(frozen=True)
class Cell:
    """``field`` is read from the first of ``headers`` that says something; optional where an odd cell is no reason to
    refuse its row."""

    table: str
    field: str
    reader: str
    headers: tuple[str, ...]
    optional: bool

    def sql(self, stage: Stage) -> str:
        if self.reader in ("text", "key", "texts"):
            return str(getattr(stage, self.reader)(*self.headers))
        if self.reader == "utc":
            return stage.moment(*self.headers, zone="UTC", needed=not self.optional)
        return str(getattr(stage, self.reader)(*self.headers, needed=not self.optional))


class Layout:
    """Read from text: a table's name, then its lines ``field reader header | other header``; ``?`` after the reader
    makes a cell optional."""

    def __init__(self, text: str) -> None:
        self.cells: tuple[Cell, ...] = tuple(_read(text))
        self.known: frozenset[str] = frozenset(normalise_header(h) for c in self.cells for h in c.headers)

    def mapping(self, stage: Stage) -> dict[str, str]:
        """Header as written -> ``table.field``; a header that feeds several fields shows the first."""
        shown: dict[str, str] = {}
        for cell in self.cells:
            for column in stage.found(cell.headers):
                shown.setdefault(column.header, f"{cell.table}.{cell.field}")
        return shown

    def read(self, stage: Stage, table: str) -> dict[str, str]:
        """Field -> expression, for the fields of ``table`` the stage has a header of."""
        return {c.field: c.sql(stage) for c in self.cells if c.table == table and stage.has(*c.headers)}


def _read(text: str) -> Iterable[Cell]:
    table = ""
    for line in (raw.strip() for raw in text.strip().splitlines()):
        parts = line.split(None, 2)
        if len(parts) == 1:
            table = line
        elif parts:
            field, reader, headers = parts
            if reader.rstrip("?") not in READERS:
                raise ValueError(f"no reader {reader!r} in {line!r}")
            yield Cell(
                table, field, reader.rstrip("?"), tuple(h.strip() for h in headers.split(" | ")), reader.endswith("?")
            )


class Export:
    """A source recognised by headers: all of ``signature`` and one of each group of ``one_of``, none of ``never``."""

    name: str
    title: str
    platform: str
    signature: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()
    layout: Layout

    def recognises(self, headers: frozenset[str], file_name: str) -> float:
        if not headers or any(normalise_header(h) not in headers for h in self.signature):
            return 0.0
        if any(not _any(group, headers) for group in self.one_of) or _any(self.never, headers):
            return 0.0
        return 0.7 + 0.3 * len(headers & self.layout.known) / len(headers)

    def mapping(self, stage: Stage) -> dict[str, str]:
        return self.layout.mapping(stage)

    def findings(self, stage: Stage) -> tuple[Finding, ...]:
        return unknown_statuses(stage)


def unknown_statuses(stage: Stage) -> tuple[Finding, ...]:
    """States of orders that are none of the model's, once ``in_orders`` stands: these do not count."""
    if "status" not in stage.engine.columns("in_orders"):
        return ()
    found = stage.engine.rows(
        f"SELECT status, count(*) FROM in_orders WHERE status NOT IN ({', '.join(map(literal, STATUSES))}) "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    if not found:
        return ()
    return (findings.uncounted_statuses(found),)


def _any(wanted: Iterable[str], headers: frozenset[str]) -> bool:
    return any(normalise_header(h) in headers for h in wanted)


def select(source: str, columns: Mapping[str, str], where: str = "", more: str = "") -> str:
    """A select of named expressions; ``source`` is a table's name or a select in brackets."""
    body = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    origin = source if source.startswith("(") else quoted(source)
    return f"SELECT {body} FROM {origin}{f' WHERE {where}' if where else ''}{f' {more}' if more else ''}"


def rows(stage: Stage, columns: Mapping[str, str], where: str = "") -> str:
    """One row for each record of the stage."""
    return select(stage.name, {"_row": "_row", **columns}, where)


def one_each(stage: Stage, key: str, columns: Mapping[str, str], where: str = "") -> str:
    """One row for each value of the field ``key``: what is stated on the first of its records that states it, so that
    an order's total is counted once, whether its further records repeat it or leave it out."""
    inner = rows(stage, columns, where)
    firsts = {c: f"arg_min({quoted(c)}, _row)" for c in columns if c != key}
    return select(
        f"({inner})",
        {"_row": "min(_row)", key: quoted(key), **firsts},
        f"{quoted(key)} IS NOT NULL",
        f"GROUP BY {quoted(key)}",
    )


NTH_LINE = "row_number() OVER (PARTITION BY order_id ORDER BY _row, nth)"
"""The number of a line, where one record holds several: ``nth`` is its place in the record."""


def latest(inner: str, who: str, fields: Sequence[str], by: str = '"at"') -> str:
    """Of each person (the expression ``who``) the row with the latest ``by``: what is said of them now."""
    kept = ", ".join(quoted(f) for f in ("_row", *fields))
    return (
        f"SELECT {kept} FROM ({inner}) WHERE {who} IS NOT NULL "
        f"QUALIFY row_number() OVER (PARTITION BY {who} ORDER BY {by} DESC NULLS LAST, _row DESC) = 1"
    )


def identity(person: Mapping[str, str]) -> str:
    """What tells the people of one file apart: the strongest hint there is, by its name in ``person``."""
    kinds = {"id_email": "fold(id_email)", "id_platform": "id_platform", "id_phone": "id_phone"}
    here = [sql for hint, sql in kinds.items() if hint in person]
    return f"coalesce({', '.join([*here, 'NULL', 'NULL'])})"


def said(cell: str, words: Mapping[str, Iterable[str]], *, otherwise: str | None = None) -> str:
    """The canonical word for what a cell says; a word that is not known stays as it is, unless ``otherwise`` is."""
    whens = "".join(
        f" WHEN fold({cell}) IN ({', '.join(literal(w.casefold()) for w in said_words)}) THEN "
        f"{canonical if canonical in ('true', 'false') else literal(canonical)}"
        for canonical, said_words in words.items()
    )
    return f"CASE{whens} ELSE {f'fold({cell})' if otherwise is None else otherwise} END"


def consent(cell: str, yes: Iterable[str], no: Iterable[str]) -> str:
    """BOOLEAN; unknown where the cell says neither."""
    return said(cell, {"true": yes, "false": no}, otherwise="NULL")


def prefixed(platform: str, cell: str) -> str:
    """A platform's number made unmistakable: NULL stays NULL."""
    return f"({literal(platform + ':')} || {cell})"


def joined(*cells: str) -> str:
    """The filled ones with a space between, NULL where none is."""
    return f"nullif(trim(concat_ws(' ', {', '.join(cells)})), '')"


def full_name(cells: Mapping[str, str]) -> str:
    """First and last name together, of cells that have either."""
    return joined(cells.get("first_name", "NULL"), cells.get("last_name", "NULL"))


def unguarded(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking text for a number."""
    return f"nullif(ltrim({cell}, ''''), '')"


def reached(
    email: str | None = None, phone: str | None = None, name: str | None = None, postcode: str | None = None
) -> dict[str, str]:
    """Hints of who, the name only where there is neither e-mail nor phone."""
    found = {k: v for k, v in (("id_email", email), ("id_phone", phone)) if v}
    if name:
        nothing = " AND ".join(f"{v} IS NULL" for v in found.values()) or "true"
        found["id_name"] = f"CASE WHEN {nothing} THEN {name} END"
        if postcode:
            found["id_postcode"] = f"CASE WHEN {nothing} THEN {postcode} END"
    return found
