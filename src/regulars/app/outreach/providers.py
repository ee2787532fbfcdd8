"""E-mail through a provider (Mailgun, Postmark, SendGrid, Brevo, Resend …) by django-anymail, and what it tells later.

``REGULARS_ANYMAIL`` in the environment is a JSON object: ``PROVIDER`` names anymail's backend, the rest are anymail's
own settings (``POSTMARK_SERVER_TOKEN``, ``WEBHOOK_SECRET`` as ``name:password`` …). It is used where the setting
``through`` of e-mail is ``anymail``. https://anymail.dev/en/stable/esps/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from anymail.signals import tracking
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.http import Http404, HttpRequest, HttpResponse

from regulars.app.facts import the_shop
from regulars.app.refusals import why
from regulars.errors import Refused
from regulars.outreach import links, states
from regulars.outreach.channels.base import LineDown, Parcel, Receipt
from regulars.outreach.channels.email import TRANSPORTS

NAME = "anymail"
NOT_NOW = (401, 403, 408, 429, 500, 502, 503, 504)
"""Answers that speak of the account or the moment, not of one message."""
TOLD = {"delivered": "delivered", "bounced": "bounced", "rejected": "bounced softly", "complained": "complained",
        "unsubscribed": "unsubscribed", "opened": "opened", "clicked": "clicked"}
"""What a provider tells, and what it is here; what else it may tell (queued, deferred …) settles nothing."""


class ProviderLine:
    """Hands messages to a provider one by one; its answer says whether it took them."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        provider = settings.ANYMAIL.get("PROVIDER", "")
        try:
            if not str(provider).isidentifier() or not said.get("sender"):
                raise ImproperlyConfigured("no provider or no sender")
            self._connection = get_connection(f"anymail.backends.{provider}.EmailBackend")
        except (ImportError, ImproperlyConfigured) as error:
            raise Refused(why("No provider of e-mail is set up."),
                          hint=why("Set {setting}.", setting="REGULARS_ANYMAIL")) from error
        self._said = said

    def __enter__(self) -> ProviderLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._connection.close()

    def deliver(self, batch: Sequence[Parcel]) -> list[Receipt]:
        """A receipt for each; raises `LineDown` where the provider takes nothing from us."""
        return [self._deliver(parcel) for parcel in batch]

    def _deliver(self, parcel: Parcel) -> Receipt:
        message = self._message(parcel)
        try:
            self._connection.send_messages([message])
        except AnymailRecipientsRefused as error:
            return Receipt(parcel.delivery, states.FAILED_PERMANENT, str(error)[:300])
        except AnymailAPIError as error:
            return _failed(parcel, error)
        except (AnymailError, ValueError) as error:
            return Receipt(parcel.delivery, states.FAILED_PERMANENT, str(error)[:300])
        return Receipt(parcel.delivery, states.SENT, str(message.anymail_status.message_id or ""))

    def _message(self, parcel: Parcel) -> AnymailMessage:
        """With the delivery's number and its digest, which the provider gives back with whatever it tells of it."""
        seed = the_shop().campaigns.store.seed
        reply_to = [self._said["reply_to"]] if self._said.get("reply_to") else None
        message = AnymailMessage(
            subject=" ".join(parcel.subject.split()), body=parcel.text, from_email=self._said["sender"], to=[parcel.to],
            reply_to=reply_to, headers={n: v for n, v in parcel.headers.items() if n != "Date"})
        message.metadata = {"delivery": str(parcel.delivery), "mark": links.message_digest(seed, parcel.delivery)}
        if parcel.html:
            message.attach_alternative(parcel.html, "text/html")
        return message


def _failed(parcel: Parcel, error: AnymailAPIError) -> Receipt:
    """Whoever was never reached has nothing; whoever was, and did not answer, may have it."""
    cause, said = error.__cause__, str(error)[:300]
    if isinstance(cause, requests.ConnectionError | requests.ConnectTimeout):
        raise LineDown(said)
    if isinstance(cause, requests.RequestException) and error.status_code is None:
        return Receipt(parcel.delivery, states.UNKNOWN, said)
    if error.status_code in NOT_NOW:
        raise LineDown(said)
    return Receipt(parcel.delivery, states.FAILED_PERMANENT, said)


def open_line(said: Mapping[str, Any], folder: Path) -> ProviderLine:
    """Raises `Refused` where no provider is set up."""
    return ProviderLine(said)


def told(sender: object, event: Any, esp_name: str, **_: object) -> None:
    """A provider's word on one delivery; a made-up one has no digest that fits."""
    said = event.metadata or {}
    number, campaigns = str(said.get("delivery", "")), the_shop().campaigns
    kind = TOLD.get(event.event_type)
    if kind is None or not number.isascii() or not number.isdigit() or len(number) > 15:
        return
    if said.get("mark") == links.message_digest(campaigns.store.seed, int(number)):
        campaigns.respond(int(number), kind, the_shop().moment(), link=event.click_url or "",
                          agent=event.user_agent or "", said=str(event.description or event.reject_reason or ""))


def door(view: Callable[..., HttpResponse], name: str) -> Callable[..., HttpResponse]:
    """Where a provider tells what became of messages: open for the one that is set up, and for no other.

    Without their settings the others answer everybody with errors.
    """
    @login_not_required
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if not name.startswith(f"{settings.ANYMAIL.get('PROVIDER') or NAME}_"):
            raise Http404
        return view(request, *args, **more)
    return asked


def use() -> None:
    """Have e-mail go through the provider where its settings say so."""
    TRANSPORTS[NAME] = open_line
    tracking.connect(told, dispatch_uid="regulars.outreach")
