"""The server as a process, with a write key: what is sent to it, and what is in its facts afterwards."""

from __future__ import annotations

import base64
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regulars.shop import Shop

MAIN = "from regulars.cli import main; main()"


class Served:
    """A shop's folder that is served, or not at the moment."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.key = key
        self.process: subprocess.Popen[str] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **environment: str) -> None:
        command = [sys.executable, "-c", MAIN, "serve", "--shop", str(self.folder), "--port", str(self.port)]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )
        assert self.process.stdout is not None and self.process.stdout.readline()
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/health/", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not come up")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """As a person stops it, once all that it took is settled."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(30) == 0

    def post(self, path: str, said: Any, *, key: str | None = None, packed: bool = False) -> tuple[int, dict[str, Any]]:
        """Status and answer; ``key`` other than the server's own may be said, or an empty one."""
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        basic = base64.b64encode(f"{self.key if key is None else key}:".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
        if packed:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        request = urllib.request.Request(f"{self.url}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status), json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def settled(self, count: int, seconds: float = 30) -> None:
        """Wait until so many messages are settled or set aside, by the server's own count."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with urllib.request.urlopen(f"{self.url}/ready/", timeout=5) as answer:
                live = json.load(answer)["live"]
            if live["settled"] >= count and not live["waiting"]:
                return
            time.sleep(0.05)
        raise AssertionError(f"not settled: {live}")

    @contextmanager
    def facts(self) -> Iterator[Shop]:
        """Its shop, once it is stopped."""
        self.stop()
        with Shop.open(self.folder) as shop:
            yield shop


def run(*arguments: str) -> str:
    """What a command prints, run by a process of its own as a person runs it."""
    done = subprocess.run([sys.executable, "-c", MAIN, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def made_key(folder: Path, *scopes: str) -> str:
    """A new key."""
    said = [word for scope in scopes for word in ("--scope", scope)]
    return str(json.loads(run("keys", "add", "test", "--shop", str(folder), "--json", *said))["key"])
