"""A shop served by a process of its own, for the benchmarks: started, signed in to, asked, and stopped."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from regulars.shop.demo import make_demo_shop
from regulars.shop.shop import this_moment

TICKS = os.sysconf("SC_CLK_TCK")
COMMAND = (sys.executable, "-c", "from regulars.cli import main; main()")
SCOPES = ("segments:read", "segments:write", "customers:read", "imports:read", "imports:write", "insight:read")


@dataclass(frozen=True)
class Answer:
    """``seconds`` from asking to the last byte; ``bytes`` as sent, compressed where the server does."""

    status: int
    seconds: float
    body: bytes
    headers: Mapping[str, str]

    @property
    def plain(self) -> bytes:
        return gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body


@dataclass
class Browser:
    """One client with a connection and cookies of its own; what it asks of the API it asks by its key."""

    port: int
    key: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        token = next((value for name, value in self.cookies.items() if name.startswith("regulars_csrf_")), "")
        return self.ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": token}).encode(),
                        "application/x-www-form-urlencoded")

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """One request, answered whole; redirects are not followed."""
        headers = {"Accept-Language": "en", "Accept-Encoding": "gzip", "Origin": f"http://127.0.0.1:{self.port}"}
        headers |= {"Content-Type": kind} if kind else {}
        headers |= {"Authorization": f"Bearer {self.key}"} if path.startswith("/api/") else {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        took = time.perf_counter() - began
        for said in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(said).items()}
        return Answer(response.status, took, content, dict(response.headers))

    def twin(self, key: str = "") -> Browser:
        """The same person at another machine."""
        return Browser(self.port, key or self.key, dict(self.cookies))


@dataclass(frozen=True)
class Served:
    """The running server: its process, its shop, and browsers that are signed in, each with a key of its own."""

    process: subprocess.Popen[str]
    folder: Path
    browsers: tuple[Browser, ...]

    def processor(self) -> float:
        """Seconds of processor the server has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def jobs(self) -> list[tuple[str, str]]:
        """Kind and state of every job, the oldest first."""
        with sqlite3.connect(f"file:{self.folder / 'app.sqlite3'}?mode=ro", uri=True, timeout=20) as database:
            return list(database.execute("SELECT kind, state FROM jobs_job ORDER BY id"))

    def wait_until_quiet(self, seconds: float = 1800) -> None:
        """Until what is done each day and each hour has been done."""
        until = time.monotonic() + seconds
        while True:
            jobs = self.jobs()
            if ("understand", "done") in jobs and all(state not in ("waiting", "running") for _, state in jobs):
                return
            if time.monotonic() > until:
                raise SystemExit(f"The server's jobs have not come to an end: {jobs[-10:]}")
            time.sleep(1)


@contextmanager
def served(folder: Path, customers: int, clients: int = 1) -> Iterator[Served]:
    """The demo shop at ``folder`` (made where there is none) behind a server, until the block is left."""
    if not (folder / "shop.toml").exists():
        make_demo_shop(folder, now=this_moment(), customers=customers).close()
    keys = [_key(folder, i) for i in range(clients)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen([*COMMAND, "serve", "--demo", "--shop", str(folder), "--port", str(port)],
                               stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped too
    try:
        browser = _signed_in(process, port)
        yield Served(process, folder, tuple(browser.twin(key) for key in keys))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _key(folder: Path, number: int) -> str:
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    told = subprocess.run([*COMMAND, "keys", "add", f"benchmark {number}", *scopes, "--shop", str(folder), "--json"],
                          check=True, capture_output=True, text=True)
    return str(json.loads(told.stdout)["key"])


def _signed_in(process: subprocess.Popen[str], port: int) -> Browser:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"Sign in as (\S+) with the password (\S+)", line):
            browser = Browser(port)
            browser.get("/account/login/")
            answer = browser.post("/account/login/", login=found[1], password=found[2])
            if answer.status == 302:
                return browser
            raise SystemExit(f"Signing in was answered with {answer.status}.")
    raise SystemExit("The server did not say who may sign in.")
