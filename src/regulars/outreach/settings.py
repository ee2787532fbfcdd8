"""What holds for every campaign of a shop, and for each channel; secrets lie apart, in a file its owner alone reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from regulars.errors import Refused
from regulars.model.phrases import phrases
from regulars.outreach.channels import channel
from regulars.outreach.channels.base import NUMBER, SECRET, SHARE, WHOLE, YESNO, Field
from regulars.outreach.content.links import is_link
from regulars.outreach.refusals import why
from regulars.outreach.store import Store

text, counted = phrases("regulars.outreach", "settings")
SECRETS = ".outreach.json"
"""No backup carries it."""
GATE = "gate"
SHARES = ("held_out_share",)


@dataclass(frozen=True)
class Rules:
    """The gate's: at most ``cap_messages`` in ``cap_days`` (0: no cap) by all channels that reach a person, where
    ``cap_together``, else by each; nothing between ``quiet_from``
    and ``quiet_until`` (hours of the customer's own clock, the same: never quiet); ``held_out_share`` of all people get
    no campaign at all; ``public_address`` is where links in messages lead to.
    """

    cap_messages: int = 3
    cap_days: int = 7
    cap_together: bool = True
    quiet_from: int = 21
    quiet_until: int = 8
    held_out_share: float = 0.05
    public_address: str = ""
    track_people: bool = True


OF_THE_GATE: Sequence[Field] = (
    Field("public_address", text("Address of these pages, as customers reach it"), help=text(
        "Links in messages lead there: to unsubscribe, to choose, to pictures. It begins with https://.")),
    Field("cap_messages", text("At most so many messages to one person (0: as many as there are)"), WHOLE, 3),
    Field("cap_days", text("… in so many days"), WHOLE, 7),
    Field("cap_together", text("E-mail, texts, calls and post count together"), YESNO, True),
    Field("quiet_from", text("Nothing goes out from this hour"), WHOLE, 21, help=text(
        "By the customer’s own clock, 0 to 24. The same hour twice: at any time.")),
    Field("quiet_until", text("… until this hour"), WHOLE, 8),
    Field("held_out_share", text("Percent of all people who get no campaign at all"), SHARE, 0.05, help=text(
        "5 is one in twenty: beside them it shows what all campaigns together bring. 0: nobody.")),
    Field("track_people", text("Write down who opens and clicks"), YESNO, True),
)
"""`Rules` as they are asked of a person, in this order."""


def rules(store: Store) -> Rules:
    """As they are kept; what was never said is as it is by itself."""
    said = _read(store, GATE)
    return Rules(**{f.name: said[f.name] for f in fields(Rules) if f.name in said})


def set_rules(store: Store, **said: Any) -> Rules:
    """Raises `Refused` for what cannot be."""
    known = {f.name: f for f in fields(Rules)}
    now = asdict(rules(store))
    for name, value in said.items():
        if name not in known:
            raise Refused(why("There is no setting called '{name}'.", name=name),
                          hint=why("There are: {known}.", known=[*known]))
        now[name] = _as(type(now[name]), name, value)
    made = Rules(**now)
    _check(made)
    _write(store, GATE, asdict(made))
    return made


def _check(made: Rules) -> None:
    hours = (made.quiet_from, made.quiet_until)
    if not all(0 <= h <= 24 for h in hours) or made.cap_messages < 0 or made.cap_days < 1:
        raise Refused(why("Quiet hours are between 0 and 24, and a cap is a number of messages in a number of days."))
    if not 0 <= made.held_out_share <= 0.5:
        raise Refused(why("At most half of the people can be held out from everything."))
    if made.public_address and not (is_link(made.public_address)
                                    and made.public_address.lower().startswith(("https://", "http://"))):
        raise Refused(why("The address of the pages begins with https:// or http://."))


def _as(kind: type, name: str, value: Any) -> Any:
    if kind is bool:
        if str(value).lower() not in (*YES, *NO):
            raise Refused(why("'{value}' is neither yes nor no, for {name}.", value=str(value), name=name))
        return str(value).lower() in YES
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise Refused(why("'{value}' is no number, for {name}.", value=str(value), name=name)) from error


YES, NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off", "")


def of_channel(store: Store, folder: Path, name: str) -> dict[str, Any]:
    """Settings of a channel, its secrets among them: for whoever opens it, never to be shown."""
    said, hidden = _read(store, name), _secrets(folder).get(name, {})
    return {f.name: hidden.get(f.name, f.default) if f.kind == SECRET else said.get(f.name, f.default)
            for f in channel(name).settings}


def shown_of_channel(store: Store, folder: Path, name: str) -> dict[str, Any]:
    """The same to be shown: of a secret only whether there is one."""
    held = of_channel(store, folder, name)
    return {f.name: bool(held[f.name]) if f.kind == SECRET else held[f.name] for f in channel(name).settings}


def set_channel(store: Store, folder: Path, name: str, said: Mapping[str, Any]) -> None:
    """Raises `Refused` for a setting that is none, or a value that cannot be; "" forgets a secret."""
    declared = {f.name: f for f in channel(name).settings}
    unknown = [n for n in said if n not in declared]
    if unknown:
        raise Refused(why("There is no setting called '{name}'.", name=unknown[0]),
                      hint=why("There are: {known}.", known=[*declared]))
    made = {n: _of_field(declared[n], v) for n, v in said.items()}
    open_ones = {n: v for n, v in made.items() if declared[n].kind != SECRET}
    hidden = {n: v for n, v in made.items() if declared[n].kind == SECRET}
    if hidden:
        kept = _secrets(folder)
        kept[name] = {n: v for n, v in (kept.get(name, {}) | hidden).items() if v}
        _write_secrets(folder, kept)
    _write(store, name, _read(store, name) | open_ones)


def _of_field(declared: Field, value: Any) -> Any:
    if declared.kind == NUMBER:
        return _as(float, declared.name, value)
    if declared.kind == YESNO:
        return _as(bool, declared.name, value)
    text = str(value).strip()
    if not text.isprintable() and declared.kind != SECRET:
        raise Refused(why("{name} has signs in it that cannot be.", name=declared.name))
    return text


def _read(store: Store, name: str) -> dict[str, Any]:
    text = store.value("SELECT doc FROM settings WHERE name = ?", [name])
    return json.loads(text) if text else {}


def _write(store: Store, name: str, said: Mapping[str, Any]) -> None:
    with store.writing() as c:
        c.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", [name, json.dumps(said, ensure_ascii=False)])


def _secrets(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        held: dict[str, dict[str, Any]] = json.loads((folder / SECRETS).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return held


def _write_secrets(folder: Path, held: Mapping[str, Any]) -> None:
    """All or nothing, and readable by nobody else at any moment."""
    half = folder / f"{SECRETS}.{os.getpid()}"
    with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half, folder / SECRETS)
