"""Whether a mail server can be used as it is set up: connected to once, and told in words what is in the way."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import replace

from regulars.errors import Refused
from regulars.model.phrases import Sentence
from regulars.outreach.channels.email.smtp import Server, connect
from regulars.outreach.refusals import why

PATIENCE = 5.0
"""Seconds for each step: somebody waits before the page."""


def attempt(server: Server) -> None:
    """Say hello, encrypt, say who it is, and go; raises `Refused` for the first that is not possible."""
    try:
        smtp = connect(replace(server, timeout=PATIENCE))
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise Refused(_said(error, server), settings="email") from error
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()


def _said(error: Exception, server: Server) -> Sentence:
    host, port = server.host, str(server.port)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return why("There is no mail server called '{host}'.", host=host)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return why("{host} refused the user or the password.", host=host)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        if "STARTTLS" in str(error):
            return why("{host} offers no encryption by STARTTLS at port {port}.", host=host, port=port)
        return why("{host} takes no user and password at port {port}.", host=host, port=port)
    if isinstance(error, ssl.SSLCertVerificationError):
        return why("{host} shows a certificate that cannot be trusted.", host=host)
    if isinstance(error, ssl.SSLError):
        return why("{host} does not speak TLS at port {port}.", host=host, port=port)
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        return why("{host} said: {words}", host=host, words=f"{error.smtp_code} {words}")
    return why("No mail server answers at {host}, port {port}.", host=host, port=port)
