"""A page's entry in the navigation, declared by its folder's ``page.py`` as ``PAGE``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regulars.app.discovery import modules
from regulars.app.doors import roles

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Page:
    """``name`` is its address's name; ``order`` its place; ``inside`` names further addresses that belong to it."""

    title: str | _StrPromise
    name: str
    order: int
    inside: tuple[str, ...] = ()
    may: str = roles.LOOK
    """Who has this page in the navigation."""

    def holds(self, namespace: str, view: str) -> bool:
        """Whether the address ``namespace:view`` is this page or lies in it."""
        return namespace == self.name.partition(":")[0] or view in self.inside


def current(namespace: str, view: str) -> Page | None:
    """The page that the address is or lies in: one that names it goes before the rest of its folder."""
    held = [page for page in pages() if page.holds(namespace, view)]
    return next((page for page in held if view in page.inside), held[0] if held else None)


def pages() -> tuple[Page, ...]:
    """What the navigation shows, in order."""
    return tuple(sorted((module.PAGE for module in modules("page")), key=lambda p: p.order))
