"""Killed anywhere, a campaign sends nothing twice, lists what was under way, and the next run sends the rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.shop import Shop
from tests.outreach.conftest import NOW, by_mail, campaign, make_shop
from tests.outreach.postbox import read_file

SENDERS = """
import os, sys, time
from datetime import datetime, timedelta
from regulars.shop import Shop
BEGAN = time.monotonic()
for line in sys.stdin:
    sender = os.fork()
    if not sender:
        with Shop.open(sys.argv[1]) as shop:
            shop.campaigns.drive(lambda: datetime(2026, 11, 26, 9, 30) + timedelta(seconds=time.monotonic() - BEGAN))
        os._exit(0)
    print(sender, flush=True)
    print(os.waitpid(sender, 0)[1], flush=True)
"""
"""Makes a sender for each line it reads, says its number, and how it ended."""
CONNECTIONS = 2
PATIENCE = 60.0
A_SECOND = 150
"""Slow enough that whoever watches the server can kill the sender long before it is through."""


@contextmanager
def postbox(folder: Path) -> Iterator[int]:
    """A mail server that outlives the sender; its port."""
    port = folder / "port"
    with subprocess.Popen([sys.executable, "-m", "tests.outreach.postbox", str(port), str(folder / "mail")]) as running:
        try:
            until = time.monotonic() + PATIENCE
            while not port.exists() and time.monotonic() < until:
                time.sleep(0.02)
            yield int(port.read_text())
        finally:
            running.kill()


def taken(folder: Path) -> int:
    return len(read_file(folder / "mail"))


def begin(starter: subprocess.Popen[str]) -> int:
    """Let it start one of its processes, whose number that is."""
    assert starter.stdin
    starter.stdin.write("go\n")
    starter.stdin.flush()
    return said(starter)


def said(starter: subprocess.Popen[str]) -> int:
    """The next number it says; after that of a process, by what that ended."""
    assert starter.stdout
    return int(starter.stdout.readline())


def killed_at(folder: Path, starter: subprocess.Popen[str], messages: int, then: float = 0) -> bool:
    """One of its processes is killed so many seconds after the server has so many messages; whether it still ran."""
    running = begin(starter)
    until = time.monotonic() + PATIENCE
    while taken(folder) < messages and time.monotonic() < until:
        time.sleep(0.003)
    time.sleep(then)
    os.kill(running, signal.SIGKILL)
    return said(starter) == signal.SIGKILL


def killed(folder: Path, people: int, kills: int) -> None:
    make_shop(folder, people)
    with postbox(folder) as port:
        with Shop.open(folder / "shop") as shop:
            by_mail(shop, port, connections=CONNECTIONS, per_second=A_SECOND)
            shop.campaigns.add(campaign(), now=NOW)
            shop.campaigns.send("Hello", NOW)
        command = [sys.executable, "-c", SENDERS, str(folder / "shop")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as senders:
            for left in range(kills, 0, -1):
                sent = taken(folder)
                assert killed_at(folder, senders, sent + (people - sent) // (2 * left + 1)), "it was through before"
            senders.communicate()
        with Shop.open(folder / "shop") as shop:
            shop.campaigns.set("email", {"per_second": 0})
            shop.campaigns.drive(lambda: NOW + timedelta(hours=1))
            standing, unknown = shop.campaigns.progress("Hello"), shop.campaigns.unknown("Hello")
    mail = read_file(folder / "mail")
    ids = Counter(data.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for _, data in mail)
    addresses = Counter(to for to, _ in mail)
    assert max(ids.values()) == max(addresses.values()) == 1
    assert standing.deliveries == {"sent": people - len(unknown)} | ({"unknown": len(unknown)} if unknown else {})
    assert len(unknown) <= kills * CONNECTIONS
    assert {f"p{n}@mail{n % 3}.example" for n in range(1, people + 1)} - set(addresses) <= {d.address for d in unknown}
    assert standing.campaign.state == "sent"


def test_three_kills_in_the_middle(tmp_path: Path) -> None:
    killed(tmp_path, people=200, kills=3)


@pytest.mark.long
def test_twenty_kills_in_the_middle(tmp_path: Path) -> None:
    killed(tmp_path, people=3_000, kills=20)
