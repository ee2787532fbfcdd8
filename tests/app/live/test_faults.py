"""Nothing acknowledged is lost and nothing counts twice: killed under load, on a full disk."""

from __future__ import annotations

import http.client
import itertools
import random
import secrets
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.app.live.serving import Served

CLIENTS, BATCH = 6, 20
THREE, THIRTY = 3, 30


def track(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "userId": f"U{len(name) % 7}", "messageId": name, **more}


class Load:
    """Clients that send batch after batch; one that was not acknowledged is sent again, as libraries do."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.acknowledged: list[str] = []
        self.ending = threading.Event()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _send(self, client: int) -> None:
        while not self.ending.is_set():
            names = [f"E{client}-{next(self._numbers)}" for _ in range(BATCH)]
            while True:
                try:
                    status, _ = self.served.post("/v1/batch", {"batch": [track(n) for n in names]})
                    if status == 200:
                        self.acknowledged += names
                        break
                except (OSError, http.client.HTTPException, ValueError):
                    pass
                if self.ending.is_set():
                    return
                time.sleep(0.05)

    def end(self) -> None:
        self.ending.set()
        for thread in self._threads:
            thread.join()


def killed_under_load(served: Served, times: int) -> Load:
    chance = random.Random(5)
    load = Load(served)
    for _ in range(times):
        time.sleep(chance.uniform(0.3, 1.5))
        served.kill()
        served.start()
    load.end()
    return load


@pytest.mark.parametrize("times", [THREE, pytest.param(THIRTY, marks=pytest.mark.long)])
def test_killed_under_load_every_acknowledged_message_is_there_once(served: Served, times: int) -> None:
    load = killed_under_load(served, times)
    assert len(load.acknowledged) > times * BATCH
    served.settled(len(load.acknowledged), seconds=120)
    with served.facts() as shop:
        names = [n for (n,) in shop.engine.rows("SELECT name FROM events")]
        assert len(names) == len(set(names))
        assert set(load.acknowledged) <= set(names)
        assert shop.check().consistent
        assert not shop.engine.rows("FROM set_aside")


class SmallDisk:
    """A disk in memory of so many megabytes, mounted at a folder; the tests' machine has to allow it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.served: Served | None = None
        folder.mkdir()

    def __enter__(self) -> SmallDisk:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(self.folder)], capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("no disk of its own may be mounted here")
        return self

    def grow(self) -> None:
        subprocess.run(["mount", "-o", "remount,size=500m", str(self.folder)], check=True)

    def __exit__(self, *_: object) -> None:
        if self.served is not None and self.served.process is not None:
            self.served.process.kill()
            self.served.process.wait()
        subprocess.run(["umount", "-l", str(self.folder)], check=False)


def test_on_a_full_disk_it_says_so_and_goes_on_when_there_is_room(keyed_shop: tuple[Path, str], tmp_path: Path) -> None:
    with SmallDisk(tmp_path / "small") as disk:
        disk.served = served = Served(Path(shutil.copytree(keyed_shop[0], disk.folder / "shop")), keyed_shop[1])
        served.start()
        sent, answers = [], set()
        for nth in range(200):
            names = [f"F{nth}-{k}" for k in range(10)]
            batch = [track(name, properties={"x": secrets.token_hex(15_000)}) for name in names]
            status, _ = served.post("/v1/batch", {"batch": batch})
            answers.add(status)
            sent += names if status == 200 else []
            if status == 507:
                break
        assert answers == {200, 507} and sent
        disk.grow()
        status, _ = served.post("/v1/batch", {"batch": [track("after")]})
        assert status == 200
        served.settled(len(sent) + 1, seconds=90)
        with served.facts() as shop:
            assert {n for (n,) in shop.engine.rows("SELECT name FROM events")} == {*sent, "after"}
            assert shop.check().consistent
