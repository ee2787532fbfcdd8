"""An analysis: parameters in the constructor, `run(shop, now)`, a frozen result that says how, of whom and how sure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar, Protocol

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused, TooLittleData
from regulars.insight.common.refusals import why
from regulars.model.figures import Figures
from regulars.model.phrases import Said, Sentence
from regulars.model.settings import Settings
from regulars.model.types import Type
from regulars.rules import Condition

AMONG = "among_customers"


MOVE, CHANNEL = "move", "channel"


@dataclass(frozen=True)
class Measured:
    """By which part orders were more with a message than without (0.2: a fifth), with a 95% range for the next one; of
    ``campaigns`` with a control group."""

    low: float
    value: float
    high: float
    campaigns: int


class Facts(Protocol):
    """What an analysis may ask of a shop: `Shop` is one. ``now`` is naive UTC here, as everywhere below the door."""

    @property
    def engine(self) -> DuckDBEngine: ...

    @property
    def settings(self) -> Settings: ...

    def members_at(self, rule: str | Condition, now: datetime) -> pa.Table: ...

    def evaluate_at(self, rules: Mapping[str, str | Condition], now: datetime) -> pa.Table: ...

    def sentence(self, rule: str | Condition, language: str | None = None) -> str: ...

    def values_at(self, values: Mapping[str, str], now: datetime, only: str | None = None) -> pa.Table: ...

    def may_reach(self, way: str, customers: Sequence[str], now: datetime) -> set[str]:
        """Those of them whom a campaign by this way may go to, as it would be asked when it begins."""
        ...

    def measured_at(self, what: str, now: datetime) -> Mapping[str, Measured]:
        """What campaigns with a control group have measured of each move, or of each channel; others are not there."""
        ...


@dataclass(frozen=True)
class Scores:
    """One row a customer: ``customer_id`` and a column a score, to be kept as attributes of the rule language.

    ``types`` and ``labels`` (English) are by the attribute's name, such as ``rfm.group``; a customer without a row,
    or with nothing in a column, has no score: unknown. ``otherwise`` are the parameters with which they mean something
    else than the attributes of their names: to look at, not to keep.
    """

    table: pa.Table
    types: Mapping[str, Type]
    labels: Mapping[str, str]
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What an analysis found.

    ``method`` says how in a sentence, ``source`` cites where the method is from, ``n`` is how many customers were
    looked at, ``parameters`` what it was run with (and what it estimated). ``rows`` is its table; ``numbers`` what is
    said beside the table (JSON-able); ``findings`` what a person should know, most important first; ``caveats`` what
    to hold against it.
    """

    analysis: str
    method: Sentence
    source: str
    now: datetime
    n: int
    parameters: Mapping[str, Any]
    rows: pa.Table
    findings: Sequence[Sentence] = ()
    caveats: Sequence[Sentence] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    scores: Scores | None = field(default=None, repr=False)

    def to_json(self, figures: Figures) -> dict[str, Any]:
        """Everything but the scores, sentences in the figures' language; ``numbers`` stand beside the rest."""
        return {"analysis": self.analysis, "method": self.method.say(figures), "source": self.source, "now": self.now,
                "n": self.n, "parameters": dict(self.parameters), **self.numbers, "rows": self.rows.to_pylist(),
                "findings": [f.say(figures) for f in self.findings],
                "caveats": [c.say(figures) for c in self.caveats]}


@dataclass(frozen=True)
class Analysis(ABC):
    """Subclasses are frozen dataclasses, one a module, whose fields are the parameters, each with a default.

    A field's ``metadata={"help": …, "choices": (…)}`` becomes its option on the command line; its type is one of str,
    int, float, bool, a tuple of str, or one of these or None. ``keeps`` names the attributes its scores become, and
    ``meant_by`` the parameters they stand or fall with: an attribute means one thing, so that with any of these said
    otherwise there is nothing to keep. ``adopts`` says that its groups can become segments.
    """

    segment: str | None = field(default=None, metadata={"help": "Only customers of whom this rule is true."})
    needs: ClassVar[str] = "customers"
    keeps: ClassVar[tuple[str, ...]] = ()
    meant_by: ClassVar[tuple[str, ...]] = ()
    adopts: ClassVar[bool] = False

    @abstractmethod
    def run(self, shop: Facts, now: datetime) -> Result:
        """Raises `TooLittleData` where nothing honest can be said, `RuleError` for a segment that does not fit."""

    @property
    def said(self) -> dict[str, Any]:
        """The parameters as they were given."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def otherwise(self) -> tuple[str, ...]:
        """The parameters of ``meant_by`` that are not as they are where nothing is said."""
        usual = {f.name: f.default for f in fields(self)}
        return tuple(name for name in self.meant_by if getattr(self, name) != usual[name])

    def kept(self, scores: Scores) -> Scores | None:
        """These scores, or none where they are not what their names say."""
        return None if self.otherwise else scores

    def ask_to_keep(self) -> None:
        """Raise `Refused` where its scores could not be kept, before any are worked out."""
        name = type(self).__module__.split(".")[2]
        if not self.keeps:
            raise Refused(why("{name} has no scores to keep.", name=name))
        if self.segment:
            raise Refused(why("Scores are of everybody, and {name} looks only at a segment.", name=name),
                          hint=why("Work them out of everybody."))
        if self.otherwise:
            options = ", ".join(f"--{each.replace('_', '-')}" for each in self.otherwise)
            raise Refused(why("{known} mean one thing to every rule, and would mean another with {options}.",
                              known=[*self.keeps], options=options),
                          hint=why("Keep them without it, or ask with it and keep nothing."))


@contextmanager
def among(shop: Facts, segment: str | None, now: datetime) -> Iterator[str]:
    """The name of a table of the customers an analysis looks at (one column ``customer_id``), there for the block."""
    table = shop.members_at(segment or "everyone", now)
    shop.engine.register(AMONG, table)
    try:
        yield AMONG
    finally:
        shop.engine.unregister(AMONG)


def asked(need: int, have: int, of: Said, what: Said, hint: Said | None = None) -> None:
    """Raise `TooLittleData` where there are fewer than it takes: ``of`` names the rows, ``what`` the analysis."""
    if have < need:
        raise TooLittleData(_too_few(need, have, of, what),
                            hint=hint or why("Bring in more data, or ask of a larger segment."))


def _too_few(need: int, have: int, of: Said, what: Said) -> Said:
    if need == 1:
        return why("{what} needs {of}, and there are none.", what=what, of=of)
    if have == 1:
        return why("{what} needs at least {need} {of}, and there is only one.", what=what, need=need, of=of)
    return why("{what} needs at least {need} {of}, and there are {have}.", what=what, need=need, of=of, have=have)


__all__ = ["CHANNEL", "MOVE", "Analysis", "Facts", "Measured", "Result", "Scores", "among", "asked"]
