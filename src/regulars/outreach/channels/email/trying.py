"""Whether a mail server can be used as it is set up: connected to once, and told in words what is in the way."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from dataclasses import replace

from regulars.errors import Refused
from regulars.outreach.channels.email.saying import in_the_way
from regulars.outreach.channels.email.smtp import Server, connect

PATIENCE = 5.0
"""Seconds for each step: somebody waits before the page."""


def attempt(server: Server) -> None:
    """Say hello, encrypt, say who it is, and go; raises `Refused` for the first that is not possible."""
    try:
        smtp = connect(replace(server, timeout=PATIENCE))
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise Refused(in_the_way(error, server.host, str(server.port)), settings="email") from error
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
