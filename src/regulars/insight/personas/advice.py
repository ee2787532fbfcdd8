"""What follows for the shop from what was counted: each advice rests on one statement, whose share it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from regulars.insight.personas.counting import Statement

MANY, HALF, FEW = 0.7, 0.5, 0.25


@dataclass(frozen=True)
class Advice:
    """``kind`` is "do" or "avoid"; it rests on the statement of ``code`` where ``holds``."""

    name: str
    kind: str
    code: str
    holds: Callable[[Statement], bool]


ADVICE: tuple[Advice, ...] = (
    Advice("first_order", "do", "bought", lambda s: s.value < FEW),
    Advice("meet", "do", "channel", lambda s: s.value >= HALF),
    Advice("moment", "do", "part_of_day", lambda s: s.value >= HALF),
    Advice("speak_of", "do", "category", lambda s: s.value >= 0.4),
    Advice("screen", "do", "device", lambda s: s.value >= MANY),
    Advice("write", "do", "reads", lambda s: s.value >= 0.3 and s.differs != "less"),
    Advice("spread", "do", "talks", lambda s: s.value >= 0.1 and s.differs == "more"),
    Advice("ask_why", "do", "recent", lambda s: s.value < 0.35),
    Advice("no_mail", "avoid", "reads", lambda s: s.value < 0.15 and s.differs == "less"),
    Advice("not_agreed", "avoid", "may_email", lambda s: s.value < FEW),
    Advice("no_discount", "avoid", "at_discount", lambda s: s.value < 0.1),
    Advice("fewer_discounts", "avoid", "at_discount", lambda s: s.value >= HALF),
    Advice("no_selling", "avoid", "asks", lambda s: s.value >= 0.4 and s.differs == "more"),
    Advice("no_surprise", "avoid", "returns", lambda s: s.value >= 0.15 and s.differs == "more"),
)


def advised(statements: Sequence[Statement]) -> Iterator[Statement]:
    """What to do and, after it, what not to do."""
    by_code: Mapping[str, Statement] = {s.code: s for s in reversed(statements)}
    for kind in ("do", "avoid"):
        for each in ADVICE:
            ground = by_code.get(each.code)
            if each.kind == kind and ground is not None and each.holds(ground):
                yield replace(ground, code=each.name, topic=kind, kind=kind)
            if each.name == "moment" and kind == "do":
                yield from _occasion(by_code)


def _occasion(by_code: Mapping[str, Statement]) -> Iterator[Statement]:
    buys, occasion = by_code.get("for_occasions"), by_code.get("occasion")
    if buys is not None and occasion is not None and buys.value >= HALF:
        yield replace(occasion, code="before", topic="do", kind="do")
