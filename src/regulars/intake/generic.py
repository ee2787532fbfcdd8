"""Plain tables: what their rows are and which column is which field, by name first and by content where names fail."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from regulars.engines.duckdb import quoted
from regulars.errors import NotRecognised, Refused
from regulars.intake.generic_words import FILE_WORDS, KINDS, singular, squeezed, vocabulary
from regulars.intake.looks import look
from regulars.intake.mappings import Choices
from regulars.intake.refusals import why
from regulars.intake.stage import Stage, StagedColumn
from regulars.model.tables import TABLES

PEOPLE = ("customers.customer_id", "customers.email", "customers.phone", "customers.name")
ADDRESSES = ("customers.email", "customers.phone")
NAMES = ("customers.name", "customers.first_name", "customers.last_name")
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "customers": ((*PEOPLE, "customers.first_name"),),
    "orders": (("orders.total", "orders.order_id"), ("orders.at", "orders.order_id"), (*PEOPLE, "orders.order_id")),
    "lines": (("lines.product_id", "lines.product_name"), ("lines.quantity", "lines.unit_price", "lines.amount"),
              ("orders.order_id", "orders.at")),
    "products": (("products.product_id", "products.name"),
                 ("products.price", "products.unit_cost", "products.category", "products.brand", "products.vendor",
                  "products.tags", "products.released_at", "products.name")),
    "messages": (("messages.type", "messages.campaign"), ("messages.at",), PEOPLE),
    "visits": (("visits.url", "visits.product"), ("visits.at",), PEOPLE),
    "checkouts": (("checkouts.checkout_id", "checkouts.completed"), ("checkouts.at",), PEOPLE),
    "events": (("events.name",), ("events.at",), PEOPLE),
    "tickets": (("tickets.ticket_id", "tickets.topic", "tickets.effort"), ("tickets.opened", "tickets.at"), PEOPLE),
    "answers": (("answers.question",), ("answers.value", "answers.number")),
    "accounts": (("accounts.account_id",), ("accounts.name", "accounts.industry", "accounts.employees",
                                            "accounts.revenue", "accounts.stage", "accounts.country")),
    "costs": (("costs.amount",), ("costs.at",), ("costs.campaign", "costs.channel", "costs.kind")),
}
"""One field of each group has to be there for a table to be of that kind."""

LEFT_OVER = re.compile(r"(index|unnamed: ?\d*|#|no\.?|row|nr\.?)?$")


@dataclass(frozen=True)
class Plan:
    """``fields``: field -> column; ``unused`` columns feed no field of the model; ``by_name``: a customer's number is
    their name, and only where the row has no address of theirs."""

    kind: str
    fields: Mapping[str, StagedColumn]
    unused: tuple[StagedColumn, ...]
    score: float = 0.0
    by_name: bool = False

    def header(self, field: str) -> tuple[str, ...]:
        """The header that feeds the field, as an argument list for the stage."""
        column = self.fields.get(field)
        return (column.header,) if column else ()

    def has(self, *fields: str) -> bool:
        return any(f in self.fields for f in fields)

    def mapping(self) -> dict[str, str]:
        """Header -> field; of a column that feeds two the first."""
        found: dict[str, str] = {}
        for field, column in self.fields.items():
            found.setdefault(column.header, field)
        return found


def plan(stage: Stage, as_: str | None, choices: Choices) -> Plan:
    """How to read the table; raises `NotRecognised` with what is missing and how to say it."""
    if as_ is not None and as_ not in KINDS:
        near = difflib.get_close_matches(as_, KINDS, 1)
        raise Refused(why("Nothing is imported as '{kind}'.", kind=as_),
                      hint=why("Use one of {known}. Did you mean '{near}'?", known=[*KINDS], near=near[0])
                      if near else why("Use one of {known}.", known=[*KINDS]))
    kinds = [as_] if as_ else _kinds_of(choices) or list(KINDS)
    plans = _plans(stage, kinds, choices)
    if as_ or len(plans) == 1:
        _check_complete(stage, plans[0])
        return plans[0]
    found = [p for p in plans if not _lacks(p)]
    if not found:
        raise _not_recognised(stage)
    best = max(found, key=lambda p: p.score)
    if best.kind == "customers" and len(found) > 1 and _repeats(stage, best):
        found[found.index(best)] = replace(best, score=best.score / 2)
    return max(found, key=lambda p: p.score)


def _plans(stage: Stage, kinds: list[str], choices: Choices) -> list[Plan]:
    """A plan for each kind that has all the fields a person named; raises `Refused` where none has."""
    found: list[Plan] = []
    wrong: list[Refused] = []
    for kind in kinds:
        try:
            found.append(_plan(stage, kind, choices))
        except Refused as error:
            wrong.append(error)
    if not found:
        raise wrong[0]
    return found


def _kinds_of(choices: Choices) -> list[str]:
    """The kinds that have a place for every table a person named."""
    named = {c.field for c in choices.values() if c.field and "." in c.field}
    return [k for k in KINDS if named and all(_field(k, f) for f in named)]


def _field(kind: str, text: str) -> str | None:
    """The field a person means in a table of this kind."""
    found = vocabulary(kind).get(squeezed(text))
    return found[0] if found and (found[1] >= 0.9 or found[1] == 0.75) else None


def _plan(stage: Stage, kind: str, choices: Choices) -> Plan:
    chosen = _chosen(stage, kind, choices)
    left_out = {key for key, c in choices.items() if c.field is not None}
    named = _by_name(stage, kind, {c.sql for c in chosen.values()}, left_out, set(chosen))
    sure = dict.fromkeys(chosen, 1.0) | {f: weight for f, (_, weight) in named.items()}
    fields = chosen | {f: c for f, (c, _) in named.items()}
    for field, column in _by_content(stage, kind, fields, left_out).items():
        fields[field], sure[field] = column, 0.5
    names = _by_names(stage, fields)
    if names:
        fields["customers.name"] = fields["customers.customer_id"]
    taken = {c.sql for c in fields.values()}
    unused = tuple(c for c in stage.columns if c.sql not in taken and c.key not in left_out)
    found = Plan(kind, fields, unused, by_name=names and "customers.customer_id" not in chosen)
    return replace(found, score=_score(stage, found, sure))


def _chosen(stage: Stage, kind: str, choices: Choices) -> dict[str, StagedColumn]:
    found = {}
    for key, choice in choices.items():
        if choice.field:
            field = _field(kind, choice.field)
            if field is None:
                raise _unknown_field(kind, choice.field)
            found[field] = stage.found([key])[0]
    return found


def _unknown_field(kind: str, text: str) -> Refused:
    names = {name: field for name, (field, weight) in vocabulary(kind).items() if weight >= 0.9 or weight == 0.75}
    near = difflib.get_close_matches(squeezed(text), names, 1)
    return Refused(why("'{text}' is no field of {kind}.", text=text, kind=kind),
                   hint=why("Did you mean '{near}'?", near=names[near[0]]) if near else None)


def _by_name(stage: Stage, kind: str, taken: set[str], left_out: set[str],
             filled: set[str]) -> dict[str, tuple[StagedColumn, float]]:
    """The best column for each field, by what the headers are called."""
    words = vocabulary(kind)
    called: dict[str, list[tuple[StagedColumn, float]]] = defaultdict(list)
    for column in stage.columns if stage.header_given else ():
        field, weight = words.get(squeezed(_without_unit(column.header)), ("", 0.0))
        if field and field not in filled and column.sql not in taken and column.key not in left_out:
            called[field].append((column, weight))
    found = {field: max(columns, key=lambda c: c[1]) for field, columns in called.items()}
    for number, name in CALLED_BY.items():
        others = [c for c in called.get(number, ()) if c != found[number]]
        if others and name not in found and name not in filled:
            found[name] = others[0]
    return found


CALLED_BY = {"lines.product_id": "lines.product_name", "products.product_id": "products.name"}
"""Of two columns that could be the product's number, the less likely one is its name: ``SKU`` beside ``Product``."""

