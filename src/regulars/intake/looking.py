"""A file looked at before it is taken in: what each of its tables is, which column is which field, what is to be asked.

Nothing of the shop changes, except by `choose`, which keeps what a person says of a set of headers for the next time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import Ambiguous, ImportRefused, Message, RegularsError
from regulars.intake import mappings, reading
from regulars.intake.generic_words import KINDS, vocabulary
from regulars.intake.mappings import Choice
from regulars.intake.prepare import Asked, understood
from regulars.intake.prepared import Report
from regulars.intake.refusals import why
from regulars.intake.sources import all_sources
from regulars.intake.stage import Stage
from regulars.intake.watching import watched
from regulars.model.phrases import Said, read_back, written
from regulars.model.settings import Settings
from regulars.model.tables import TABLES

PLAIN = "plain-"
EXAMPLES = 3
LONGEST_EXAMPLE = 40
SURE = 0.75
"""From this weight on a word of a plain table's vocabulary is a field's own."""


@dataclass(frozen=True)
class Column:
    """``field`` is ``table.name``, "" where nothing is taken from it; ``chosen`` by a person rather than found."""

    header: str
    field: str
    chosen: bool
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What only a person can say: which of ``choices`` (``day-first`` …) holds of a column."""

    column: str
    example: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table of a file. ``recognised_as`` is "" where nobody could tell; ``wrong`` then says why.

    ``headers`` is the fingerprint by which choices are kept, "" where the table names no columns. ``said_as`` and
    ``answers`` are what a person has said so far: what its rows are, and shapes of columns.
    """

    name: str
    headers: str
    rows: int
    recognised_as: str
    columns: tuple[Column, ...]
    said_as: str = ""
    answers: Mapping[str, str] | None = None
    question: Question | None = None
    wrong: Message = ""
    hint: Message = ""
    cautions: tuple[Said, ...] = ()
    refused: int = 0
    """Rows that cannot be used as they stand."""

    @property
    def ready(self) -> bool:
        """Whether it can be taken in as it stands."""
        return not self.wrong and self.question is None

    @property
    def of_lines(self) -> bool:
        """Whether its rows are plain order lines, which are best taken in after the orders they are of."""
        return self.recognised_as == "plain-lines"

    def to_json(self) -> dict[str, Any]:
        said = {"cautions": [written(c) for c in self.cautions],
                "wrong": written(self.wrong), "hint": written(self.hint)}
        return asdict(replace(self, cautions=(), wrong="", hint="")) | said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Table:
        """As `to_json` gave it."""
        question = said["question"] and {**said["question"], "choices": tuple(said["question"]["choices"])}
        columns = tuple(Column(**{**c, "examples": tuple(c["examples"])}) for c in said["columns"])
        return cls(**{**said, "columns": columns, "cautions": tuple(map(read_back, said["cautions"])),
                      "wrong": read_back(said["wrong"]), "hint": read_back(said["hint"]),
                      "question": Question(**question) if question else None})


def look(engine: DuckDBEngine, path: Path, settings: Settings, progress: Report | None = None) -> list[Table]:
    """Each table of the file as it would be taken in; raises `ImportRefused` where the file cannot be read at all."""
    found: list[Table] = []
    expected = reading.rows_expected(path) if path.is_file() else None
    with reading.scratch_folder() as scratch, closing(reading.stages(engine, path, settings, scratch, {})) as tables:
        while True:
            with watched(engine, progress, "reading", expected):
                stage = next(tables, None)
            if stage is None:
                return found
            found.append(_table(engine, stage, settings, progress))


def _table(engine: DuckDBEngine, stage: Stage, settings: Settings, progress: Report | None) -> Table:
    said_as, choices = mappings.recall(engine, stage)
    examples = _examples(stage)
    named = mappings.header_hash(stage.headers) if stage.header_given else ""
    table = Table(stage.file_name, named, stage.rows, "", tuple(
        Column(c.header, choices[c.key].field or "" if c.key in choices else "", _said(choices.get(c.key)),
               examples[c.sql]) for c in stage.columns), said_as or "", _answers(choices))
    try:
        with understood(engine, stage, settings, Asked(), "", progress) as prepared:
            fields = {header: field.partition(":")[0] for header, field in prepared.mapping.items()}
            columns = tuple(replace(c, field=fields.get(c.header, "")) for c in table.columns)
            refused = int(engine.value("SELECT count(DISTINCT _row) FROM in_refused"))
            return replace(table, rows=prepared.rows_read, recognised_as=prepared.recognised_as, columns=columns,
                           cautions=tuple(prepared.cautions), refused=refused)
    except Ambiguous as error:
        return replace(table, recognised_as=said_as or "",
                       question=Question(error.column, error.example, error.choices), wrong=error.message)
    except RegularsError as error:
        return replace(table, wrong=error.message, hint=error.hint or "")


def _said(choice: Choice | None) -> bool:
    return choice is not None and choice.field is not None


def _answers(choices: mappings.Choices) -> dict[str, str]:
    return {c.header: sorted(c.hints)[0] for c in choices.values() if c.hints}


def _examples(stage: Stage) -> dict[str, tuple[str, ...]]:
    rows = stage.first(20)
    return {column.sql: tuple(dict.fromkeys(_short(row[i]) for row in rows if row[i] not in (None, "")))[:EXAMPLES]
            for i, column in enumerate(stage.columns)}


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_EXAMPLE else text[:LONGEST_EXAMPLE - 1] + "…"


def choose(engine: DuckDBEngine, table: Table, *, now: datetime, as_: str = "",
           fields: Mapping[str, str] | None = None, answers: Mapping[str, str] | None = None) -> None:
    """Keep what a person says of these headers: what the rows are, fields by header, and answers to questions.

    Only what differs from what was found is a choice. Raises `ImportRefused` for a table without headers, `Refused`
    for a shape that is none.
    """
    if not table.headers:
        raise ImportRefused(why("{table} names no columns: nothing can be said of them.", table=table.name),
                            hint=why("Put a first row with the names of the columns into the file, and bring it in "
                                     "again."))
    another = as_ != table.said_as
    told = {c.header: c.field for c in table.columns if c.chosen and not another}
    shown = {c.header: c.field for c in table.columns}
    told |= {h: f for h, f in (fields or {}).items() if h in shown and f != shown[h] and not another}
    shapes = dict(table.answers or {}) | dict(answers or {})
    said = {h: ":".join(p for p in (told.get(h, "FIELD" if h in shapes else ""), shapes.get(h, "")) if p)
            for h in dict.fromkeys([*told, *shapes])}
    mappings.read(said)
    with engine.transaction():
        mappings.save(engine, table.headers, as_ or None, said, now.isoformat())


def with_names(engine: DuckDBEngine, path: Path, settings: Settings, names: Sequence[str], target: Path) -> None:
    """Write the first table of a file that names no columns as CSV at ``target``, under ``names``, one for each column.

    Raises `ImportRefused` where there is no such table, or it has more or fewer columns.
    """
    with reading.scratch_folder() as scratch, closing(reading.stages(engine, path, settings, scratch, {})) as tables:
        stage = next(tables, None)
        if stage is None or stage.header_given or len(stage.columns) != len(names):
            raise ImportRefused(why("{table} is not a table of so many columns without names.", table=path.name))
        cells = ", ".join(f"{c.sql} AS {quoted(n)}" for c, n in zip(stage.columns, names, strict=True))
        engine.execute(f"COPY (SELECT {cells} FROM {quoted(stage.name)} ORDER BY _row) TO {literal(str(target))}"
                       " (FORMAT csv, HEADER)")


def forget(engine: DuckDBEngine, table: Table) -> None:
    """Nothing is known any more of what a person said of these headers."""
    engine.execute("DELETE FROM mappings WHERE header_hash = ?", [table.headers])


def kinds() -> tuple[str, ...]:
    """What the rows of a plain table may be."""
    return tuple(KINDS)


def fields_of(table: Table) -> tuple[str, ...]:
    """The fields a column of this table may be."""
    known = table.recognised_as or table.said_as
    if known in {s.name for s in all_sources()}:
        tables = dict.fromkeys(c.field.partition(".")[0] for c in table.columns if c.field)
        return tuple(f"{t}.{c.name}" for t in tables if t in TABLES for c in TABLES[t].stated if not c.hidden)
    kind = known.removeprefix(PLAIN)
    if kind not in KINDS:
        return ()
    return tuple(dict.fromkeys(field for field, weight in vocabulary(kind).values() if weight >= SURE))

