"""Many requests share one flush to the disk: whoever asks waits until what they brought is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from regulars.errors import Busy
from regulars.intake.live.log import Log

MOST_BYTES = 32 << 20
"""What may wait in memory for the disk; whoever comes then is asked to come again."""
MOST_BEHIND = 2_000_000
"""Messages that may wait on disk to be settled; likewise."""
RETRY_AFTER = 2


@dataclass(frozen=True)
class _Asked:
    lines: Sequence[bytes]
    done: Future[int] = field(default_factory=Future)


class Committer:
    """One thread that writes to the log. ``settled`` tells how far settling is; ``tell`` is called after each write."""

    def __init__(self, log: Log, settled: Callable[[], int], tell: Callable[[], object]) -> None:
        self._log = log
        self._settled = settled
        self._tell = tell
        self._waiting: list[_Asked] = []
        self._bytes = 0
        self._some = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="live-committer", daemon=True)
        self._thread.start()

    def commit(self, lines: Sequence[bytes]) -> int:
        """Wait until the lines are on disk; the number of the last one. Raises `Busy`, `DiskFull`."""
        size = sum(map(len, lines))
        asked = _Asked(lines)
        with self._some:
            if self._ending or self._bytes + size > MOST_BYTES or self._log.last - self._settled() > MOST_BEHIND:
                raise Busy("More comes in than can be kept up with.", hint="Send it again in a moment.")
            self._waiting.append(asked)
            self._bytes += size
            self._some.notify()
        return asked.done.result()

    def close(self) -> None:
        """Write what was asked for, and take no more."""
        with self._some:
            self._ending = True
            self._some.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._some:
                self._some.wait_for(lambda: self._waiting or self._ending)
                asked, self._waiting, self._bytes = self._waiting, [], 0
                if not asked:
                    return
            self._write(asked)

    def _write(self, asked: Sequence[_Asked]) -> None:
        try:
            last = self._log.append([line for each in asked for line in each.lines])
        except BaseException as error:
            for each in asked:
                each.done.set_exception(error)
            return
        for each in asked:
            each.done.set_result(last)
        self._tell()
