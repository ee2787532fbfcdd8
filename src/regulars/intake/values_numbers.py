"""Numbers and amounts: which sign parts decimals and which groups thousands is decided for the column as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from regulars.engines.duckdb import literal, quoted
from regulars.errors import Ambiguous
from regulars.intake import values
from regulars.intake.refusals import why
from regulars.intake.values_words import SIGNS, WITHOUT_CENTS, sign_means

if TYPE_CHECKING:
    from regulars.intake.stage import Stage, StagedColumn

POINT, COMMA = "decimal-point", "decimal-comma"
NUMERIC = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$")
SMALL = ("DECIMAL(18,4)", "INTEGER", "SMALLINT", "TINYINT")
"""Types of which every value fits."""

PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?$")
SIGN_WORDS = "|".join(re.escape(w) for w in sorted(SIGNS, key=len, reverse=True))
FRAME = re.compile(rf"(?P<open>\()?\s*(?P<sign>[-+−–])?\s*(?P<left>{SIGN_WORDS})?\s*(?P<sign2>[-+−–])?\s*"
                   rf"(?P<body>[9.,][9.,'’ ]*?)\s*(?P<dash>,-|,--|\.-)?\s*"
                   rf"(?P<right>{SIGN_WORDS})?\s*(?P<trail>[-−–])?\s*(?P<close>\))?$")
POWER = re.compile(r"[+-]?9+(\.9+)?e[+-]?9+$")


@dataclass(frozen=True)
class Written:
    """How a column writes numbers. ``plain`` needs no more than a cast."""

    plain: bool
    role: str = POINT
    signs: tuple[str, ...] = ()
    powers: bool = False
    accepted: tuple[str, ...] | None = None
    """Only these shapes are numbers, where some of the column's are not."""


def decimal(stage: Stage, column: StagedColumn) -> str:
    return _typed(stage, column, "DECIMAL(18,4)", False)


def money(stage: Stage, column: StagedColumn) -> str:
    return _typed(stage, column, "DECIMAL(18,4)", True)


def real(stage: Stage, column: StagedColumn) -> str:
    return _typed(stage, column, "DOUBLE", False)


def whole(stage: Stage, column: StagedColumn) -> str:
    number = _typed(stage, column, "DECIMAL(18,4)", False)
    return f"CASE WHEN {number} = trunc({number}) THEN {number}::BIGINT END"


def never_negative(stage: Stage, column: StagedColumn) -> bool:
    """Whether it is known already, without another look, that no number of the column is below zero."""
    least = stage.decided.get(f"{column.sql} least")
    return isinstance(least, Decimal) and least >= 0


def currency_of(stage: Stage, column: StagedColumn) -> str:
    """The code of the sign in the cell, NULL where it has none."""
    if column.type != "VARCHAR" or "shop-currency" in stage.hint(column):
        return "CAST(NULL AS VARCHAR)"
    signs = written(stage, column, True).signs
    if not signs:
        return "CAST(NULL AS VARCHAR)"
    text = values.plain(stage.cell(column), stage.profile(column))
    cases = " ".join(f"WHEN contains({text}, {literal(s)}) THEN {literal(sign_means(s, stage.currency))}"
                     for s in signs)
    return f"CASE {cases} END"


def _typed(stage: Stage, column: StagedColumn, sql_type: str, amount: bool) -> str:
    if NUMERIC.match(column.type):
        if column.type in SMALL:
            stage.proven.add(f"try_cast({column.sql} AS {sql_type})")
        return f"try_cast({column.sql} AS {sql_type})"
    how = written(stage, column, amount)
    cell = stage.cell(column)
    if how.plain:
        stage.proven.add(f"try_cast({cell} AS {sql_type})")
        return f"try_cast({cell} AS {sql_type})"
    text = values.plain(cell, stage.profile(column))
    return _expression(text, how, sql_type)


