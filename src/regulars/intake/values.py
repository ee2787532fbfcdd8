"""Cells as text: what a column is like as a whole, and the expression that cleans one cell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulars.engines.duckdb import DuckDBEngine, literal, quoted

if TYPE_CHECKING:
    from regulars.intake.stage import Stage, StagedColumn

SPACES = (" \t\n\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
          "\u2028\u2029\u202f\u205f\u3000\ufeff\u200e\u200f")
NOTHING = ("NULL", "null", "\\N", "NaN", "nan", "#N/A", "N/A", "n/a", "<NA>", "None", "NaT")
"""What programs write for an empty cell."""

DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.,"
GUARDED = "^'[-0-9+=@]([^ ]*|[-0-9 ().]*)$"
"""What a spreadsheet guards with a leading apostrophe."""

DIFFERENT_KINDS = 2_000
"""A column with more spellings of its shape than this is no column of numbers or dates."""


TOGETHER = 40
"""Columns looked at in one statement."""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(literal(w) for w in words)


@dataclass(frozen=True)
class Profile:
    """What holds of every cell of a column, from one pass over the table."""

    filled: int
    longest: int
    empty: bool
    padded: bool
    beyond_ascii: bool
    nothing_words: bool
    guarded: bool
    floats: bool


def profiles(engine: DuckDBEngine, name: str, columns: Sequence[StagedColumn]) -> dict[str, Profile]:
    """One pass for all text columns together, and another look at those that may need cleaning."""
    found = {c.sql: Profile(0, 0, True, False, False, False, False, False) for c in columns}
    text = [c.sql for c in columns if c.type == "VARCHAR"]
    for start in range(0, len(text), TOGETHER):
        some = text[start:start + TOGETHER]
        row = engine.rows(f"SELECT {', '.join(_glance(c) for c in some)} FROM {quoted(name)}")[0]
        width = len(row) // len(some)
        found |= _looked(engine, name, {c: row[i * width:(i + 1) * width] for i, c in enumerate(some)})
    return found


def _glance(c: str) -> str:
    return (f"count({c}), max(strlen({c})), min(strlen({c})), min({c}), max({c}), bool_or(suffix({c}, ' ') OR "
            f"suffix({c}, chr(9)) OR suffix({c}, chr(13)) OR suffix({c}, chr(10))), "
            f"bool_or(strlen({c}) <> length({c}))")


def _looked(engine: DuckDBEngine, name: str, glanced: Mapping[str, Sequence[Any]]) -> dict[str, Profile]:
    """Only what the first pass leaves possible is looked for, for all columns together."""
    asked = {c: _asked(c, *row) for c, row in glanced.items()}
    open_questions = [q for questions in asked.values() for q in questions if q not in ("true", "false")]
    known = {"true": True, "false": False}
    if open_questions:
        told = engine.rows(f"SELECT {', '.join(open_questions)} FROM {quoted(name)}")[0]
        known |= {q: bool(v) for q, v in zip(open_questions, told, strict=True)}
    found = {}
    for c, (filled, longest, shortest, _, _, _, beyond_ascii) in glanced.items():
        padded, nothing, guarded, floats = (known[q] for q in asked[c])
        found[c] = Profile(filled, longest or 0, not filled or shortest == 0, padded, bool(beyond_ascii), nothing,
                           guarded, floats)
    return found


def _asked(c: str, filled: int, longest: int, shortest: int, least: str, most: str, trailing: bool,
           beyond_ascii: bool) -> tuple[str, str, str, str]:
    """What the least and the greatest cell and their lengths do not settle: padded, words for nothing, guarded ids,
    decimal ids."""
    if not filled:
        return ("false",) * 4
    guarded = f"bool_or({c} LIKE '''%') AND bool_and(regexp_matches({c}, {literal(GUARDED)})) " \
              f"FILTER ({c} LIKE '''%')"
    return ("true" if trailing else f"bool_or({c} < '!' AND {c} <> '')" if least < "!" else "false",
            f"bool_or({c} IN ({_listed(NOTHING)})) FILTER (strlen({c}) < 5)" if shortest < 5 else "false",
            guarded if least < "(" else "false",
            f"bool_and(suffix({c}, '.0')) FILTER ({c} <> '')" if most.endswith(".0") else "false")


def clean(c: str, sql_type: str, profile: Profile) -> str:
    """The cell as text; only what the column needs is done to it."""
    if sql_type in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN isfinite({c}) THEN regexp_replace({c}::VARCHAR, '\\.0$', '') END"
    if sql_type != "VARCHAR":
        return f"{c}::VARCHAR"
    if profile.beyond_ascii:
        c = f"trim(nfc_normalize({c}), {literal(SPACES)})"
    elif profile.padded:
        c = f"trim({c}, {literal(SPACES[:6])})"
    if profile.guarded:
        c = f"CASE WHEN {c} LIKE '''%' THEN substr({c}, 2) ELSE {c} END"
    if profile.nothing_words:
        return f"CASE WHEN {c} NOT IN ('', {_listed(NOTHING)}) THEN {c} END"
    return f"nullif({c}, '')" if profile.empty or profile.padded or profile.beyond_ascii or profile.guarded else c


def key(stage: Stage, column: StagedColumn) -> str:
    cell = stage.cell(column)
    if stage.profile(column).floats:
        return f"regexp_replace({cell}, '^([0-9]+)\\.0$', '\\1')"
    return cell


def plain(cell: str, profile: Profile) -> str:
    """The cell with its digits in ASCII, lower-cased, and one plain space where there are several of any kind."""
    if not profile.beyond_ascii:
        return f"lower(regexp_replace({cell}, '\\s+', ' ', 'g'))"
    ascii_digits = f"translate({cell}, '{DIGITS[0]}', '{DIGITS[1]}')"
    return f"lower(trim(regexp_replace(regexp_replace({ascii_digits}, '[\\x{{200e}}\\x{{200f}}]', '', 'g'), " \
           "'[\\s\\x{a0}\\x{2000}-\\x{200a}\\x{202f}\\x{3000}]+', ' ', 'g')))"


@dataclass(frozen=True)
class Shape:
    """Cells written alike: digits as 9. ``largest`` is the largest first, second and third number among them."""

    skeleton: str
    count: int
    example: str
    largest: tuple[int, int, int]


def shapes(stage: Stage, column: StagedColumn) -> list[Shape] | None:
    """The different shapes of a column's cells, most frequent first; None where there are too many."""
    text = plain(stage.cell(column), stage.profile(column))
    runs = ", ".join(f"max(try_cast(regexp_extract(x, '^{skip}([0-9]+)', 1) AS BIGINT))"
                     for skip in ("[^0-9]*", "[^0-9]*[0-9]+[^0-9]+", "[^0-9]*[0-9]+[^0-9]+[0-9]+[^0-9]+"))
    found = stage.engine.rows(
        f"SELECT regexp_replace(x, '[0-9]', '9', 'g') AS skeleton, sum(n)::BIGINT AS n, min(given), {runs} FROM "
        f"(SELECT {text} AS x, count(*) AS n, min({stage.cell(column)}) AS given FROM {quoted(stage.name)} GROUP BY 1) "
        f"WHERE x IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT {DIFFERENT_KINDS + 1}")
    if len(found) > DIFFERENT_KINDS:
        return None
    return [Shape(s, n, e, (a or 0, b or 0, c or 0)) for s, n, e, a, b, c in found]


def sample(stage: Stage, column: StagedColumn, count: int = 4_000) -> list[str]:
    """Some filled cells: the first ones, and others from all over the table."""
    table = f"sample_{stage.name}"
    if "sample" not in stage.decided:
        step = max(1, stage.rows // 2_000)
        stage.engine.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS SELECT * FROM {quoted(stage.name)} "
                             f"WHERE _row <= 2000 OR _row % {step} = 0")
        stage.decided["sample"] = table
    return [r[0] for r in stage.engine.rows(f"SELECT DISTINCT x FROM (SELECT {stage.cell(column)} AS x FROM "
                                            f"{quoted(table)}) WHERE x IS NOT NULL ORDER BY hash(x), x LIMIT {count}")]
