"""Whether and through whom the pages send mail of their own: invitations and lost passwords."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from regulars.errors import Refused

PORTS = {"smtp": 587, "smtps": 465}
NONE = "django.core.mail.backends.dummy.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True)
class Mail:
    """An SMTP server; without ``host`` there is none."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    start_tls: bool = False
    tls: bool = False
    sender: str = "regulars@localhost"


def provider(text: str) -> dict[str, Any]:
    """The settings of a provider of e-mail, as JSON; none where nothing is said. Raises `Refused` for what is none."""
    try:
        said = json.loads(text or "{}")
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Refused("REGULARS_ANYMAIL is no JSON object.", hint='Write {"PROVIDER": "postmark", …}.')
    return said


def mail(url: str, sender: str) -> tuple[str, Mail]:
    """Django's backend and the server of ``smtp://`` (STARTTLS), ``smtps://``, ``smtp+plain://`` (a trusted network).

    Raises `Refused` for any other address.
    """
    if not url:
        return NONE, Mail()
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps", "smtp+plain") or not parts.hostname:
        raise Refused("REGULARS_SMTP is no address of a mail server.",
                      hint="Write smtp://user:password@host:587, smtps://… or smtp+plain://host:25.")
    user = unquote(parts.username or "")
    return SMTP, Mail(parts.hostname, parts.port or PORTS.get(parts.scheme, 25), user, unquote(parts.password or ""),
                      parts.scheme == "smtp", parts.scheme == "smtps",
                      sender or (user if "@" in user else f"regulars@{parts.hostname}"))
