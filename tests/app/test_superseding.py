"""Who goes on writing a rule waits for the newest answer only."""

from __future__ import annotations

import threading
import time

import pytest

from regulars.app.facts import facts
from regulars.app.segments.superseding import Superseded, editor, latest
from regulars.errors import RegularsError
from regulars.shop import Shop

ONE, OTHER = "1" * 32, "2" * 32
LONG = "SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) = 1"


def asked(name: str, outcomes: list[str]) -> threading.Thread:
    """Somebody who asks for long, in a thread that then asks something else."""
    def ask() -> None:
        shop = facts().shop()
        try:
            with latest(name, shop.engine):
                shop.engine.value(LONG)
        except Superseded:
            outcomes.append("given up")
        except (RegularsError, KeyboardInterrupt):
            outcomes.append("stopped")
        outcomes.append(str(shop.engine.value("SELECT 7")))
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    time.sleep(0.5)
    return thread


def test_a_newer_question_gives_up_the_one_before(shop: Shop) -> None:
    outcomes = list[str]()
    thread = asked(ONE, outcomes)
    with latest(ONE, shop.engine):
        thread.join(20)
        assert outcomes == ["given up", "7"]


@pytest.mark.parametrize("name", [OTHER, ""])
def test_another_editor_gives_nothing_up(shop: Shop, name: str) -> None:
    outcomes = list[str]()
    thread = asked(ONE, outcomes)
    with latest(name, shop.engine):
        thread.join(0.5)
        assert outcomes == []
    facts().interrupt()
    thread.join(20)
    assert outcomes == ["stopped", "7"]


def test_a_name_that_nobody_made_up_is_none() -> None:
    assert (editor(ONE), editor("short"), editor("")) == (ONE, "", "")
