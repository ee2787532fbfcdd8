"""Driving jobs on: the queue only wakes, the rows say what there is to do. Each lane has a driver of its own.

A job is claimed by a lease that its progress renews. Whoever dies holding one leaves a row whose lease runs out, and
the next look takes it up again: so work must be such that running it again is harmless.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import close_old_connections, models
from django.utils import timezone

from regulars.app.doors.models import Person
from regulars.app.jobs.kinds import ALONE, COMING, LANES, Tell, kind, kinds, of_lanes
from regulars.app.jobs.models import DONE, FAILED, OPEN, RUNNING, STOPPED, WAITING, Job
from regulars.app.metrics import ENDED, JOB_SECONDS
from regulars.errors import RegularsError
from regulars.intake.prepared import Progress
from regulars.model.phrases import as_text, phrases

text, counted = phrases("regulars.app.jobs", "running")
log = logging.getLogger("regulars.app.jobs")
LEASE = timedelta(seconds=60)
TOLD_EVERY = timedelta(seconds=0.5)
MOST_TRIES = 3


class Stopped(BaseException):
    """Leaves a job's work where it is to stop: for good, or to be done ``again`` after the process or another job."""

    def __init__(self, again: bool) -> None:
        super().__init__("stopped")
        self.again = again


ending = threading.Event()
"""Set when the process is to end."""
wakers: list[Callable[[str], object]] = []
"""What has the queue look at a lane now; without a running queue a row waits for one."""


def start(name: str, asked: dict[str, Any], by: Person | None = None) -> Job:
    """Write the job down and wake the queue; raises `NotFound` for an unknown kind."""
    lane = kind(name).lane
    job = Job.objects.create(kind=name, asked=asked, made_by=by)
    wake(lane)
    return job


def wake(lane: str) -> None:
    """Have the queue look at a lane."""
    for each in wakers:
        each(lane)


def ask_to_stop(job: Job) -> None:
    """A waiting job is stopped at once, a running one at its next word of progress."""
    Job.objects.filter(pk=job.pk, state=WAITING).update(state=STOPPED, ended_at=timezone.now())
    Job.objects.filter(pk=job.pk, state=RUNNING).update(stop_asked=True)


def take_up() -> None:
    """At the start of a process: a lease of the one before that ends later than any lease is from before the clock was
    set back, and would hold its job up until then."""
    now = timezone.now()
    Job.objects.filter(state=RUNNING, leased_until__gt=now + LEASE).update(leased_until=now)


def drive(*lanes: str) -> None:
    """Run every job of these lanes (all, unless said) that is due, one after the other, or until the process ends."""
    close_old_connections()
    while not ending.is_set():
        job = claim(*lanes)
        if job is None:
            break
        run(job)
    close_old_connections()


def make_due() -> None:
    """Write down periodic work whose time has come."""
    with _making:
        for each in kinds().values():
            if each.every is not None and _is_due(each.name, each.every):
                Job.objects.create(kind=each.name)


_making = threading.Lock()


def _is_due(name: str, every: timedelta) -> bool:
    if Job.objects.filter(kind=name, state__in=OPEN).exists():
        return False
    last = Job.objects.filter(kind=name).order_by("-id").values_list("made_at", flat=True).first()
    return last is None or not timedelta() <= timezone.now() - last < every  # a clock set back holds nothing up


def claim(*lanes: str) -> Job | None:
    """The oldest job that waits or whose lease ran out, now leased to the caller; None where there is none.

    Of several lanes the first comes first. What is done by itself has to wait while anything comes in.
    """
    for lane in lanes or LANES:
        if not (lane == ALONE and coming_in()) and (job := _claim(of_lanes([lane]))):
            return job
    return None


def coming_in() -> bool:
    """Whether anything that comes in waits or is worked on."""
    return Job.objects.filter(kind__in=of_lanes([COMING]), state__in=OPEN).exists()


def _claim(names: Sequence[str]) -> Job | None:
    now = timezone.now()
    due = models.Q(state=WAITING) | models.Q(state=RUNNING, leased_until__lt=now)
    for job in Job.objects.filter(due, kind__in=names).order_by("id")[:20]:
        mine = Job.objects.filter(due, pk=job.pk).update(
            state=RUNNING, leased_until=now + LEASE, tries=models.F("tries") + 1, began_at=job.began_at or now)
        if mine:
            job.refresh_from_db()
            return job
    return None


def run(job: Job) -> None:
    """Do the work of a claimed job and write down how it ended."""
    try:
        if job.tries > MOST_TRIES:
            raise RegularsError(text("This was begun three times and the process ended each time."),
                                hint=text("Look at the terminal for why, then start it again."))
        _end(job, DONE, result=kind(job.kind).work(job, teller(job)))
    except Stopped as stopped:
        _put_back(job) if stopped.again else _end(job, STOPPED)
    except RegularsError as error:
        _put_back(job) if ending.is_set() else _end(job, FAILED, error=as_text(error), error_code=error.code)
    except (KeyboardInterrupt, Exception) as error:
        if ending.is_set():
            _put_back(job)
            return
        log.exception("job failed", extra={"job": job.pk, "kind": job.kind})
        _end(job, FAILED, error=as_text(text("Regulars itself went wrong: {error}.", error=type(error).__name__)),
             error_code="error")
    finally:
        if kind(job.kind).lane == COMING:
            wake(ALONE)


def teller(job: Job) -> Tell:
    """Renews the lease and writes progress, at most twice a second; raises `Stopped` where the work is to stop."""
    told_at, alone = timezone.now() - TOLD_EVERY, kind(job.kind).lane == ALONE

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if ending.is_set():
            raise Stopped(again=True)
        now = timezone.now()
        if timedelta() <= now - told_at < TOLD_EVERY and progress.step == job.step:
            return
        told_at, job.step = now, progress.step
        Job.objects.filter(pk=job.pk).update(step=progress.step, done=progress.rows_done, total=progress.rows_total,
                                             leased_until=now + LEASE)
        if Job.objects.filter(pk=job.pk, stop_asked=True).exists():
            raise Stopped(again=False)
        if alone and coming_in():
            raise Stopped(again=True)
    return tell


def _end(job: Job, state: str, **fields: Any) -> None:
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(state=state, ended_at=now, leased_until=None, **fields)
    seconds = (now - (job.began_at or now)).total_seconds()
    ENDED.labels(job.kind, state).inc()
    JOB_SECONDS.labels(job.kind).observe(seconds)
    log.info("job ended", extra={"job": job.pk, "kind": job.kind, "state": state, "ms": round(seconds * 1000),
                                 "code": fields.get("error_code")})


def _put_back(job: Job) -> None:
    """To be taken up again, as if it had not been begun."""
    Job.objects.filter(pk=job.pk).update(state=WAITING, leased_until=None, tries=models.F("tries") - 1)
