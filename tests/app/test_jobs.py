"""Jobs: rows that outlive the process that runs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from regulars.app.jobs import kinds, queue, running
from regulars.app.jobs.models import DONE, FAILED, RUNNING, STOPPED, WAITING, Job
from regulars.errors import NotFound, Refused
from regulars.intake.prepared import Progress
from regulars.shop import Shop


@pytest.fixture
def counted(shop: Shop) -> Iterator[list[Any]]:
    """A kind of work "count" that notes what it was asked and refuses to count to thirteen."""
    seen: list[Any] = []

    @kinds.work("count")
    def count(job: Job, tell: kinds.Tell) -> dict[str, int]:
        tell(Progress("counting", 0, job.asked["to"]))
        if job.asked["to"] == 13:
            raise Refused("Not to thirteen.")
        tell(Progress("still counting", job.asked["to"], job.asked["to"]))
        seen.append(job.asked["to"])
        return {"counted": job.asked["to"]}
    yield seen
    del kinds._kinds["count"]
    running.ending.clear()


def test_it_runs_what_waits_in_order_and_keeps_results(counted: list[Any]) -> None:
    first, second = running.start("count", {"to": 3}), running.start("count", {"to": 5})
    running.drive()
    first.refresh_from_db()
    second.refresh_from_db()
    assert counted == [3, 5]
    assert (first.state, first.result, first.done, first.total) == (DONE, {"counted": 3}, 3, 3)
    assert second.ended_at is not None and first.leased_until is None


def test_a_refusal_fails_with_its_words_and_code(counted: list[Any]) -> None:
    job = running.start("count", {"to": 13})
    running.drive()
    job.refresh_from_db()
    assert (job.state, job.error, job.error_code) == (FAILED, "Not to thirteen.", "refused")


def test_what_a_killed_process_held_is_taken_up_when_its_lease_ends(counted: list[Any]) -> None:
    job = running.start("count", {"to": 3})
    Job.objects.update(state=RUNNING, leased_until=timezone.now() + timedelta(seconds=50), tries=1)
    running.drive()
    assert counted == []
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    running.drive()
    job.refresh_from_db()
    assert (job.state, job.tries, counted) == (DONE, 2, [3])


def test_what_ends_its_process_each_time_is_given_up_after_three(counted: list[Any]) -> None:
    job = running.start("count", {"to": 3})
    Job.objects.update(state=RUNNING, leased_until=timezone.now() - timedelta(seconds=1), tries=3)
    running.drive()
    job.refresh_from_db()
    assert (job.state, counted) == (FAILED, [])


def test_a_person_stops_what_waits_and_what_runs(counted: list[Any]) -> None:
    waiting, told = running.start("count", {"to": 3}), running.start("count", {"to": 5})
    running.ask_to_stop(waiting)
    Job.objects.filter(pk=told.pk).update(stop_asked=True)
    running.drive()
    assert list(Job.objects.order_by("id").values_list("state", flat=True)) == [STOPPED, STOPPED]
    assert counted == []


def test_an_ending_process_puts_its_job_back(counted: list[Any]) -> None:
    job = running.start("count", {"to": 3})
    claimed = running.claim()
    assert claimed is not None
    running.ending.set()
    running.run(claimed)
    job.refresh_from_db()
    assert (job.state, job.tries, job.leased_until, counted) == (WAITING, 0, None, [])


@pytest.fixture
def long_work(shop: Shop) -> Iterator[None]:
    """A kind of work "ponder" that is done by itself, and "bring" that comes in."""
    @kinds.work("ponder", lane=kinds.ALONE)
    def ponder(job: Job, tell: kinds.Tell) -> None:
        tell(Progress("pondering"))

    @kinds.work("bring", lane=kinds.COMING)
    def bring(job: Job, tell: kinds.Tell) -> None:
        tell(Progress("bringing"))
    yield
    del kinds._kinds["ponder"], kinds._kinds["bring"]


def test_what_comes_in_starts_at_once_and_what_is_done_by_itself_makes_way(long_work: None) -> None:
    pondering = running.start("ponder", {})
    assert running.claim(kinds.ALONE) == pondering
    brought = running.start("bring", {})
    running.run(pondering)
    pondering.refresh_from_db()
    assert (pondering.state, pondering.tries) == (WAITING, 0)
    assert running.claim(kinds.ALONE) is None
    assert running.claim(kinds.COMING) == brought
    running.run(brought)
    running.drive(kinds.ALONE)
    pondering.refresh_from_db()
    assert pondering.state == DONE


def test_lanes_do_not_wait_for_each_other(long_work: None) -> None:
    first, second, third = (running.start(kind, {}) for kind in ("ponder", "bring", "bring"))
    running.drive(kinds.COMING)
    assert list(Job.objects.order_by("id").values_list("pk", "state")) == [
        (first.pk, WAITING), (second.pk, DONE), (third.pk, DONE)]


def test_a_look_at_a_lane_that_is_driven_is_not_lost(long_work: None, monkeypatch: pytest.MonkeyPatch) -> None:
    drives: list[str] = []

    def drive(lane: str) -> None:
        drives.append(lane)
        if len(drives) == 1:
            queue.look(lane)
    monkeypatch.setattr(running, "drive", drive)
    queue.look(kinds.COMING)
    assert drives == [kinds.COMING, kinds.COMING]


def test_unknown_work_is_refused_before_it_is_written_down(shop: Shop) -> None:
    with pytest.raises(NotFound):
        running.start("fly", {})
    assert not Job.objects.exists()


def test_periodic_work_is_written_down_when_its_time_has_come(shop: Shop) -> None:
    kinds.work("often", every=timedelta(hours=1))(lambda job, tell: None)
    try:
        running.make_due()
        running.make_due()
        assert Job.objects.filter(kind="often").count() == 1
        running.drive()
        running.make_due()
        assert Job.objects.filter(kind="often").count() == 1
        Job.objects.filter(kind="often").update(made_at=timezone.now() - timedelta(hours=2))
        running.make_due()
        assert Job.objects.filter(kind="often").count() == 2
        running.drive()
        Job.objects.filter(kind="often").update(made_at=timezone.now() + timedelta(days=365))  # the clock was set back
        running.make_due()
        running.drive()
        running.make_due()
        assert Job.objects.filter(kind="often").count() == 3
    finally:
        del kinds._kinds["often"]
