"""Answers that the process keeps while what they were read from stands still, so that a page asks for them once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from regulars.app.facts import the_shop
from regulars.segments.kept import facts_version

T = TypeVar("T")
Key = tuple[Hashable, ...]
MOST = 200
STATE = """
SELECT (SELECT value FROM meta WHERE key = 'facts_version'), (SELECT max(seq) FROM changes),
    list((name, version, refreshed_facts, members) ORDER BY name) FROM segments"""


class _Answer:
    """One answer; whoever asks while it is worked out waits for it rather than working it out as well."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.known = False
        self.value: Any = None


_answers: OrderedDict[Hashable, _Answer] = OrderedDict()
_lock = threading.Lock()


def while_facts_stand(name: str, make: Callable[[], T], *parameters: Hashable) -> T:
    """What ``make`` gives, worked out once for these parameters and the facts as they are; its errors are not kept.

    ``make`` must read nothing that changes without the facts, but for what is among the parameters. Answers under
    the same name from facts as they were are let go: they may be large, and facts may come every second.
    """
    shop = the_shop()
    key: Key = (name, str(shop.folder), facts_version(shop.engine), *parameters)
    _let_go_of_older(key)
    return kept(key, make)


def while_members_stand(name: str, make: Callable[[], T], *parameters: Hashable) -> T:
    """As `while_facts_stand`, for what is read from segments and who is in them as well."""
    shop = the_shop()
    state = shop.engine.rows(STATE)
    return kept((name, str(shop.folder), repr(state), *parameters), make)


def _let_go_of_older(key: Key) -> None:
    with _lock:
        for old in [k for k in _answers if isinstance(k, tuple) and k[:2] == key[:2] and k[2] != key[2]]:
            del _answers[old]


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` gave for this key before, among those asked for lately."""
    with _lock:
        answer = _answers.setdefault(key, _Answer())
        _answers.move_to_end(key)
        while len(_answers) > MOST:
            _answers.popitem(last=False)
    with answer.turn:
        if not answer.known:
            answer.value, answer.known = make(), True
        value: T = answer.value
        return value
