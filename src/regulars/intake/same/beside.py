"""Two customers held against each other: what is known of each, and merges of whom something says they are two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.intake.rows import make_temp
from regulars.intake.same.cards import names
from regulars.intake.same.weighing import NAMES_ALIKE

NAME, BIRTH = "name", "birth"


@dataclass(frozen=True)
class Details:
    """``known_by`` are addresses and numbers; ``since`` is the first moment anything is known of, ``source`` the file
    that told of them first."""

    known_by: tuple[str, ...]
    street: str | None
    postcode: str | None
    city: str | None
    birth_date: date | None
    since: datetime | None
    source: str | None


@dataclass(frozen=True)
class Joined:
    """A merge that stands, with the names of both as they were. ``doubt``: what says that they are two (name, birth),
    "" for nothing."""

    merge_id: str
    at: datetime
    kept: str
    absorbed: str
    reason: str
    kept_name: str | None
    absorbed_name: str | None
    doubt: str


def details(engine: DuckDBEngine, customers: Sequence[str]) -> Mapping[str, Details]:
    """Of each of these that is there."""
    rows = engine.rows("""
        SELECT c.customer_id, coalesce(k.known_by, []), street, postcode, city, birth_date,
            least(c."at", signed_up_at, first_seen), i.file_name
        FROM customers c LEFT JOIN imports i ON i.import_id = c.source LEFT JOIN (
            SELECT customer_id, list(value ORDER BY kind, value) AS known_by FROM identities
            WHERE kind IN ('email', 'phone') AND customer_id IN (SELECT unnest($1::VARCHAR[])) GROUP BY 1) k
            ON k.customer_id = c.customer_id
        WHERE c.customer_id IN (SELECT unnest($1::VARCHAR[]))""", [list(customers)])
    return {customer: Details(tuple(known_by), *rest) for customer, known_by, *rest in rows}


WAS = "json_extract_string(absorbed_row, '/{side}/{column}')"
SIDES = " UNION ALL ".join(
    f"SELECT merge_id || '{side[0]}' AS customer_id, "
    + ", ".join(f"{WAS.format(side=side, column=c)} AS {c}" for c in ("name", "first_name", "last_name"))
    + f", TRY_CAST({WAS.format(side=side, column='birth_date')} AS DATE) AS birth FROM merges "
    "WHERE undone_at IS NULL" for side in ("kept", "absorbed"))
"""Both sides of each merge that stands, as they were."""


def doubt(engine: DuckDBEngine, now: datetime) -> None:
    """Note merges of whom the names or dates of birth say that they are two, unless something was said of them
    already. Inside the caller's transaction."""
    make_temp(engine, "same_sides", SIDES)
    engine.execute(f"""
        INSERT INTO same_decided WITH split AS ({names('same_sides')}), held AS (
            SELECT DISTINCT least(m.kept, m.absorbed) AS one, greatest(m.kept, m.absorbed) AS other,
                CASE WHEN NOT {NAMES_ALIKE} THEN '{NAME}' WHEN k.birth <> x.birth THEN '{BIRTH}' END AS what
            FROM merges m JOIN same_sides k ON k.customer_id = m.merge_id || 'k' JOIN same_sides x ON
                x.customer_id = m.merge_id || 'a' LEFT JOIN split a ON a.customer_id = k.customer_id
                LEFT JOIN split b ON b.customer_id = x.customer_id WHERE m.undone_at IS NULL)
        SELECT one, other, any_value(what), $1, '' FROM held ANTI JOIN same_decided USING (one, other)
        WHERE what IS NOT NULL GROUP BY one, other""", [now])


def joined(engine: DuckDBEngine, doubted: bool | None, skip: int, most: int) -> list[Joined]:
    """The merges that stand, the latest first; what is doubted is as of the last look."""
    def said(side: str) -> str:
        listed = ", ".join(WAS.format(side=side, column=c) for c in ("first_name", "last_name"))
        return f"coalesce({WAS.format(side=side, column='name')}, nullif(concat_ws(' ', {listed}), ''))"
    rows = engine.rows(f"""
        SELECT merge_id, "at", kept, absorbed, reason, {said('kept')}, {said('absorbed')}, doubt FROM (
            SELECT m.*, coalesce(d.what, '') AS doubt FROM merges m LEFT JOIN same_decided d ON
                d.one = least(m.kept, m.absorbed) AND d.other = greatest(m.kept, m.absorbed)
                AND d.what IN ('{NAME}', '{BIRTH}')
            WHERE m.undone_at IS NULL AND ($1 IS NULL OR (d.what IS NOT NULL) = $1)
            ORDER BY m.merge_id DESC LIMIT {int(most)} OFFSET {int(skip)}) ORDER BY merge_id DESC""", [doubted])
    return [Joined(*row) for row in rows]