def _expression(text: str, how: Written, sql_type: str) -> str:
    bare = text
    for sign in how.signs:
        bare = f"replace({bare}, {literal(sign)}, '')"
    digits = f"regexp_replace({bare}, '[^0-9,]', '', 'g')" if how.role == COMMA else \
        f"regexp_replace({bare}, '[^0-9.]', '', 'g')"
    if how.role == COMMA:
        digits = f"replace({digits}, ',', '.')"
    minus = f"CASE WHEN regexp_matches({bare}, '^[^0-9]*[-−–(]|[0-9 ][-−–]\\s*$') THEN '-' ELSE '' END"
    number = f"try_cast({minus} || {digits} AS {sql_type})"
    if how.powers:
        number = f"CASE WHEN regexp_matches({text}, '[0-9]e[-+]?[0-9]') THEN try_cast({text} AS {sql_type}) " \
                 f"ELSE {number} END"
    if how.accepted is not None:
        listed = ", ".join(literal(s) for s in how.accepted) or "''"
        number = f"CASE WHEN regexp_replace({text}, '[0-9]', '9', 'g') IN ({listed}) THEN {number} END"
    return number


def written(stage: Stage, column: StagedColumn, amount: bool) -> Written:
    """How the column's numbers are written; raises `Ambiguous` where 1.234 may be either."""
    key = f"{column.sql} {amount}"
    if key not in stage.decided:
        stage.decided[key] = _plain(stage, column) or _by_shapes(stage, column, amount)
    decided = stage.decided[key]
    assert isinstance(decided, Written)
    return decided


def _plain(stage: Stage, column: StagedColumn) -> Written | None:
    """One cast for all, where the sample looks so and the whole column bears it out."""
    if stage.hint(column) & {POINT, COMMA}:
        return None
    some = values.sample(stage, column)
    if not all(PLAIN.match(s) for s in some):
        return None
    cell = stage.cell(column)
    three = "0" if any("." in s and len(s.partition(".")[2]) != 3 for s in some) else f"count_if(contains({cell}, '.'))"
    unread, dotted, least = stage.engine.rows(
        f"SELECT count({cell}) - count(n), {three}, min(n) FROM (SELECT *, try_cast({cell} AS DECIMAL(18,4)) AS n "
        f"FROM {quoted(stage.name)})")[0]
    stage.decided[f"{column.sql} least"] = least
    return Written(True) if not unread and not dotted else None


def _by_shapes(stage: Stage, column: StagedColumn, amount: bool) -> Written:
    found = values.shapes(stage, column)
    if found is None:
        return Written(False, accepted=())
    readings = {s.skeleton: reading(s.skeleton) for s in found}
    numbers = [s for s in found if readings[s.skeleton]]
    role = _role(stage, column, numbers, amount)
    accepted = [s.skeleton for s in numbers if role in _roles(readings[s.skeleton])]
    signs = {sign for k in accepted for sign in _signs(k)}
    return Written(False, role, tuple(sorted(signs, key=len, reverse=True)), any(POWER.match(k) for k in accepted),
                   None if len(accepted) == len(found) else tuple(accepted))


def _roles(found: frozenset[str] | None) -> frozenset[str]:
    return found or frozenset()


def _signs(skeleton: str) -> list[str]:
    frame = FRAME.match(skeleton)
    return [s for s in (frame["left"], frame["right"]) if s] if frame else []


@lru_cache(maxsize=10_000)
def reading(skeleton: str) -> frozenset[str] | None:
    """The roles under which this shape is a number; None where it is none under any."""
    if POWER.match(skeleton):
        return frozenset({POINT})
    frame = FRAME.match(skeleton)
    if not frame or bool(frame["open"]) != bool(frame["close"]) or "9" not in frame["body"]:
        return None
    body = frame["body"].rstrip()
    roles = {role for role, mark, group in ((POINT, ".", ","), (COMMA, ",", ".")) if _fits(body, mark, group)}
    return frozenset(roles) or None


