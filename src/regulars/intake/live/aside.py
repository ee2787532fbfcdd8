"""Messages that were set aside: looked at, sent again once what ailed them is mended, or thrown away."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import NotFound
from regulars.intake.live.hooks import REFUND
from regulars.intake.live.log import Message
from regulars.intake.live.requests import fault
from regulars.intake.reasons import as_json, read
from regulars.intake.refusals import why
from regulars.model.phrases import Said

AGAIN = "again"
AT_ONCE = 1000
UNTIL_KNOWN = as_json("not-come")
ALL = "SELECT number, received_at, origin, reason, body::VARCHAR FROM set_aside"


@dataclass(frozen=True)
class Aside:
    """A message that could not be used; ``body`` is JSON as it came, ``received_at`` naive UTC."""

    number: int
    received_at: datetime
    origin: str
    reason: Said
    body: str


def _read(row: tuple[Any, ...]) -> Aside:
    number, received_at, origin, reason, body = row
    return Aside(number, received_at, origin, read(reason), body)


class SetAside:
    """What is set aside in one shop. ``commit`` puts lines on disk, to be settled."""

    def __init__(self, engine: DuckDBEngine, commit: Callable[[Sequence[bytes]], object]) -> None:
        self._engine = engine
        self._commit = commit

    def count(self) -> int:
        return int(self._engine.value("SELECT count(*) FROM set_aside"))

    def list(self, most: int = 100) -> list[Aside]:
        """The newest first."""
        rows = self._engine.rows(f"{ALL} ORDER BY number DESC LIMIT {int(most)}")
        return [_read(row) for row in rows]

    def get(self, number: int) -> Aside:
        """Raises `NotFound`."""
        rows = self._engine.rows(f"{ALL} WHERE number = ?", [number]) if number < 1 << 63 else []
        if not rows:
            raise NotFound(
                why("No message {number} is set aside.", number=number),
                hint=why("See which there are."),
                command="regulars live aside",
            )
        return _read(rows[0])

    def again(self, number: int) -> None:
        """Have one settled anew, as if it had just come; it happened when it did. Raises `NotFound`."""
        self._commit([_line(self.get(number))])
        self._forget([number])

    def again_all(self) -> int:
        """As `again`, of all that are set aside now; how many. What cannot be used still comes back."""
        last, count = self._engine.value("SELECT max(number) FROM set_aside"), 0
        while found := self._engine.rows(f"{ALL} WHERE number <= ? ORDER BY number LIMIT {AT_ONCE}", [last]):
            self._commit([_line(_read(row)) for row in found])
            self._forget([row[0] for row in found])
            count += len(found)
        return count

    def discard_all(self) -> int:
        """Throw away all that are set aside now; how many."""
        return len(self._engine.rows("DELETE FROM set_aside RETURNING number"))

    def again_of_known(self) -> None:
        """Settle anew the refunds that waited for an order which has come since."""
        found = self._engine.rows(
            "SELECT a.number FROM (SELECT number, json_extract_string(body, ['$.platform', '$.of', '$.kind']) AS said "
            "FROM set_aside WHERE reason = ?) a JOIN heard h ON h.platform = a.said[1] AND h.id = a.said[2] "
            "WHERE a.said[3] = ? AND h.own_key IS NOT NULL ORDER BY 1",
            [UNTIL_KNOWN, REFUND],
        )
        for (number,) in found:
            self.again(number)

    def discard(self, number: int) -> None:
        """Throw one away. Raises `NotFound`."""
        self.get(number)
        self._forget([number])

    def _forget(self, numbers: Sequence[int]) -> None:
        self._engine.execute("DELETE FROM set_aside WHERE list_contains(?::BIGINT[], number)", [list(numbers)])


def _line(found: Aside) -> bytes:
    """One that is tried again, for the log: its origin says so, that it is not taken for a repeat."""
    origin = f"{found.origin.partition(f' {AGAIN}')[0]} {AGAIN} {found.number}"
    said = json.loads(found.body)
    wrong = "" if isinstance(said, dict) and said.get("type") == "rows" else fault(said)
    message_id = str(said.get("messageId") or found.number) if isinstance(said, dict) else str(found.number)
    return Message(origin, found.received_at, "", message_id, wrong, found.body).line()
