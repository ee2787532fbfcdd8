"""Which source a staged table is of: a recognised export, else a plain table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from regulars.engines.duckdb import quoted
from regulars.errors import Refused
from regulars.intake import findings, generic
from regulars.intake.generic_select import Reader
from regulars.intake.generic_words import KINDS
from regulars.intake.mappings import Choices
from regulars.intake.prepared import Finding, OwnField
from regulars.intake.refusals import why
from regulars.intake.sources import Source, all_sources
from regulars.intake.stage import Stage
from regulars.model.phrases import Said
from regulars.model.settings import Settings

SURE = 0.5
"""A source less sure than this is not taken."""


@dataclass
class PlainTable:
    """The generic reader as a source; ``name`` says what its rows are."""

    plan: generic.Plan
    platform: str = ""
    header_rows: int = 1

    def __post_init__(self) -> None:
        self.reader: Reader | None = None

    @property
    def name(self) -> str:
        return f"plain-{self.plan.kind}"

    @property
    def title(self) -> str:
        return f"Plain table of {self.plan.kind}"

    def recognises(self, headers: frozenset[str], file_name: str) -> float:
        return 0.0

    def mapping(self, stage: Stage) -> dict[str, str]:
        """Each column with its field; those that feed none with an empty one, own columns with their name."""
        own = {f.label: f"{f.table}.{f.name}" for f in self.reader.own} if self.reader else {}
        shown = self.plan.mapping()
        return {c.header: shown.get(c.header, own.get(c.header, "")) for c in stage.columns}

    def canonical(self, stage: Stage, settings: Settings) -> dict[str, str]:
        self.reader = Reader(stage, self.plan)
        return self.reader.selects()

    def own_fields(self, stage: Stage) -> tuple[OwnField, ...]:
        return tuple(self.reader.own) if self.reader else ()

    def cautions(self) -> list[Said]:
        own = {f.label for f in self.reader.own} if self.reader else set()
        unused = [c.header for c in self.plan.unused if c.header and c.header not in own]
        return [findings.unused_columns(unused)] if unused and self.plan.kind not in ("visits", "checkouts") else []

    def findings(self, stage: Stage) -> list[Finding]:
        found: list[Finding] = []
        if self.plan.has("orders.status"):
            found += findings.unknown_statuses(stage, stage.text(*self.plan.header("orders.status")))
        if stage.decided.get("shares"):
            found.append(findings.discounts_as_shares(*self.plan.header("lines.discount")))
        if stage.engine.rows("SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = 'in_returns'"):
            moved = _stock_movements(stage)
            found += [findings.stock_movements(moved)] if moved else []
        return found


def _stock_movements(stage: Stage) -> int:
    columns = stage.engine.columns("in_returns")
    who = [quoted(c) for c in ("customer_id", "id_email", "id_phone", "id_name") if c in columns]
    nobody = f"coalesce({', '.join(who)}) IS NULL" if who else "true"
    return int(stage.engine.value(f"SELECT count(*) FROM in_returns WHERE {nobody} AND amount IS NULL"))


def recognise(stage: Stage, as_: str | None, choices: Choices) -> Source | PlainTable:
    """The source of a table. ``as_`` names a source or says what the rows are; it wins over recognition."""
    by_name = {s.name: s for s in all_sources()}
    if as_ in by_name:
        return by_name[as_]
    if as_ is not None and as_ not in KINDS:
        near = difflib.get_close_matches(as_, [*KINDS, *by_name], 1)
        raise Refused(why("Nothing is imported as '{kind}'.", kind=as_),
                      hint=why("Did you mean '{near}'?", near=near[0]) \
                           if near else why("Use one of {known}.", known=[*KINDS]))
    if as_ is None and stage.header_given:
        sure, source = max(((s.recognises(stage.header_set, stage.file_name), s) for s in by_name.values()),
                           key=lambda found: found[0], default=(0.0, None))
        if source is not None and sure >= SURE:
            return source
    return PlainTable(generic.plan(stage, as_, choices))
