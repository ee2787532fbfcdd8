"""Where people, jobs and the audit log are kept: a file in the shop's folder, or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from regulars.errors import Refused
from regulars.shop.folder import APP

SQLITE: dict[str, Any] = {
    "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                    "PRAGMA secure_delete = ON",
    "transaction_mode": "IMMEDIATE", "timeout": 20}


def database(folder: Path, url: str) -> dict[str, Any]:
    """Django's ``DATABASES["default"]``; raises `Refused` for an address that is not PostgreSQL's."""
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / APP), "OPTIONS": SQLITE}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise Refused(f"DATABASE_URL begins with {parts.scheme!r}.",
                      hint="Write postgresql://user:password@host:5432/name.")
    return {"ENGINE": "django.db.backends.postgresql", "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "", "PORT": parts.port or "", "CONN_MAX_AGE": 300,
            "CONN_HEALTH_CHECKS": True, "OPTIONS": dict(parse_qsl(parts.query))}
