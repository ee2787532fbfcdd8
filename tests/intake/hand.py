"""Imports made by hand: canonical rows as the front half of intake would have prepared them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from regulars.intake.by_hand import ByHand
from regulars.intake.imports import Imports
from regulars.intake.prepared import OwnField, Prepared
from regulars.intake.receipt import Receipt
from regulars.model.settings import Settings
from regulars.model.tables import TABLES
from regulars.shop import Shop
from regulars.shop.check import check

NOW = datetime(2026, 11, 22, 12)
SQL = {"text": "VARCHAR", "list of text": "VARCHAR[]", "number": "DOUBLE", "whole number": "BIGINT",
       "exact number": "DECIMAL(18,4)", "money": "DECIMAL(18,4)", "yes/no": "BOOLEAN", "moment": "TIMESTAMP",
       "date": "DATE", "properties": "JSON"}
Rows = Sequence[dict[str, Any]]


class Hand:
    """A shop, and files brought in by hand."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.shop = Shop.create(folder, Settings(**{"country": "GB", "currency": "GBP", **settings}))
        self.engine = self.shop.engine
        self.imports = Imports(self.engine, self.shop.settings, folder / "files")
        self.by_hand = ByHand(self.engine, folder / "files")

    def bring(self, *, platform: str = "file", own: Sequence[OwnField] = (), refused: Rows = (), now: datetime = NOW,
              dry_run: bool = False, good_rows: bool = False, file: Path | None = None, **tables: Rows) -> Receipt:
        """Import tables of rows; rows without ``_row`` are numbered through the whole file."""
        def prepared() -> Iterator[Prepared]:
            read = set()
            at = 0
            for name, rows in tables.items():
                numbered = [{"_row": at + i, **row} for i, row in enumerate(rows, 1)]
                at += len(rows)
                read |= {r["_row"] for r in numbered}
                self._make(name, numbered, own)
            self.engine.execute("CREATE OR REPLACE TEMP TABLE in_refused (_row BIGINT, reason VARCHAR, content JSON)")
            for row in refused:
                at += 1
                self.engine.execute("INSERT INTO in_refused VALUES (?, ?, ?)", [at, row["reason"], json.dumps(row)])
            digest = hashlib.sha256(json.dumps(tables, default=str, sort_keys=True).encode()).hexdigest()
            yield Prepared("hand.csv", digest, f"{platform}-orders", platform, {}, len(read) + len(refused),
                           tuple(tables), tuple(own))
        return self.imports.take(prepared, now=now, dry_run=dry_run, good_rows=good_rows, file=file)[0]

    def _make(self, name: str, rows: Rows, own: Sequence[OwnField]) -> None:
        kinds = {c.name: SQL[c.type.value] for c in TABLES[name].columns} | {"_row": "BIGINT"}
        kinds |= {f.name: SQL[f.type.value] for f in own if f.table == name}
        columns = list(dict.fromkeys(c for row in rows for c in row))
        body = ", ".join(f'"{c}" {kinds.get(c, "VARCHAR")}' for c in columns)
        self.engine.execute(f"CREATE OR REPLACE TEMP TABLE in_{name} ({body})")
        for row in rows:
            marks = ", ".join("?" for _ in row)
            listed = ", ".join(f'"{c}"' for c in row)
            self.engine.execute(f"INSERT INTO in_{name} ({listed}) VALUES ({marks})", list(row.values()))

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.engine.rows(sql, parameters)

    def row(self, sql: str, *parameters: Any) -> tuple[Any, ...]:
        found = self.rows(sql, *parameters)
        assert len(found) == 1, found
        return found[0]

    def state(self, but: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
        """Every fact, and who is who, sorted: what two equal shops have in common."""
        tables = [*TABLES, "fields"]
        return {t: sorted(self.rows(f"SELECT * FROM {t}"), key=repr) for t in tables if t not in but}

    def consistent(self) -> bool:
        found = check(self.engine)
        assert not found.problems, "\n".join(map(str, found.problems))
        return found.consistent


def at(day: int, hour: int = 12, month: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour)