def _fits(body: str, mark: str, group: str) -> bool:
    """Whether ``mark`` can part the decimals here and ``group`` (or a space or an apostrophe) the thousands."""
    whole_part, _, decimals = body.partition(mark)
    if decimals and not re.fullmatch("9+", decimals):
        return False
    marks = {c for c in whole_part if c != "9"}
    if not marks:
        return bool(whole_part or decimals)
    if len(marks) > 1 or not marks <= {group, " ", "'", "’"}:
        return False
    head, *groups = re.split(r"[^9]", whole_part)
    by_thousand = all(len(g) == 3 for g in groups)
    indian = len(groups[-1]) == 3 and all(len(g) == 2 for g in groups[:-1]) and len(head) <= 2
    return bool(head) and ((by_thousand and len(head) <= 3) or indian)


def _role(stage: Stage, column: StagedColumn, numbers: list[values.Shape], amount: bool) -> str:
    told = stage.hint(column) & {POINT, COMMA}
    if told:
        return next(iter(told))
    definite = {next(iter(r)): s for s in numbers if len(r := _roles(reading(s.skeleton))) == 1}
    if len(definite) == 2:
        raise Ambiguous(why("Column '{header}' writes numbers in two ways: '{example}' and '{other}'.",
                            header=column.header, example=definite[POINT].example, other=definite[COMMA].example),
                        **_asked(column, str(definite[POINT].example)))
    if definite:
        return next(iter(definite))
    unclear = [s for s in numbers if re.search("[.,]9", s.skeleton)]
    if not unclear:
        return POINT
    return _by_evidence(stage, column, numbers, unclear, amount)


def _by_evidence(stage: Stage, column: StagedColumn, numbers: list[values.Shape], unclear: list[values.Shape],
                 amount: bool) -> str:
    """Every mark has three digits behind it: other columns, the currency, or the smaller numbers may tell."""
    mark = "." if any("." in s.skeleton for s in unclear) else ","
    as_decimals, as_thousands = (POINT, COMMA) if mark == "." else (COMMA, POINT)
    text = values.plain(stage.cell(column), stage.profile(column))
    if stage.engine.value(f"SELECT bool_or(regexp_matches({text}, '(^|[^0-9])0[.,]')) FROM {quoted(stage.name)}"):
        return as_decimals
    siblings = _siblings(stage, column)
    if len(siblings) == 1:
        return next(iter(siblings))
    if amount and stage.currency in WITHOUT_CENTS:
        return as_thousands
    plain = [s for s in numbers if s not in unclear]
    enough = sum(s.count for s in plain) >= 5 and sum(s.count for s in unclear) >= 3
    if enough and max(s.largest[0] for s in plain) < 1000:
        return as_thousands
    raise Ambiguous(why("Column '{header}' has '{example}': is that one and a fraction, or a thousand and more? "
                        "Nothing in the file decides it.", header=column.header, example=unclear[0].example),
                    **_asked(column, str(unclear[0].example)))


def _asked(column: StagedColumn, example: str) -> dict[str, Any]:
    command = f"--map \"{column.header}={POINT}\" or --map \"{column.header}={COMMA}\""
    return {"hint": why("Say which it is."), "command": command, "column": column.header, "example": example,
            "choices": (POINT, COMMA)}


def _siblings(stage: Stage, column: StagedColumn) -> set[str]:
    """What the other columns' samples leave no doubt about."""
    found: set[str] = set()
    for other in stage.columns:
        if other.sql != column.sql and other.type == "VARCHAR":
            found |= definite_roles(values.sample(stage, other, 300))
    return found


def definite_roles(cells: Iterable[str]) -> set[str]:
    """The roles that a column of these cells settles by itself; none where they are no numbers."""
    readings = [reading(re.sub("[0-9]", "9", c.lower())) for c in cells]
    if not readings or not all(readings):
        return set()
    single = {next(iter(r)) for r in readings if r and len(r) == 1}
    return single if len(single) == 1 else set()
