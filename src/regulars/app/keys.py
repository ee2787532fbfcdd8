"""What keeps strangers out before anybody has signed in: the secret key of a shop, and the names it answers to."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

FILE = "secret.key"
EVERYWHERE = ("0.0.0.0", "::", "")


def secret_key(folder: Path) -> str:
    """The key kept in the shop's folder, made at the first asking and readable by its owner alone.

    Where there is no shop yet, one that lasts as long as the process.
    """
    path = folder / FILE
    if not folder.is_dir():
        return secrets.token_urlsafe(50)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")


def mark(folder: Path) -> str:
    """Eight letters that tell one shop's cookies from another's on the same host."""
    return hashlib.sha256(str(folder).encode()).hexdigest()[:8]


def hosts(address: str, host: str) -> list[str]:
    """The names beyond localhost under which the pages are asked for: of the address said, and of the machine."""
    said = [urlsplit(address).hostname or ""] if address else []
    return [name for name in (*said, host, *((socket.gethostname(),) if host in EVERYWHERE[:2] else ()))
            if name not in EVERYWHERE]
