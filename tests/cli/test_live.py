"""``regulars live`` and ``regulars hooks``: what waits, what was set aside, and webhooks."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.cli import main
from regulars.intake.live.requests import take_apart
from regulars.model.settings import load
from regulars.shop import Shop
from regulars.shop.folder import settle

MAIN = "from regulars.cli import main; main()"


def run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> Any:
    """What a command says with ``--json``."""
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--shop", str(folder), "--json"])
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    return json.loads(said.out)


@pytest.fixture
def waiting(little_shop_folder: Path) -> Path:
    """A shop with two messages on disk that are not settled: one of them names nobody."""
    with Shop.open(little_shop_folder) as shop:
        said = {"batch": [{"type": "track", "event": "A", "userId": "U1"}, {"type": "track", "event": "B"}]}
        shop.live.take([m.line() for m in take_apart(said, "batch", "key 1", datetime(2026, 11, 22)).messages])
    return little_shop_folder


def test_what_waits_is_settled_and_what_cannot_be_used_is_shown(
    waiting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, waiting, "live", "state") == {"settled": 0, "waiting": 2, "set_aside": 0}
    done = run(capsys, waiting, "live", "settle")
    assert (done["new"], done["aside"]) == (1, 1)
    (aside,) = run(capsys, waiting, "live", "aside")
    assert aside["reason"] == "it has neither userId nor anonymousId"
    assert run(capsys, waiting, "live", "again", str(aside["number"]))["aside"] == 1
    (aside,) = run(capsys, waiting, "live", "aside")
    assert run(capsys, waiting, "live", "again", "--all")["aside"] == 1
    (aside,) = run(capsys, waiting, "live", "aside")
    assert run(capsys, waiting, "live", "discard", str(aside["number"]))["discarded"]
    assert run(capsys, waiting, "live", "discard", "--all") == {"discarded": 0}
    assert run(capsys, waiting, "live", "state") == {"settled": 4, "waiting": 0, "set_aside": 0}


def test_a_backup_taken_while_messages_wait_has_them(waiting: Path, tmp_path: Path) -> None:
    with Shop.open(waiting) as shop:
        shop.backup(tmp_path / "copy")
    Shop.restore(tmp_path / "copy", tmp_path / "back")
    with Shop.open(tmp_path / "back") as shop:
        assert shop.live.state().waiting == 2 and shop.live.settle(datetime(2026, 11, 22)).new == 1


def test_erasing_a_person_takes_what_was_set_aside_of_them_along(waiting: Path) -> None:
    with Shop.open(waiting) as shop:
        said = {"batch": [{"type": "track", "event": "Order Completed", "userId": "C1",
                           "properties": {"email": "ADA@example.com"}}]}  # fmt: skip
        shop.live.take([m.line() for m in take_apart(said, "batch", "key 1", datetime(2026, 11, 22)).messages])
        shop.live.settle(datetime(2026, 11, 22))
        shop.customers.erase("C1")
        assert [str(a.reason) for a in shop.live.aside.list()] == ["it has neither userId nor anonymousId"]


def test_webhooks_are_made_listed_and_withdrawn(little_shop_folder: Path) -> None:
    def said(*arguments: str) -> str:
        command = [sys.executable, "-c", MAIN, "hooks", *arguments, "--shop", str(little_shop_folder)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def run(*arguments: str) -> Any:
        return json.loads(said(*arguments, "--json"))

    made = run("receive", "stripe", "--secret", "whsec_x")
    assert made["path"].startswith("/hooks/")
    (hook,) = run("list")
    assert (hook["id"], hook["other"], hook["withdrawn"]) == (made["id"], "stripe", False) and "secret" not in hook
    run("withdraw", made["id"])
    assert run("list")[0]["withdrawn"]
    told = run("send", "https://told.example/")
    assert told["secret"].startswith("whsec_")
    settle(little_shop_folder, replace(load(little_shop_folder), language="ru"))
    listed = said("list").splitlines()
    assert "прекращено" in listed[0] and "все сегменты" in listed[-1] and "https://told.example/" in listed[-1]


def test_live_messages_are_said_in_the_shops_language(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settle(waiting, replace(load(waiting), language="ru"))
    with pytest.raises(SystemExit):
        main(["live", "state", "--shop", str(waiting)])
    assert "Сообщений ждёт внесения: 2. Отложено: 0." in capsys.readouterr().out
