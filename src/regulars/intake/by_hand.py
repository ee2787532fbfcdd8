"""What a person does to customers by hand: join two, take them apart again, erase one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotFound, Refused
from regulars.intake.refusals import why
from regulars.intake.traces import remove_traces
from regulars.model.later import later

if TYPE_CHECKING:
    from regulars.intake.erase import Erased
    from regulars.intake.merges import Merged
    from regulars.intake.same import Same

# Who only finds customers, as every preview does for its sample, does without: all of intake hangs on them.
erasing = later("regulars.intake.erase")
identities = later("regulars.intake.identities")
imports = later("regulars.intake.imports")
merging = later("regulars.intake.merges")
settle = later("regulars.intake.settle")
suggesting = later("regulars.intake.same")


class ByHand:
    """``files`` is where uploaded files are kept. ``now`` is naive UTC. Temp table ``touched`` says whom it touched."""

    def __init__(self, engine: DuckDBEngine, files: Path) -> None:
        self._engine = engine
        self._files = files

    def merge(self, kept: str, absorbed: str, *, now: datetime) -> Merged:
        """Make one customer of two: ``kept`` gets all that is ``absorbed``'s. Raises `NotFound`, `Refused`."""
        if kept == absorbed:
            raise Refused(why("{kept} cannot be merged with itself.", kept=kept))
        for customer in (kept, absorbed):
            if not self._engine.rows("SELECT 1 FROM customers WHERE customer_id = ?", [customer]):
                raise NotFound(why("There is no customer {customer}.", customer=customer), hint=why("Find them."),
                               command="regulars customers find NAME")
        with self._engine.changing_facts():
            settle.make_room(self._engine)
            merge = identities.Merge(kept, absorbed, merging.BY_HAND)
            done: list[Merged] = merging.merge_all(self._engine, [merge], merging.BY_HAND, now)
            imports.settle_all(self._engine, None)
            settle.count_change(self._engine, now)
        return done[0]

    def unmerge(self, merge_id: str, *, now: datetime) -> Merged:
        """Take a merge back, by its id or by the customer it absorbed; no file joins the two again."""
        with self._engine.changing_facts():
            settle.make_room(self._engine)
            known = self._engine.value("SELECT max(merge_id) FROM merges WHERE absorbed = ? AND undone_at IS "
                                       "NULL", [merge_id])
            merge: Merged = merging.find_merge(self._engine, known or merge_id)
            merging.unmerge_one(self._engine, merge, now)
            imports.settle_all(self._engine, None)
            settle.count_change(self._engine, now)
        return merge

    def merges(self, customer: str | None = None) -> list[Merged]:
        """The merges that stand, of one customer or of all."""
        rows = self._engine.rows("SELECT merge_id, kept, absorbed, reason FROM merges WHERE undone_at IS NULL "
                                 "AND (?::VARCHAR IS NULL OR kept = ? OR absorbed = ?) ORDER BY "
                                 "merge_id", [customer] * 3)
        return [merging.Merged(*row) for row in rows]

    def ids(self, customer: str) -> list[str]:
        """The customer's own id first, then of all who were merged into them, by whatever way."""
        found: list[str] = merging.ids_of(self._engine, customer)
        return found

    @cached_property
    def same(self) -> Same:
        """Who may be the same person."""
        made: Same = suggesting.Same(self._engine)
        return made

    def erase(self, customer: str, *, now: datetime | None = None,
              also: Callable[[], None] = lambda: None) -> Erased:
        """Remove a person everywhere and keep anonymous totals; ``also`` is done in the same transaction.

        Raises `NotFound`.
        """
        with self._engine.turn_of_looks(), self._engine.changing_facts():
            also()
            erased, words, files = erasing.erase_person(self._engine, customer, now)
        done: Erased = erased
        cleaned, left = erasing.clean_files(self._files, files, words)
        return replace(done, cleaned_files=cleaned, files=left, traces=not remove_traces(self._engine))
