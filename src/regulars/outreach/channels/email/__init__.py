"""E-mail: straight to an SMTP server, or through whatever was put beside it under a name (`TRANSPORTS`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from regulars.errors import Refused
from regulars.model.phrases import phrases
from regulars.outreach.channels.base import NUMBER, SECRET, Field, Line
from regulars.outreach.channels.email import trying
from regulars.outreach.channels.email.dkim import signer
from regulars.outreach.channels.email.smtp import PLAIN, SECURITY, START_TLS, TLS, Server, SmtpLine
from regulars.outreach.refusals import why
from regulars.outreach.says import MAIL

text, counted = phrases("regulars.outreach.channels", "email")
SMTP, PROVIDER = "smtp", "anymail"
TRANSPORTS: dict[str, Callable[[Mapping[str, Any], Path], Line]] = {}
"""Other ways out, by name: the pages put those there that need them."""


class Email:
    """One message after the other over a kept connection; several connections side by side."""

    name = "email"
    at_once = 1
    consent = "email"
    address = "email"
    says = MAIL
    settings: Sequence[Field] = (
        Field("through", text("Way out"), default=SMTP, choices=(
            (SMTP, text("a mail server (SMTP)")),
            (PROVIDER, text("a provider of e-mail, as it was set up with the pages")))),
        Field("sender", text("Sender"), help=text("As people see it: Name <address>.")),
        Field("host", text("Mail server"), help=text(
            "Whoever keeps your mailboxes tells it: mostly smtp. and a name.")),
        Field("port", text("Port"), NUMBER, 587),
        Field("security", text("Encryption"), default=START_TLS, choices=(
            (START_TLS, text("STARTTLS (usual, port 587)")), (TLS, text("TLS from the beginning (port 465)")),
            (PLAIN, text("none: passwords and people’s addresses can be read on the way")))),
        Field("user", text("User")),
        Field("password", text("Password"), SECRET),
        Field("reply_to", text("Answers go to"), help=text("Left empty, to the sender."), seldom=True),
        Field("connections", text("Connections side by side"), NUMBER, 2, seldom=True),
        Field("per_second", text("At most so many in a second (0: as many as go)"), NUMBER, 0, seldom=True),
        Field("domain_per_minute", text("At most so many in a minute to one receiving domain (0: as many as go)"),
              NUMBER, 0, seldom=True),
        Field("dkim_domain", text("DKIM: domain"), help=text(
            "A signature by which mailboxes know your mail. Left empty where your mail server signs by itself."),
            seldom=True),
        Field("dkim_selector", text("DKIM: selector"), seldom=True),
        Field("dkim_key", text("DKIM: private key (PEM)"), SECRET, long=True, seldom=True),
        Field("bounce_address", text("Messages that cannot be delivered come back to"), help=text(
            "A mailbox of its own: with its server below it is read every few minutes, and whoever cannot be reached "
            "is not written to again."), seldom=True),
        Field("imap_host", text("Mailbox of what comes back: server"), seldom=True),
        Field("imap_user", text("Mailbox of what comes back: user"), seldom=True),
        Field("imap_password", text("Mailbox of what comes back: password"), SECRET, seldom=True),
    )

    def attempt(self, settings: Mapping[str, Any], folder: Path) -> None:
        """Connect and say who it is, sending nothing; raises `Refused` with what is in the way, in words."""
        self.open(settings, folder)
        if (settings.get("through") or SMTP) == SMTP:
            trying.attempt(server(settings))

    def open(self, settings: Mapping[str, Any], folder: Path) -> Line:
        """Raises `Refused` where the settings are not enough to send by."""
        through = settings.get("through") or SMTP
        if through in TRANSPORTS:
            return TRANSPORTS[through](settings, folder)
        if through != SMTP:
            raise Refused(why("There is no way out called '{name}'.", name=through))
        return SmtpLine(server(settings))


def server(settings: Mapping[str, Any]) -> Server:
    """What the settings say of the server; raises `Refused` for what is missing or cannot be."""
    sender = str(settings.get("sender") or "")
    if sender and "@" not in parseaddr(sender)[1]:
        raise Refused(why("There is no e-mail address in the sender '{sender}'.", sender=sender),
                      hint=why("Write it as Name <address>."), settings="email",
                      command="regulars campaign settings email --set sender=…")
    if not settings.get("host") or not sender:
        raise Refused(why("There is no mail server or no sender yet."),
                      hint=why("Say which, in the settings of e-mail."),
                      command="regulars campaign settings email --set host=… --set sender=…", settings="email")
    if settings.get("security") not in SECURITY:
        raise Refused(why("'{security}' is no way to encrypt.", security=settings.get("security")),
                      hint=why("There are: {known}.", known=[*SECURITY]), settings="email")
    return Server(
        str(settings["host"]), int(settings.get("port") or 25), str(settings["security"]),
        str(settings.get("user") or ""), str(settings.get("password") or ""), sender,
        str(settings.get("reply_to") or ""), str(settings.get("bounce_address") or ""),
        signer=signer(str(settings.get("dkim_domain") or ""), str(settings.get("dkim_selector") or ""),
                      str(settings.get("dkim_key") or "")))


CHANNEL = Email()
