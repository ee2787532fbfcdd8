"""The queue, huey on a file in the shop's folder, with its consumer in this process: all it carries is "look"."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from regulars.app.jobs import running
from regulars.app.jobs.kinds import LANES

FILE = "queue.sqlite3"
NUDGED_EVERY = 0.25


class InProcess(Consumer):  # type: ignore[misc]  # huey has no types
    """The process has one handler of signals, and it is not this one."""

    def _set_signal_handlers(self) -> None:
        pass


class Queue:
    """A worker for each lane, which looks for due jobs when woken, and each minute; ``also`` is done each minute."""

    def __init__(self, folder: Path, also: Sequence[Callable[[], object]] = ()) -> None:
        self.huey = SqliteHuey("regulars", filename=str(folder / FILE), results=False)
        self.huey.flush()  # words that another version left here may be none of ours
        self.look = self.huey.task()(look)
        self._also = also
        self.huey.periodic_task(crontab(minute="*"))(self._look_around)
        self.consumer = InProcess(self.huey, workers=len(LANES), periodic=True, initial_delay=0.1, max_delay=1.0)

    def start(self) -> None:
        running.ending.clear()
        running.take_up()
        running.wakers.append(self.look)
        self.consumer.start()
        self._look_around()

    def stop(self, seconds: float, nudge: Callable[[], object]) -> None:
        """Wait for the workers to lay their work down, not longer than ``seconds``. `running.ending` is set by then.

        ``nudge`` interrupts whatever is being computed; it is called again until the workers have noticed.
        """
        running.wakers.clear()
        self.consumer.stop_flag.set()
        until = time.monotonic() + seconds
        for _, thread in self.consumer.worker_threads:
            while thread.is_alive() and time.monotonic() < until:
                nudge()
                thread.join(NUDGED_EVERY)

    def _look_around(self) -> None:
        """Periodic work is written down, and rows a killed process left are taken up."""
        running.make_due()
        self._look_everywhere()
        for each in self._also:
            each()

    def _look_everywhere(self) -> None:
        for lane in LANES:
            self.look(lane)


def look(lane: str) -> None:
    """Run what is due in a lane, unless its driver is at it: then that looks once more before it goes.

    What is to be done is in the rows, so a look lost at a kill loses nothing.
    """
    asked, driven = _lanes[lane]
    asked.set()
    while asked.is_set() and driven.acquire(blocking=False):
        try:
            asked.clear()
            running.drive(lane)
        finally:
            driven.release()


_lanes = {lane: (threading.Event(), threading.Lock()) for lane in LANES}
