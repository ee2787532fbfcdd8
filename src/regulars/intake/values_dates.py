"""Dates and times: their order, words and zones are decided for the column as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regulars.engines.duckdb import literal, quoted
from regulars.errors import Ambiguous
from regulars.intake import values
from regulars.intake.dateforms import Form, form_of, words_of
from regulars.intake.refusals import why
from regulars.model.phrases import Sentence

if TYPE_CHECKING:
    from regulars.intake.stage import Stage, StagedColumn

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$")
ZONE = r"[0-9]:[0-9]{2}[0-9:.]*(?: ?[ap]m)? ?(z|[-+][0-9]{2}:?[0-9]{0,2})$"
THREE_NUMBERS = r"(?:^|[^0-9:])([0-9]{1,2})[-/. ]+([0-9]{1,2})[-/. ]+[0-9]{2}(?:[0-9]{2})?(?:$|[^0-9])"


@dataclass(frozen=True)
class Written:
    """How a column writes moments: ``plain`` ones need no more than a cast, the others a list of formats."""

    plain: bool = False
    formats: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    zoned: bool = False
    counts: frozenset[str] = frozenset()


def moment(stage: Stage, column: StagedColumn, zone: str, time: str | None, day_first: bool | None) -> str:
    """TIMESTAMP in UTC; ``zone`` is an expression that names the zone of times without one."""
    if column.type == "TIMESTAMP WITH TIME ZONE":
        return _proven(stage, f"timezone('UTC', {column.sql})")
    if column.type.startswith(("TIMESTAMP", "DATE")) and not time:
        return _proven(stage, _in_utc(f"{column.sql}::TIMESTAMP", zone))
    column = _with_time(stage, column, time)
    how = written(stage, column, day_first)
    text = _text(stage, column, how)
    if not how.zoned:
        found = _in_utc(_local(text, how), zone)
        return _proven(stage, found) if how.plain else found
    offset = f"regexp_extract({text}, {literal(ZONE)}, 1)"
    bare = f"rtrim(left({text}, length({text}) - length({offset})))"
    local = _local(bare, how)
    return f"CASE WHEN {offset} = '' THEN {_in_utc(local, zone)} ELSE {local} - {_offset(offset)} END"


def day(stage: Stage, column: StagedColumn, day_first: bool | None) -> str:
    """DATE as written: no zone moves it."""
    if column.type.startswith(("TIMESTAMP", "DATE")):
        return _proven(stage, f"{column.sql}::DATE")
    how = written(stage, column, day_first)
    text = _text(stage, column, how)
    if how.zoned:
        text = f"rtrim(left({text}, length({text}) - length(regexp_extract({text}, {literal(ZONE)}, 1))))"
    found = f"CAST({_local(text, how)} AS DATE)"
    return _proven(stage, found) if how.plain else found


def _proven(stage: Stage, expression: str) -> str:
    stage.proven.add(expression)
    return expression


def _in_utc(local: str, zone: str) -> str:
    return local if zone == "'UTC'" else f"timezone('UTC', timezone({zone}, {local}))"


def _offset(text: str) -> str:
    digits = f"rpad(regexp_replace({text}, '[^0-9]', '', 'g'), 4, '0')"
    minutes = f"try_cast({digits}[1:2] AS BIGINT) * 60 + try_cast({digits}[3:4] AS BIGINT)"
    return f"to_minutes(CASE WHEN {text}[1] = '-' THEN -1 ELSE 1 END * ({minutes}))"


def _with_time(stage: Stage, column: StagedColumn, time: str | None) -> StagedColumn:
    """The date and the time of day of two columns, as if they were one."""
    others = stage.found([time]) if time else []
    if not others:
        return column
    date, clock = stage.cell(column), stage.cell(others[0])
    if column.type.startswith(("TIMESTAMP", "DATE")):
        date = f"strftime({column.sql}, '%Y-%m-%d')"
    both = replace(column, sql=f"nullif(concat_ws(' ', {date}, CASE WHEN {date} IS NOT NULL THEN {clock} END), '')",
                   type="VARCHAR")
    first, second = stage.profile(column), stage.profile(others[0])
    stage.profiles[both.sql] = values.Profile(first.filled, first.longest + second.longest + 1, True, False,
                                              first.beyond_ascii or second.beyond_ascii, False, False, False)
    return both


def _text(stage: Stage, column: StagedColumn, how: Written) -> str:
    text = stage.cell(column)
    if how.plain:
        return text
    text = values.plain(text, stage.profile(column))
    for word, means in how.words:
        text = f"replace({text}, {literal(word)}, {literal(means)})"
    return f"trim({text})" if how.words else text


def _local(text: str, how: Written) -> str:
    """TIMESTAMP as written, from the text without its zone."""
    if how.plain:
        return f"try_cast({text} AS TIMESTAMP)"
    cases = [f"WHEN regexp_full_match({text}, {literal(COUNTS[c].pattern)}) THEN {COUNTS[c].sql.format(text)}"
             for c in sorted(how.counts)]
    parsed = f"try_strptime({text}, [{', '.join(literal(f) for f in how.formats)}])" if how.formats else \
        "CAST(NULL AS TIMESTAMP)"
    return f"CASE {' '.join(cases)} ELSE {parsed} END" if cases else parsed


@dataclass(frozen=True)
class Count:
    """Moments written as a number of days or seconds since some day."""

    pattern: str
    sql: str
    lowest: float
    highest: float


COUNTS = {
    "excel": Count(r"[0-9]{5}(\.[0-9]+)?",
                   "make_timestamp((round((try_cast({0} AS DOUBLE) - 25569) * 86400) * 1000000)::BIGINT)",
                   7_000, 80_000),
    "seconds": Count(r"[0-9]{10}", "make_timestamp(try_cast({0} AS BIGINT) * 1000000)", 3e8, 4.2e9),
    "milliseconds": Count(r"[0-9]{13}", "make_timestamp(try_cast({0} AS BIGINT) * 1000)", 3e11, 4.2e12),
}


def written(stage: Stage, column: StagedColumn, day_first: bool | None) -> Written:
    """How the column writes dates; raises `Ambiguous` where 05/10/2026 may be either."""
    key = f"{column.sql} date"
    if key not in stage.decided:
        stage.decided[key] = _plain(stage, column) or _by_shapes(stage, column, day_first)
    decided = stage.decided[key]
    assert isinstance(decided, Written)
    return decided


def _plain(stage: Stage, column: StagedColumn) -> Written | None:
    if column.type != "VARCHAR" or not all(ISO.match(s) for s in values.sample(stage, column)):
        return None
    c = stage.cell(column)
    if stage.profile(column).longest <= 19:
        shaped = f"{c} LIKE '____-__-__ __:__:__' OR {c} LIKE '____-__-__T__:__:__' OR {c} LIKE '____-__-__' OR " \
                 f"{c} LIKE '____-__-_____:__'"
    else:
        shaped = f"regexp_full_match({c}, {literal(ISO.pattern[:-1])})"
    sound = stage.engine.value(f"SELECT count({c}) = count_if(try_cast({c} AS TIMESTAMP) IS NOT NULL AND ({shaped})) "
                               f"FROM {quoted(stage.name)}")
    return Written(plain=True) if sound else None


def _by_shapes(stage: Stage, column: StagedColumn, day_first: bool | None) -> Written:
    found = values.shapes(stage, column) or []
    counts = frozenset(name for s in found if (name := _count_of(s)))
    forms = [f for s in found if not _count_of(s) and (f := form_of(s.skeleton, s.largest))]
    first = True
    if any(f.either_order for f in forms):
        first = _day_comes_first(stage, column, forms, day_first)
    formats = dict.fromkeys(f.day_first if first else f.month_first for f in forms)
    words = {w: m for s in found for w, m in words_of(s.skeleton).items()}
    return Written(formats=tuple(sorted(formats, key=_short_years_first)),
                   words=tuple(sorted(words.items(), key=lambda w: -len(w[0]))), zoned=any(f.zoned for f in forms),
                   counts=counts)


def _short_years_first(fmt: str) -> tuple[bool, int]:
    return "%y" not in fmt, -len(fmt)


def _count_of(shape: values.Shape) -> str | None:
    as_digits = shape.skeleton.replace("9", "1")
    return next((name for name, c in COUNTS.items()
                 if re.fullmatch(c.pattern, as_digits) and c.lowest <= shape.largest[0] <= c.highest), None)


def _day_comes_first(stage: Stage, column: StagedColumn, forms: list[Form], stated: bool | None) -> bool:
    told = stage.hint(column) & {DAY_FIRST, MONTH_FIRST}
    if told:
        return DAY_FIRST in told
    days, months = evidence(stage, column)
    if days and months:
        example = _example(stage, column)
        raise _ambiguous(column, example, why("Column '{header}' has dates with the day first and dates with the month "
                                              "first.", header=column.header))
    if days or months:
        return bool(days)
    if all(f.by_points for f in forms if f.either_order):
        return True
    siblings = {bool(d) for d, m in (evidence(stage, c) for c in _siblings(stage, column)) if bool(d) != bool(m)}
    if len(siblings) == 1:
        return siblings.pop()
    if stated is not None:
        return stated
    example = _example(stage, column)
    raise _ambiguous(column, example, why("Column '{header}' has dates such as '{example}': is the day first or the "
                                          "month? No date in the file has a day above 12.", header=column.header,
                                          example=example))


def _example(stage: Stage, column: StagedColumn) -> str:
    return str(stage.engine.value(f"SELECT min({stage.cell(column)}) FROM {quoted(stage.name)}"))


def _ambiguous(column: StagedColumn, example: str, what: Sentence) -> Ambiguous:
    return Ambiguous(what, hint=why("Say which it is."), command=_how(column), column=column.header, example=example,
                     choices=(DAY_FIRST, MONTH_FIRST))


def evidence(stage: Stage, column: StagedColumn) -> tuple[int, int]:
    """How many cells can only have the day first, and how many only the month."""
    text = values.plain(stage.cell(column), stage.profile(column))
    a, b = (f"try_cast(regexp_extract(x, {literal(THREE_NUMBERS)}, {i}) AS INTEGER)" for i in (1, 2))
    found = stage.engine.rows(
        f"SELECT count(*) FILTER (a BETWEEN 13 AND 31 AND b <= 12), count(*) FILTER (b BETWEEN 13 AND 31 AND a <= 12) "
        f"FROM (SELECT {a} AS a, {b} AS b FROM (SELECT {text} AS x FROM {quoted(stage.name)}))")[0]
    return int(found[0]), int(found[1])


def _siblings(stage: Stage, column: StagedColumn) -> list[StagedColumn]:
    """Other columns that hold three numbers in a cell, as this one does."""
    return [c for c in stage.columns if c.type == "VARCHAR" and c.header != column.header
            and (some := values.sample(stage, c, 50)) and all(re.search(THREE_NUMBERS, s) for s in some)]


def _how(column: StagedColumn) -> str:
    return f"--map \"{column.header}={DAY_FIRST}\" or --map \"{column.header}={MONTH_FIRST}\""
