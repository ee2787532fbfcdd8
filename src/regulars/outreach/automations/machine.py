"""Where one person stands in one automation: begun, handed step after step, done, or ended before.

    (nothing) --begins--> under way --each step when it is due--> done
                              \\--leaves the segment, is no customer any more, or it is switched off--> ended

It only ever goes on from where it stands: nothing that is done or ended comes back, and no step is handed twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from regulars.outreach.automations.automation import Automation

UNDER_WAY, DONE, ENDED = "under way", "done", "ended"


@dataclass(frozen=True)
class Enrolment:
    """``occasion`` tells apart the times it began for one person. ``step`` is the next to be handed, at ``due_at``.

    ``why`` it ended: a code of ``reasons``. Moments are naive UTC.
    """

    automation: int
    customer_id: str
    occasion: str
    step: int
    state: str
    began_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    why: str = ""


def begun(automation: Automation, customer_id: str, occasion: str, at: datetime) -> Enrolment:
    """What began it happened ``at``."""
    return Enrolment(automation.id, customer_id, occasion, 0, UNDER_WAY, at, at + automation.after(0))


def due(enrolment: Enrolment, now: datetime) -> bool:
    """Whether its next step is to be handed now."""
    return enrolment.state == UNDER_WAY and enrolment.due_at <= now


def handed(enrolment: Enrolment, automation: Automation, now: datetime) -> Enrolment:
    """After its step was handed at ``now``: the next one is counted from now, so that steps never catch up in a row."""
    if not due(enrolment, now):
        return enrolment
    step = enrolment.step + 1
    if step == len(automation.steps):
        return replace(enrolment, step=step, state=DONE, ended_at=now)
    return replace(enrolment, step=step, due_at=now + automation.after(step))


def inserted(enrolment: Enrolment, place: int, before: Automation, after: Automation) -> Enrolment:
    """After a step came in at a place (from 0): who has not passed it gets it next, or on the way; who has does not.

    What was to come at that place was counted from the step before it, and so is what comes there now.
    """
    if enrolment.state != UNDER_WAY or enrolment.step < place:
        return enrolment
    if enrolment.step > place:
        return replace(enrolment, step=enrolment.step + 1)
    return replace(enrolment, due_at=enrolment.due_at - before.after(place) + after.after(place))


def ended(enrolment: Enrolment, why: str, now: datetime) -> Enrolment:
    """Before its last step, for a reason; what is over already stays as it is."""
    return replace(enrolment, state=ENDED, ended_at=now, why=why) if enrolment.state == UNDER_WAY else enrolment
