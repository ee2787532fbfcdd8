"""Passwords of databases: in one file of the shop's folder that its owner alone reads and no backup carries."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from regulars.app.facts import facts
from regulars.app.sources.models import Source

FILE = ".databases.json"


def whole(source: Source) -> str:
    """The address with its password, to connect by; never to be shown or written down."""
    return with_password(source.address, _read().get(str(source.pk), ""))


def with_password(address: str, secret: str) -> str:
    """The two together: behind the name, or among the options where the name stands there."""
    parts = urlsplit(address)
    if not secret:
        return address
    if "@" not in parts.netloc:
        query = "&".join(filter(None, (parts.query, urlencode({"password": secret}, quote_via=quote))))
        return urlunsplit(parts._replace(query=query)) if parts.scheme.startswith("postgres") else address
    name, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{name}:{quote(secret, safe='')}@{host}"))


def known(source: Source) -> bool:
    return str(source.pk) in _read()


def keep(source: Source, password: str) -> None:
    """Remember the password of a database in place of what was kept; "" forgets it."""
    held = {key: value for key, value in _read().items() if key != str(source.pk)}
    _write(held | ({str(source.pk): password} if password else {}))


def _path() -> Path:
    return facts().folder / FILE


def _read() -> dict[str, str]:
    try:
        held: dict[str, str] = json.loads(_path().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return held


def _write(held: dict[str, str]) -> None:
    """All or nothing, and readable by nobody else at any moment."""
    half = _path().with_name(f"{FILE}.{os.getpid()}")
    with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half, _path())
