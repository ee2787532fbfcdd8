"""What kinds of work there are: a function each, found in the folders' ``work.py``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from regulars.app.discovery import modules
from regulars.app.jobs.models import Job
from regulars.app.refusals import why
from regulars.errors import NotFound
from regulars.intake.prepared import Progress

Tell = Callable[[Progress], None]
"""Says where the work stands; raises `Stopped` where it is to stop."""
Work = Callable[[Job, Tell], Any]
COMING, ASKED, ALONE = "coming in", "asked for", "by itself"
LANES = (COMING, ASKED, ALONE)
"""Files and data that come in, what somebody waits for, and what is done by itself: none waits behind another."""


@dataclass(frozen=True)
class Kind:
    """``work`` gives the job's result (JSON) and may be run again after a kill; ``every`` makes it periodic.

    Work of a lane is done one job after the other. What is done by itself makes way for what comes in.
    """

    name: str
    work: Work
    every: timedelta | None = None
    lane: str = ASKED


_kinds: dict[str, Kind] = {}


def work(name: str, every: timedelta | None = None, lane: str = ASKED) -> Callable[[Work], Work]:
    """Marks a function of a folder's ``work.py`` as the work of a kind of job."""
    def keep(function: Work) -> Work:
        _kinds[name] = Kind(name, function, every, lane)
        return function
    return keep


def kinds() -> dict[str, Kind]:
    modules("work")
    return _kinds


def kind(name: str) -> Kind:
    """Raises `NotFound` for work that this Regulars does not know."""
    if name not in kinds():
        raise NotFound(why("There is no work called '{name}'.", name=name))
    return kinds()[name]


def of_lanes(lanes: Collection[str]) -> list[str]:
    """The names of the kinds of these lanes."""
    return [each.name for each in kinds().values() if each.lane in lanes]
