"""Taking a person out of the shop everywhere. What they bought stays in the sums, and is nobody's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine, fold, literal
from regulars.errors import NotFound
from regulars.intake import settle
from regulars.intake.identities import ERASED, token
from regulars.intake.merges import ids_of
from regulars.intake.refusals import why
from regulars.intake.traces import TRACES

KEPT_AS_NOBODYS = {"orders": "", "lines": "", "returns": "", "messages": ", link = NULL",
                   "tickets": ", topic = NULL, status = NULL"}
REMOVED = ("visits", "checkouts", "events", "answers", "identities", "customers", "scores", "memberships")
TEXT_FILES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
PUT_INSTEAD = "(erased)"
"""The key in ``meta`` that stands while the facts' file may still hold bytes of somebody who was erased."""


@dataclass(frozen=True)
class Erased:
    """What an erasure did. ``files`` are kept uploads that may still speak of the person and could not be cleaned.

    ``traces``: the facts' file could not be written anew yet, and its free places may still hold bytes of the rows.
    """

    customer_id: str
    removed: dict[str, int]
    made_nobodys: dict[str, int]
    cleaned_files: tuple[str, ...]
    files: tuple[str, ...]
    traces: bool = True


def erase_person(engine: DuckDBEngine, customer_id: str,
                 now: datetime | None = None) -> tuple[Erased, tuple[str, ...], dict[str, bool]]:
    """Erase inside the caller's transaction; also returns the words to look for in kept files, and these files' names
    with whether rows of the person came from them.

    What stays of the person is a digest of each identity, so that an old file does not bring them back.
    """
    ids = ids_of(engine, customer_id)
    words = _words(engine, customer_id, ids)
    files = _files(engine, customer_id, ids)
    settle.make_room(engine)
    for kind, value in engine.rows("SELECT kind, value FROM identities WHERE customer_id = ?", [customer_id]):
        engine.execute("INSERT INTO meta SELECT ?, '1' WHERE NOT EXISTS (FROM meta WHERE key = ?)",
                       [ERASED + token(kind, value)] * 2)
    engine.execute("INSERT INTO meta SELECT ?, '1' WHERE NOT EXISTS (FROM meta WHERE key = ?)", [TRACES] * 2)
    _clean_books(engine, customer_id, ids, words)
    nobodys = {}
    for table, more in KEPT_AS_NOBODYS.items():
        nobodys[table] = _count(engine, table, customer_id)
        engine.execute(f"UPDATE {table} SET customer_id = NULL{more} WHERE customer_id = ?", [customer_id])
    removed = {}
    for table in REMOVED:
        removed[table] = _count(engine, table, customer_id)
        engine.execute(f"DELETE FROM {table} WHERE customer_id = ?", [customer_id])
    engine.execute("INSERT INTO touched SELECT customer_id FROM customers WHERE list_contains(?, referred_by)", [ids])
    engine.execute("UPDATE customers SET referred_by = NULL WHERE list_contains(?, referred_by)", [ids])
    engine.execute("INSERT INTO touched VALUES (?)", [customer_id])
    settle.count_change(engine, now)
    done = Erased(customer_id, {t: n for t, n in removed.items() if n}, {t: n for t, n in nobodys.items() if n}, (), ())
    return done, words, files


def _count(engine: DuckDBEngine, table: str, customer_id: str) -> int:
    return int(engine.value(f"SELECT count(*) FROM {table} WHERE customer_id = ?", [customer_id]))


def _words(engine: DuckDBEngine, customer_id: str, ids: Sequence[str]) -> tuple[str, ...]:
    """What names this person and hardly anybody else: addresses, numbers, full names, also of whom was merged."""
    rows = engine.rows("SELECT email, phone, name FROM customers WHERE customer_id = ?", [customer_id])
    if not rows:
        raise NotFound(why("There is no customer {customer}.", customer=customer_id), hint=why("Find them."),
                       command="regulars customers find NAME")
    email, phone, name = rows[0]
    known = [v for (v,) in engine.rows("SELECT value FROM identities WHERE customer_id = ? AND kind IN "
                                       "('email', 'phone') "
                                       "ORDER BY value", [customer_id])]
    names = [name, *(n for (n,) in engine.rows(
        "SELECT json_extract_string(absorbed_row, '/absorbed/name') FROM merges WHERE list_contains($1, absorbed) AND "
        "undone_at IS NULL ORDER BY merge_id", [list(ids)]))]
    full = [n for n in names if n and " " in n.strip()]
    return tuple(dict.fromkeys(fold(w) for w in (*known, email, phone, *full) if w and len(w) > 4))


