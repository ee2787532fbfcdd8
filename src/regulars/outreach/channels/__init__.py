"""Ways to reach people, a folder each: `channel` finds one by its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from regulars.errors import NotFound
from regulars.outreach.channels.base import Channel
from regulars.outreach.refusals import why


def way(name: str) -> str:
    """What a person leaves who wants no more of a channel: whatever asks for the same consent, else the channel."""
    return channel(name).consent or name


def by_area(name: str) -> bool:
    """Whether a channel reaches areas and no people of its choice."""
    return bool(getattr(channel(name), "by_area", False))


@cache
def names() -> tuple[str, ...]:
    """The folders beside this module."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if m.ispkg))


def channel(name: str) -> Channel:
    """Raises `NotFound` with those there are."""
    if name not in names():
        raise NotFound(why("There is no channel called '{name}'.", name=name),
                       hint=why("There are: {known}.", known=list(names())))
    found: Channel = import_module(f"{__name__}.{name}").CHANNEL
    return found
