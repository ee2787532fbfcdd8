"""What keeps a mail server from taking messages, in words."""

from __future__ import annotations

import smtplib
import socket
import ssl

from regulars.model.phrases import Sentence
from regulars.outreach.refusals import why


def in_the_way(error: Exception, host: str, port: str) -> Sentence:
    """Of what smtplib or the system raised while a server was spoken to."""
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
