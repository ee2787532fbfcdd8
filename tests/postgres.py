"""A PostgreSQL server for the tests that need one."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root: somebody else then has the folder and the server."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return {"user": user}


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A server of its own; set REGULARS_POSTGRES to use another."""
    if "REGULARS_POSTGRES" in os.environ:
        yield os.environ["REGULARS_POSTGRES"]
        return
    server, initdb = shutil.which("postgres"), shutil.which("initdb")
    if not server or not initdb:
        pytest.skip("no PostgreSQL server at hand")
    with tempfile.TemporaryDirectory(prefix="regulars-pg-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        who = unprivileged(folder)
        made = subprocess.run([initdb, "-D", folder / "data", "-U", "me", "-A", "trust", "-E", "UTF8", "--no-sync"],
                              capture_output=True, text=True, cwd=folder, **who)
        if made.returncode:
            pytest.skip(f"PostgreSQL does not start here: {made.stderr.strip().splitlines()[0]}")
        running = subprocess.Popen([server, "-D", folder / "data", "-p", str(port), "-k", folder, "-c", "fsync=off",
                                    "-c", "listen_addresses=127.0.0.1"], stderr=subprocess.DEVNULL, cwd=folder, **who)
        try:
            yield wait_for(f"postgresql://me:secret@127.0.0.1:{port}/postgres")
        finally:
            running.terminate()
            running.wait(20)


def wait_for(address: str) -> str:
    for _ in range(100):
        try:
            psycopg.connect(address, connect_timeout=1).close()
            return address
        except psycopg.OperationalError:
            subprocess.run(["sleep", "0.1"], check=True)
    pytest.skip("the PostgreSQL server does not answer")
