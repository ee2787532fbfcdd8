"""What a channel is given, what it gives back, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from regulars.model.phrases import Said

TEXT, NUMBER, WHOLE, SECRET, YESNO = "text", "number", "whole number", "secret", "yes/no"
SHARE = "share"
"""A part of 1, which a person types in percent."""


@dataclass(frozen=True)
class Field:
    """One setting of a channel; a secret is kept apart, and shown nowhere.

    ``choices``: the only values there are, each with what it is called. ``long``: it has several lines;
    ``seldom``: most shops leave it as it is.
    """

    name: str
    label: Said
    kind: str = TEXT
    default: Any = ""
    help: Said = ""
    choices: Sequence[tuple[str, Said]] = ()
    long: bool = False
    seldom: bool = False


@dataclass(frozen=True)
class Parcel:
    """One message for one person. ``to`` is the address the channel asks for; ``person`` their row of customers."""

    delivery: int
    customer_id: str
    to: str
    name: str = ""
    language: str = "en"
    subject: str = ""
    html: str = ""
    text: str = ""
    message_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    person: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """What became of a parcel: ``state`` is sent, failed_temporary, failed_permanent, bounced_hard or unknown.

    ``unknown``: it was handed over whole, and nobody said whether it was taken. ``said``: the other side's words.
    """

    delivery: int
    state: str
    said: str = ""


class LineDown(Exception):
    """Nothing at all goes through: what was to be handed over was not, and is tried later. Why is the other
    side's words, or a sentence that `as_text` wrote."""


class Line(Protocol):
    """A channel in use by one thread, open until the end of the block."""

    def __enter__(self) -> Line: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None: ...

    def deliver(self, batch: Sequence[Parcel]) -> list[Receipt]:
        """A receipt for each; raises `LineDown` where none of them was handed over."""
        ...


class Channel(Protocol):
    """``at_once``: how many are handed over together, and are unknown together after a kill.

    ``consent``: whose consent is asked, "" where none is needed. ``address``: what of the customer is needed: email,
    phone, post, or "" for nothing. ``says``: what of a message it carries, see `outreach.says`.
    """

    name: str
    at_once: int
    consent: str
    address: str
    settings: Sequence[Field]
    says: str

    def open(self, settings: Mapping[str, Any], folder: Path) -> Line: ...