def _files(engine: DuckDBEngine, customer_id: str, ids: Sequence[str]) -> dict[str, bool]:
    """Kept files of imports that said something of this person (True), and others that can be searched."""
    tables = ("customers", "identities", *KEPT_AS_NOBODYS, "visits", "checkouts", "events", "answers")
    sources = " UNION ".join(f"SELECT source FROM {t} WHERE customer_id = {literal(customer_id)}" for t in tables)
    rows = engine.rows("SELECT json_extract_string(receipt, '/stored_file'), json_extract_string(receipt, "
                       "'/refused_file'), "
                       f"import_id IN ({sources} UNION SELECT import_id FROM replaced WHERE table_name = 'customers' "
                       f"AND row_key IN ({_listed(ids)})) FROM imports ORDER BY import_id")
    # A file that said nothing new, or was taken back, has no row of its own and may still name the person.
    stored = {s: bool(speaks) for s, _, speaks in rows if s and (speaks or s.lower().endswith(TEXT_FILES))}
    return stored | {r: True for _, r, _ in rows if r}


def _clean_books(engine: DuckDBEngine, customer_id: str, ids: Sequence[str], words: Iterable[str]) -> None:
    """Earlier states of rows, refused rows, merges and receipts say nothing of the person any more."""
    who = _listed(ids)
    engine.execute(f"DELETE FROM replaced WHERE (table_name = 'customers' AND row_key IN ({who})) OR (table_name IN "
                   f"('visits', 'checkouts', 'events', 'answers') AND json_extract_string(before, "
                   f"'/customer_id') IN ({who}))")
    for column in ("customer_id", "referred_by"):
        engine.execute(f"UPDATE replaced SET before = json_merge_patch(before, '{{\"{column}\": null}}') "
                       f"WHERE json_extract_string(before, '/{column}') IN ({who})")
    for table in ("same_pairs", "same_decided"):
        engine.execute(f"DELETE FROM {table} WHERE one IN ({who}) OR other IN ({who})")
    merges = f"SELECT merge_id FROM merges WHERE kept IN ({who}) OR absorbed IN ({who})"
    engine.execute(f"DELETE FROM merge_moves WHERE merge_id IN ({merges})")
    engine.execute(f"DELETE FROM merges WHERE merge_id IN ({merges})")
    engine.execute("DELETE FROM heard WHERE platform = 'live' AND (kind, id) IN (SELECT (kind, value) FROM identities "
                   "WHERE customer_id = ?)", [customer_id])
    for word in words:
        engine.execute("DELETE FROM rejected WHERE contains(fold(CAST(content AS VARCHAR)), ?) OR "
                       "contains(fold(reason), ?)",
                       [word, word])
        engine.execute("DELETE FROM set_aside WHERE contains(fold(CAST(body AS VARCHAR)), ?)", [word])
    for import_id, text in engine.rows("SELECT import_id, CAST(receipt AS VARCHAR) FROM imports WHERE receipt "
                                       "IS NOT NULL"):
        cleaned = without(text, words)
        if cleaned != text:
            engine.execute("UPDATE imports SET receipt = ? WHERE import_id = ?", [cleaned, import_id])


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(map(literal, ids))


def without(text: str, words: Iterable[str]) -> str:
    """A receipt without the words: in any text of it that holds one, the word's whole text gives way."""
    def clean(value: object) -> object:
        if isinstance(value, str):
            return PUT_INSTEAD if any(w in fold(value) for w in words) else value
        if isinstance(value, list):
            return [clean(v) for v in value]
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items()}
        return value
    loaded = json.loads(text)
    cleaned = clean(loaded)
    return text if cleaned == loaded else json.dumps(cleaned, ensure_ascii=False)


def clean_files(folder: Path, names: Mapping[str, bool],
                words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take lines that name the person out of kept text files; returns (cleaned, those that may still name them).

    ``names``: file -> whether rows of the person came from it.
    """
    cleaned, left = [], []
    for name, speaks in names.items():
        path = folder / name
        if not path.exists():
            continue
        found = _clean_file(path, words) if path.suffix.lower() in TEXT_FILES and words else None
        if found:
            cleaned.append(name)
        elif speaks or found is None:
            left.append(name)
    return tuple(cleaned), tuple(left)


def _clean_file(path: Path, words: tuple[str, ...]) -> bool | None:
    """Whether the file had lines that name the person (these are gone); None where it cannot be read as text."""
    half = path.with_name(f".{path.name}.part")
    found = False
    try:
        with path.open(encoding="utf-8-sig", newline="") as old, half.open("w", encoding="utf-8", newline="") as new:
            for line in old:
                if any(w in fold(line) for w in words):
                    found = True
                else:
                    new.write(line)
        if found:
            os.replace(half, path)
    except UnicodeDecodeError:
        return None
    finally:
        half.unlink(missing_ok=True)
    return found
