"""Automations and who is where in them, as kept in ``outreach.sqlite``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from regulars.engines.duckdb import fold
from regulars.errors import NotFound, Refused
from regulars.outreach.automations.automation import DRAFT, OFF, ON, Automation, checked
from regulars.outreach.automations.machine import UNDER_WAY, Enrolment
from regulars.outreach.refusals import why
from regulars.outreach.store import Store, moment_of, text_of

LONGEST_NAME = 150
COLUMNS = "id, name, state, why, doc, changed_at, changed_by, started_at, looked_at, cursor"
OF_ENROLMENT = "automation_id, customer_id, occasion, step, state, began_at, due_at, ended_at, why"


class Kept:
    """Those of one shop. ``now`` is naive UTC."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def list(self) -> Sequence[Automation]:
        """All of them, by name."""
        return [_read(row) for row in self.store.rows(f"SELECT {COLUMNS} FROM automations ORDER BY folded")]

    def get(self, name: str) -> Automation:
        """Raises `NotFound` with the nearest name."""
        rows = self.store.rows(f"SELECT {COLUMNS} FROM automations WHERE folded = ?", [fold(name)])
        if rows:
            return _read(rows[0])
        known = {fold(n): n for (n,) in self.store.rows("SELECT name FROM automations")}
        near = difflib.get_close_matches(fold(name), [*known], 1)
        raise NotFound(why("There is no automation called '{name}'.", name=name),
                       hint=why("Did you mean {near}?", near=known[near[0]]) if near else why("See which there are."),
                       command="" if near else "regulars automation list")

    def by_id(self, number: int) -> Automation:
        return _read(self.store.rows(f"SELECT {COLUMNS} FROM automations WHERE id = ?", [number])[0])

    def add(self, automation: Automation, *, now: datetime, by: str) -> Automation:
        """A draft without steps; raises `Refused` where the name is taken or what begins it cannot be."""
        checked(automation.trigger)
        name = " ".join(automation.name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(why("An automation needs a name of 1 to {most} characters.", most=LONGEST_NAME))
        if self.store.rows("SELECT 1 FROM automations WHERE folded = ?", [fold(name)]):
            raise Refused(why("There is an automation called '{name}' already.", name=name),
                          hint=why("Change it, or choose another name."))
        with self.store.writing() as c:
            c.execute("INSERT INTO automations (name, folded, state, doc, changed_at, changed_by) VALUES (?, ?, ?, ?, "
                      "?, ?)", [name, fold(name), DRAFT, automation.to_json(), text_of(now), by])
        return self.get(name)

    def change(self, automation: Automation, *, now: datetime, by: str) -> Automation:
        """As given: what begins it, its steps, and whom for."""
        with self.store.writing() as c:
            c.execute("UPDATE automations SET doc = ?, changed_at = ?, changed_by = ? WHERE id = ?",
                      [replace(automation, trigger=checked(automation.trigger)).to_json(), text_of(now), by,
                       automation.id])
        return self.by_id(automation.id)

    def remove(self, automation: Automation) -> None:
        """A draft: nobody was ever in it."""
        with self.store.writing() as c:
            c.execute("DELETE FROM automations WHERE id = ? AND state = ?", [automation.id, DRAFT])

    def move(self, automation: Automation, to: str, *, of: Sequence[str], now: datetime) -> Automation:
        """Into another state, out of one of ``of``; raises `Refused` where it is in none of these (any more)."""
        marks = ", ".join("?" for _ in of)
        with self.store.writing() as c:
            done = c.execute(f"UPDATE automations SET state = ?, why = '', started_at = coalesce(started_at, ?) WHERE "
                             f"id = ? AND state IN ({marks})",
                             [to, text_of(now) if to == ON else None, automation.id, *of]).rowcount
        if not done:
            raise Refused(why("'{name}' is off for good.", name=automation.name) if
                          self.by_id(automation.id).state == OFF else
                          why("'{name}' is not on, or is so already.", name=automation.name))
        return self.by_id(automation.id)

    def looked(self, automation: Automation, *, cursor: int, now: datetime | None) -> None:
        """How far it has followed what happens; None where it has not looked yet."""
        with self.store.writing() as c:
            c.execute("UPDATE automations SET cursor = ?, looked_at = ?, why = '' WHERE id = ?",
                      [cursor, text_of(now) if now else None, automation.id])

    def trouble(self, automation: Automation, said: str) -> None:
        """What keeps it from going on."""
        with self.store.writing() as c:
            c.execute("UPDATE automations SET why = ? WHERE id = ? AND why <> ?", [said, automation.id, said])

    def begin(self, enrolments: Iterable[Enrolment]) -> int:
        """Those that were never begun for their occasion; how many there were."""
        with self.store.writing() as c:
            before = c.total_changes
            c.executemany(f"INSERT OR IGNORE INTO enrolments ({OF_ENROLMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          [(e.automation, e.customer_id, e.occasion, e.step, e.state, text_of(e.began_at),
                            text_of(e.due_at), None, "") for e in enrolments])
            return c.total_changes - before

    def write(self, enrolments: Iterable[Enrolment]) -> int:
        """As they stand now, where they were under way; how many there were."""
        with self.store.writing() as c:
            before = c.total_changes
            c.executemany(
                "UPDATE enrolments SET step = ?, state = ?, due_at = ?, ended_at = ?, why = ? WHERE automation_id = ? "
                f"AND customer_id = ? AND occasion = ? AND state = '{UNDER_WAY}'",
                [(e.step, e.state, text_of(e.due_at), text_of(e.ended_at) if e.ended_at else None, e.why, e.automation,
                  e.customer_id, e.occasion) for e in enrolments])
            return c.total_changes - before

    def under_way(self, automation: Automation, due_by: datetime | None = None) -> Sequence[Enrolment]:
        """Who is in it, those whose step is due first; all, or those due by a moment."""
        until = text_of(due_by) if due_by else "9999"
        return self._enrolments(f"automation_id = ? AND state = '{UNDER_WAY}' AND due_at <= ? ORDER BY due_at, "
                                "customer_id", [automation.id, until])

    def of_customer(self, customer_id: str) -> Sequence[Enrolment]:
        """Everything that was ever begun for one person, the latest first."""
        return self._enrolments("customer_id = ? ORDER BY began_at DESC", [customer_id])

    def times(self, automation: Automation, customers: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """How often it has begun for each, and whether it is under way; who never was in it is left out."""
        wanted = set(customers)
        return {who: (n, bool(on)) for who, n, on in self.store.rows(
            f"SELECT customer_id, count(*), max(state = '{UNDER_WAY}') FROM enrolments WHERE automation_id = ? "
            "GROUP BY customer_id", [automation.id]) if who in wanted}

    def counts(self, automation: Automation) -> dict[str, int]:
        """How many stand where; where nobody stands is left out."""
        return dict(self.store.rows("SELECT state, count(*) FROM enrolments WHERE automation_id = ? GROUP BY state",
                                    [automation.id]))

    def _enrolments(self, where: str, parameters: Sequence[Any]) -> Sequence[Enrolment]:
        return [Enrolment(number, who, occasion, step, state, datetime.fromisoformat(began),
                          datetime.fromisoformat(due), moment_of(over), reason)
                for number, who, occasion, step, state, began, due, over, reason in self.store.rows(
                    f"SELECT {OF_ENROLMENT} FROM enrolments WHERE {where}", parameters)]


def _read(row: tuple[Any, ...]) -> Automation:
    number, name, state, reason, doc, changed_at, changed_by, started_at, looked_at, cursor = row
    return Automation.from_json(
        doc, id=number, name=name, state=state, why=reason, changed_at=moment_of(changed_at), changed_by=changed_by,
        started_at=moment_of(started_at), looked_at=moment_of(looked_at), cursor=cursor)
