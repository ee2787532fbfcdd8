"""Handing messages to an SMTP server (RFC 5321) over one connection that is kept.

What matters is what a break means: before the last byte went out the server has nothing, after it nobody can say.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import partial
from types import TracebackType

from regulars.errors import Refused
from regulars.model.phrases import as_text
from regulars.outreach import states
from regulars.outreach.channels.base import LineDown, Parcel, Receipt
from regulars.outreach.channels.email.dkim import Signer
from regulars.outreach.channels.email.mime import message
from regulars.outreach.channels.email.saying import in_the_way

PLAIN, START_TLS, TLS = "plain", "starttls", "tls"
SECURITY = (PLAIN, START_TLS, TLS)
CLOSING = 421
NO_SUCH_PERSON = re.compile(r"^5\.1\.(1|2|3|6|10)\b")
"""Enhanced codes (RFC 3463) that speak of the address, not of the message or the sender."""


@dataclass(frozen=True)
class Server:
    """Where to hand messages over, and as whom. ``envelope``: where bounces come back to."""

    host: str
    port: int = 25
    security: str = START_TLS
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    reply_to: str = ""
    envelope: str = ""
    timeout: float = 60.0
    signer: Signer | None = None


class SmtpLine:
    """One connection, opened with the first message and again when the server ended it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> SmtpLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def deliver(self, batch: Sequence[Parcel]) -> list[Receipt]:
        """One after the other; raises `LineDown` where the first of them could not be begun."""
        return [self._deliver(parcel) for parcel in batch]

    def _deliver(self, parcel: Parcel) -> Receipt:
        try:
            data = self._bytes(parcel)
        except Refused as error:
            return Receipt(parcel.delivery, states.FAILED_PERMANENT, str(error))
        try:
            refused = self._begin(parcel, closing=True)
        except smtplib.SMTPServerDisconnected:
            refused = self._begin_again(parcel)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise self._down(error) from error
        return refused or self._hand_over(parcel, data)

    def _down(self, error: Exception) -> LineDown:
        return LineDown(as_text(in_the_way(error, self._server.host, str(self._server.port))))

    def _bytes(self, parcel: Parcel) -> bytes:
        made = message(parcel, sender=self._server.sender, reply_to=self._server.reply_to)
        return self._server.signer.sign(made) if self._server.signer else made

    def _begin_again(self, parcel: Parcel) -> Receipt | None:
        """Servers end a connection after some messages, or when nothing comes: nothing was handed over yet."""
        self._drop()
        try:
            return self._begin(parcel, closing=False)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise self._down(error) from error

    def _begin(self, parcel: Parcel, *, closing: bool) -> Receipt | None:
        """Up to where the message itself follows; a receipt where the server wants none of it.

        ``closing``: whether 421 may be the end of a connection that was used long enough. Raises where the sender is
        refused: that is so for every message.
        """
        smtp = self._connected()
        asks: Sequence[Callable[[], tuple[int, bytes]]] = (
            partial(self._say_sender, smtp, closing), partial(smtp.rcpt, parcel.to), partial(smtp.docmd, "DATA"))
        for ask in asks:
            code, said = ask()
            if code == CLOSING and closing:
                raise smtplib.SMTPServerDisconnected(said.decode("utf-8", "replace"))
            if code >= 400 or code < 0:
                self._begin_anew()
                return _refused(parcel, code, said)
        return None

    def _say_sender(self, smtp: smtplib.SMTP, closing: bool) -> tuple[int, bytes]:
        envelope = self._server.envelope or parseaddr(self._server.sender)[1]
        code, said = smtp.mail(envelope)
        if code >= 500 or (code == CLOSING and not closing):
            raise smtplib.SMTPSenderRefused(code, said, envelope)
        return code, said

    def _begin_anew(self) -> None:
        """After a refusal; some servers have gone by then."""
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _hand_over(self, parcel: Parcel, data: bytes) -> Receipt:
        assert self._smtp is not None
        try:
            self._smtp.send(stuffed(data))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Receipt(parcel.delivery, states.FAILED_TEMPORARY, _said(error))
        try:
            code, said = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Receipt(parcel.delivery, states.UNKNOWN, _said(error))
        if code == CLOSING or code < 200:
            self._drop()
        if code >= 400:
            return _refused(parcel, code, said)
        state = states.SENT if 200 <= code < 300 else states.UNKNOWN
        return Receipt(parcel.delivery, state, f"{code} {said.decode('utf-8', 'replace')}")

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = connect(self._server)
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def connect(server: Server) -> smtplib.SMTP:
    """A connection that has said hello, and who it is; raises as smtplib."""
    context = ssl.create_default_context()
    if server.security == TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == START_TLS:
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def stuffed(data: bytes) -> bytes:
    """With its end mark: a line that begins with a dot gets another (RFC 5321, 4.5.2)."""
    doubled = data.replace(b"\r\n.", b"\r\n..")
    return doubled + (b".\r\n" if doubled.endswith(b"\r\n") else b"\r\n.\r\n")


def _refused(parcel: Parcel, code: int, said: bytes) -> Receipt:
    text = said.decode("utf-8", "replace")
    if code < 500:
        return Receipt(parcel.delivery, states.FAILED_TEMPORARY, f"{code} {text}")
    state = states.BOUNCED_HARD if NO_SUCH_PERSON.match(text) else states.FAILED_PERMANENT
    return Receipt(parcel.delivery, state, f"{code} {text}")


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {said}"
    return str(error) or type(error).__name__
