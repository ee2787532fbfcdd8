"""The ways out of a shop, and what is settled of them and of the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from regulars.outreach import settings as kept
from regulars.outreach.channels import channel as find_channel
from regulars.outreach.channels import names as channel_names
from regulars.outreach.settings import Rules
from regulars.outreach.store import Store


class WaysOut:
    """Of the shop in a folder. The file beside the facts is opened at the first asking."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def store(self) -> Store:
        """The file that holds them."""
        return Store.of(self._folder)

    def settings(self, what: str) -> dict[str, Any]:
        """Those of the gate, or of a channel; of a secret only whether there is one."""
        if what == kept.GATE:
            return asdict(kept.rules(self.store))
        return kept.shown_of_channel(self.store, self._folder, what)

    def set(self, what: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Change settings of the gate or of a channel; raises `Refused`, `NotFound`."""
        if what == kept.GATE:
            kept.set_rules(self.store, **said)
        else:
            kept.set_channel(self.store, self._folder, what, said)
        return self.settings(what)

    def usable(self, name: str) -> None:
        """Raises `Refused` where the settings of a channel are not enough to use it by, `NotFound` for one that is
        none."""
        find_channel(name).open(kept.of_channel(self.store, self._folder, name), self._folder)

    def attempt(self, name: str) -> None:
        """Connect by a channel that can be tried, sending nothing; raises `Refused` for what is in the way."""
        found = find_channel(name)
        trial = getattr(found, "attempt", found.open)
        trial(kept.of_channel(self.store, self._folder, name), self._folder)

    @property
    def rules(self) -> Rules:
        return kept.rules(self.store)

    @property
    def channels(self) -> Sequence[str]:
        """The ways out that there are."""
        return channel_names()


__all__ = ["WaysOut"]