UNIT = re.compile(r"\s*[\[(](?P<unit>[^\])]{1,12})[\])]\s*$")


def _without_unit(header: str) -> str:
    return UNIT.sub("", header) or header


def unit_of(header: str) -> str:
    """What stands in brackets at the end of a header: ``EUR`` of ``Total (EUR)``."""
    found = UNIT.search(header)
    return found["unit"].strip() if found else ""


CONTENT: dict[str, tuple[tuple[str, str], ...]] = {
    "customers": (("customers.email", "email"), ("customers.phone", "phone")),
    "orders": (("customers.email", "email"), ("customers.phone", "phone"), ("orders.at", "date"),
               ("orders.total", "amount")),
    "lines": (("customers.email", "email"), ("customers.phone", "phone"), ("orders.at", "date"),
              ("lines.unit_price", "amount")),
}


def _by_content(stage: Stage, kind: str, fields: Mapping[str, StagedColumn],
                left_out: set[str]) -> dict[str, StagedColumn]:
    """Fields that no header names, where exactly one of the other columns looks like it."""
    wanted = [(f, shape) for f, shape in CONTENT.get(kind, ()) if f not in fields]
    if kind == "lines" and "lines.amount" in fields:
        wanted = [w for w in wanted if w[0] != "lines.unit_price"]
    taken = {c.sql for c in fields.values()}
    free = [c for c in stage.columns if c.sql not in taken and c.key not in left_out]
    shapes = {c.sql: _look(stage, c) for c in free} if wanted and free else {}
    found = {}
    for field, shape in wanted:
        fitting = [c for c in free if shapes[c.sql] == shape]
        if len(fitting) == 1:
            found[field] = fitting[0]
    return found


