"""Killed anywhere while people enter and steps go out, an automation gives nobody a step twice and loses nobody."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from regulars.outreach.automations.automation import ENTERED, Letter, Trigger
from regulars.shop import Shop
from tests.outreach.conftest import NOW, by_mail, make_shop
from tests.outreach.postbox import parsed, read_file
from tests.outreach.test_kill import begin, killed_at, postbox, said

LOOKERS = """
import os, sys, time
from datetime import datetime, timedelta
from pathlib import Path
from regulars.shop import Shop
folder = Path(sys.argv[1])
def live(shop, tick):
    now, began = datetime(2026, 11, 26, 9) + tick * timedelta(hours=12), time.monotonic()
    batch = folder / f"batch{tick}.csv"
    if batch.exists():
        shop.import_file(batch, now=now.isoformat() + "Z")
    shop.segments.advance(now)
    shop.automations.look(now)
    shop.campaigns.drive(lambda: now + timedelta(seconds=time.monotonic() - began))
    shop.campaigns.settle(now + timedelta(minutes=1))
for line in sys.stdin:
    looker = os.fork()
    if not looker:
        with Shop.open(folder / "shop") as shop:
            for tick in range(int((folder / "tick").read_text()), int(sys.argv[2])):
                live(shop, tick)
                (folder / "new").write_text(str(tick + 1))
                (folder / "new").rename(folder / "tick")
        os._exit(0)
    print(looker, flush=True)
    print(os.waitpid(looker, 0)[1], flush=True)
"""
"""Lives half a day after the other, for each line it reads from where the one before was killed."""
STEPS, CONNECTIONS = 2, 2
HEAD = "customer_id,name,email,email_consent,email_consent_at,created_at"


def entering(folder: Path, batches: int, each: int) -> set[str]:
    """Files of people who come in, one for each half day; their addresses."""
    found = set()
    for tick in range(1, batches + 1):
        at = NOW + tick * timedelta(hours=12) - timedelta(hours=1)
        rows = [f"N{tick}x{n},New {n},n{tick}x{n}@mail{n % 3}.example,yes,{at.isoformat()}Z,{at.isoformat()}Z"
                for n in range(each)]
        (folder / f"batch{tick}.csv").write_text("\n".join([HEAD, *rows]) + "\n")
        found |= {f"n{tick}x{n}@mail{n % 3}.example" for n in range(each)}
    return found


def killed(folder: Path, batches: int, each: int, kills: int) -> None:
    make_shop(folder, 3)
    people = entering(folder, batches, each)
    (folder / "tick").write_text("0")
    last, chance = batches + 2 * STEPS, random.Random(1)
    with postbox(folder) as port:
        with Shop.open(folder / "shop") as shop:
            by_mail(shop, port, connections=CONNECTIONS, per_second=100)
            shop.campaigns.set("gate", {"cap_messages": 0})
            letters = [Letter({"subject": f"Step {n}", "text": "Hello.\n"}, n) for n in range(STEPS)]
            shop.automations.add("Welcome", Trigger(ENTERED, "All"), letters, now=NOW, control_share=0.0)
            shop.automations.start("Welcome", NOW)
        command = [sys.executable, "-c", LOOKERS, str(folder), str(last)]
        whole, done = len(people) * STEPS, 0
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lookers:
            for n in range(kills):
                done += killed_at(folder, lookers, (n + 1) * whole // (kills + 2), chance.uniform(0, 0.1))
            begin(lookers)
            assert said(lookers) == 0
            lookers.communicate()
        with Shop.open(folder / "shop") as shop:
            standing = shop.automations.show("Welcome")
            unknown = [(d.address, n) for n, c in enumerate(standing.campaigns) for d in shop.campaigns.unknown(c.name)]
    got = Counter((to, int(str(parsed(data)["Subject"]).split()[1])) for to, data in read_file(folder / "mail"))
    assert done == kills and max(got.values()) == 1
    assert standing.people == {"done": len(people)}
    assert len(unknown) <= kills * CONNECTIONS
    assert {(to, n) for to in people for n in range(STEPS)} - set(unknown) <= set(got)
    assert {to for to, _ in got} <= people


def test_two_kills_while_people_enter(tmp_path: Path) -> None:
    killed(tmp_path, batches=2, each=8, kills=2)


@pytest.mark.long
def test_twenty_kills_while_people_enter(tmp_path: Path) -> None:
    killed(tmp_path, batches=20, each=30, kills=20)
