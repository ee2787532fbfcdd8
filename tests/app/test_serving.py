"""The server as a process: first start, stop in the middle of work, and work taken up again."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.shop import Shop
from regulars.shop.demo import make_demo_shop
from tests.app.conftest import REGULARS, Started


@pytest.fixture(scope="module")
def few_segments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop of 150 customers and two segments, closed; to be copied."""
    folder = tmp_path_factory.mktemp("few") / "shop"
    with make_demo_shop(folder, now=datetime.now(UTC).replace(tzinfo=None), customers=150) as shop:
        for segment in shop.segments.list()[2:]:
            shop.segments.remove(segment.name, now=shop.moment())
    return folder


def jobs(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "app.sqlite3") as database:
        return list(database.execute("SELECT kind, state FROM jobs_job ORDER BY id"))


def tries(folder: Path, kind: str) -> int:
    with sqlite3.connect(folder / "app.sqlite3") as database:
        return int(database.execute("SELECT tries FROM jobs_job WHERE kind = ?", [kind]).fetchone()[0])


def wait_for(true: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.1)


def refused(address: str, path: str, header: str, chunk: bytes = b"") -> str:
    """The status of a request whose body does not come, or comes in chunks for as long as it is listened to."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as to:
        to.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\n\r\n".encode())
        with suppress(OSError):
            for _ in range(6 if chunk else 0):
                to.sendall(chunk)
        return to.recv(100).decode().split()[1]


def test_an_empty_folder_becomes_a_shop_whose_owner_is_awaited(start: Started, tmp_path: Path) -> None:
    process, first = start(tmp_path / "new")
    assert process.stdout is not None
    address = first.split()[-1]
    link = [process.stdout.readline() for _ in range(2)][1].strip()
    assert link.startswith(f"{address}/welcome/")
    assert refused(address, "/sign-in/", "Content-Length: 6000001") == refused(address, "/v1/batch", "Content-Length: "
        "900000000") == "413"
    assert refused(address, "/bring-in/hand-over/", "Content-Length: 6000001") == "401"
    mebibyte = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    assert refused(address, "/sign-in/", "Transfer-Encoding: chunked", mebibyte) == "413"
    with urllib.request.urlopen(link) as page:
        assert page.status == 200 and b'name="shop_name"' in page.read()
    assert stat.S_IMODE((tmp_path / "new" / "secret.key").stat().st_mode) == 0o600
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def test_a_folder_with_something_else_in_it_is_left_alone(start: Started, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    process, first = start(tmp_path)
    assert process.wait(20) == 1 and first == ""
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_killed_or_stopped_amid_work_it_takes_the_work_up_again(start: Started, tmp_path: Path,
                                                                few_segments: Path) -> None:
    folder = Path(shutil.copytree(few_segments, tmp_path / "shop"))
    process, _ = start(folder, "--demo")
    wait_for(lambda: ("understand", "running") in jobs(folder), 60)
    process.kill()
    process.wait()
    with sqlite3.connect(folder / "app.sqlite3") as database:
        database.execute("UPDATE jobs_job SET leased_until = '2020-01-01' WHERE state = 'running'")
    process, _ = start(folder, "--demo")
    wait_for(lambda: tries(folder, "understand") == 2, 60)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert time.monotonic() - began < 10
    assert ("understand", "waiting") in jobs(folder)
    process, _ = start(folder, "--demo")
    # A segment that was looked at later has its past worked out by a job of its own.
    wait_for(lambda: {("understand", "done"), ("past sizes", "done")} <= set(jobs(folder)) and
             all(state == "done" for kind, state in jobs(folder) if kind == "past sizes"), 240)
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    with Shop.open(folder) as shop:
        known = dict(shop.engine.rows("SELECT segment, count(*) FROM segment_sizes GROUP BY 1"))
        assert known.keys() == {s.name for s in shop.segments.list()}
        assert min(known.values()) >= 52


def test_a_file_is_taken_in_at_once_while_the_shop_is_being_understood(start: Started, tmp_path: Path,
                                                                       few_segments: Path) -> None:
    # On a busy machine understanding can be over before the file is there: then it says nothing, and is tried anew.
    assert any(taken_in_meanwhile(start, Path(shutil.copytree(few_segments, tmp_path / name))) for name in "abc")


def taken_in_meanwhile(start: Started, folder: Path) -> bool:
    """Whether the shop was still being understood when a file sent meanwhile was in."""
    key = subprocess.run([*REGULARS, "keys", "add", "till", "--scope", "imports:write", "--shop", str(folder)],
                         check=True, capture_output=True, text=True).stdout.split()[-1]
    process, first = start(folder, "--demo")
    with urllib.request.urlopen(f"{first.split()[-1]}/account/login/") as page:
        assert page.status == 200
    wait_for(lambda: ("understand", "running") in jobs(folder), 120)
    bring_in(first.split()[-1], key, b"customer_id,name\nNEW1,Somebody New\n")
    wait_for(lambda: ("import", "done") in jobs(folder), 40)
    meanwhile = ("understand", "done") not in jobs(folder)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    return meanwhile


def test_it_stops_within_ten_seconds_amid_an_import_and_takes_it_in_once(start: Started, tmp_path: Path) -> None:
    folder, people = tmp_path / "shop", 70_000
    Shop.create(folder).close()
    key = subprocess.run([*REGULARS, "keys", "add", "till", "--scope", "imports:write", "--shop", str(folder)],
                         check=True, capture_output=True, text=True).stdout.split()[-1]
    process, first = start(folder)
    rows = "".join(f"C{i},Person {i},person{i}@shop.example\n" for i in range(people))
    bring_in(first.split()[-1], key, f"customer_id,name,email\n{rows}".encode())
    wait_for(lambda: ("import", "running") in jobs(folder), 60)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert ("import", "waiting") in jobs(folder)
    with Shop.open(folder) as shop:
        assert (shop.customers.count(), shop.imports.receipts()) == (0, [])
    process, _ = start(folder)
    wait_for(lambda: ("import", "done") in jobs(folder), 240)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    with Shop.open(folder) as shop:
        assert (shop.customers.count(), len(shop.imports.receipts())) == (people, 1)


def test_the_same_request_sent_twice_at_once_is_done_once(start: Started, tmp_path: Path) -> None:
    Shop.create(tmp_path / "shop").close()
    key = subprocess.run([*REGULARS, "keys", "add", "till", "--scope", "segments:write", "--shop",
                          str(tmp_path / "shop")], check=True, capture_output=True, text=True).stdout.split()[-1]
    _, first = start(tmp_path / "shop")
    together = threading.Barrier(6)

    def save(number: int) -> tuple[int, bytes]:
        asked = urllib.request.Request(f"{first.split()[-1]}/api/v1/segments", b'{"name": "All", "rule": "everyone"}', {
            "Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": "once"})
        together.wait()
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.read()
    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(save, range(6)))
    assert len(answers) == 1 and answers.pop()[0] == 201


def bring_in(address: str, key: str, content: bytes) -> None:
    """A file sent to the API by a program."""
    body = (b'--end\r\nContent-Disposition: form-data; name="file"; filename="customers.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n--end--\r\n")
    asked = urllib.request.Request(f"{address}/api/v1/imports", body, {
        "Authorization": f"Bearer {key}", "Content-Type": "multipart/form-data; boundary=end"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 202


def test_it_answers_to_its_names_and_takes_nobody_a_proxy_asks_for_to_be_this_machine(start: Started,
                                                                                       tmp_path: Path) -> None:
    _, first = start(tmp_path / "new")
    address = first.split()[-1]
    asked = urllib.request.Request(f"{address}/account/login/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 400
    assert re.match(r"http://localhost:\d+$", address)
    with urllib.request.urlopen(f"{address}/metrics/") as told:
        assert told.status == 200
    asked = urllib.request.Request(f"{address}/metrics/", headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.9"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 403