def _by_names(stage: Stage, fields: Mapping[str, StagedColumn]) -> bool:
    """Whether people are numbered by what they are called, as in a column ``Customer`` of names and no other.

    Two may be called alike: a name is no number where an address tells them apart.
    """
    column = fields.get("customers.customer_id")
    if column is None or any(name in fields for name in NAMES):
        return False
    return _look(stage, column) == "names"


def _look(stage: Stage, column: StagedColumn) -> str:
    key = f"{column.sql} look"
    if key not in stage.decided:
        stage.decided[key] = look(stage, column)
    return str(stage.decided[key])


def _lacks(found: Plan) -> list[tuple[str, ...]]:
    return [group for group in NEEDS[found.kind] if not found.has(*group)]


def _score(stage: Stage, found: Plan, sure: Mapping[str, float]) -> float:
    """How much of the table this kind explains."""
    if _lacks(found):
        return 0.0
    columns = [c for c in stage.columns if not LEFT_OVER.fullmatch(c.key)]
    score = sum(sure.values()) / max(1, len(columns))
    words = {squeezed(w) for w in re.split(r"[\W_]+|\d+", PurePath(stage.file_name).stem) if w}
    if words & {squeezed(w) for w in FILE_WORDS[found.kind].split()}:
        score += 0.1
    if TABLES[found.kind].key[0] in {squeezed_name(c) for c in found.fields.values()}:
        score += 0.1
    return score


def squeezed_name(column: StagedColumn) -> str:
    return re.sub(r"\W+", "_", column.key)


def _repeats(stage: Stage, found: Plan) -> bool:
    """Whether the same person stands in several rows: then rows are not people."""
    column = next((found.fields[f] for f in PEOPLE[:3] if f in found.fields), None)
    if column is None:
        return False
    filled, different = stage.engine.rows(
        f"SELECT count({column.sql}), approx_count_distinct({column.sql}) FROM {quoted(stage.name)}")[0]
    return bool(filled) and different < 0.8 * filled


def _check_complete(stage: Stage, found: Plan) -> None:
    lacking = _lacks(found)
    if lacking:
        wanted = sorted({f.partition(".")[2] for f in lacking[0]})
        raise NotRecognised(why("{file} cannot be read as {kind}: no column gives {wanted}.", file=stage.file_name,
                                kind=found.kind, wanted=wanted), hint=why("Say which column it is."),
                            command=_how(stage, found.kind, lacking[0][0]))


def _not_recognised(stage: Stage) -> NotRecognised:
    shown = [*stage.headers[:12], *(["…"] if len(stage.headers) > 12 else [])]
    if not stage.header_given:
        return NotRecognised(why("{file} has no header: which column is what? Its first row is {cells}.",
                                 file=stage.file_name, cells=[str(v) for v in (stage.first(1) or [()])[0]]),
                             hint=why("Say what its rows are, and which column is what."),
                             command="--as orders --map \"Column 1=customer_id\" --map \"Column 2=at\" …")
    return NotRecognised(why("What a row of {file} is cannot be told from its columns: {columns}.",
                             file=stage.file_name, columns=shown),
                         hint=why("Say what its rows are: orders, customers, lines, products …"),
                         command="--as orders --map \"COLUMN=FIELD\" …")


def _how(stage: Stage, kind: str, field: str) -> str:
    column = stage.headers[0] if stage.headers else "COLUMN"
    return f"--map \"{column}={field}\"" if kind != singular(kind) else ""
