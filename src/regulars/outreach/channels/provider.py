"""Messages posted one by one to a provider, or to a program of one's own: signed, and each with an id of its own.

What was answered decides: 2xx took it; 408, 425, 429 and 5xx are tried later; 3xx, 401, 403 and 405 mean that nothing
goes until the settings are mended; anything else will never take it. Where the line broke after all was said, nobody
knows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

from regulars.errors import Refused
from regulars.model import settings as shops
from regulars.model.phrases import Said
from regulars.outreach import states, ways
from regulars.outreach.channels.base import NUMBER, SECRET, Field, Line, LineDown, Parcel, Receipt
from regulars.outreach.channels.numbers import e164
from regulars.outreach.channels.posting import Answer, posted
from regulars.outreach.channels.signing import headers
from regulars.outreach.refusals import why
from regulars.outreach.says import MESSAGE

JSON, FORM = "json", "form"
LATER = (408, 425, 429)
LOCKED = (401, 403, 405)
Filled = Mapping[str, str]


@dataclass(frozen=True)
class Provider:
    """Where and how: ``body`` is JSON with ``{{to}}`` and the like in its texts; ``home`` the shop's country.

    ``dials``: whether what it is sent to is a phone number.
    """

    url: str
    format: str
    body: Any
    sender: str = ""
    authorization: str = ""
    secret: str = ""
    home: str = ""
    dials: bool = True


@dataclass(frozen=True)
class ProviderChannel:
    """A channel that posts; see `base.Channel`. ``body`` is what is posted where the shop says nothing else."""

    name: str
    title: Said
    consent: str
    address: str
    body: str
    at_once: int = 1
    says: str = MESSAGE

    @property
    def settings(self) -> Sequence[Field]:
        return (
            Field("url", ways.URL, help=ways.URL_HELP),
            Field("format", ways.FORMAT, default=JSON, help=ways.FORMAT_HELP),
            Field("body", ways.BODY, default=self.body, help=ways.BODY_HELP),
            Field("sender", ways.SENDER),
            Field("authorization", ways.AUTHORIZATION, SECRET, help=ways.AUTHORIZATION_HELP),
            Field("secret", ways.SIGNING, SECRET, help=ways.SIGNING_HELP),
            Field("connections", ways.CONNECTIONS, NUMBER, 4),
            Field("per_second", ways.PER_SECOND, NUMBER, 0),
        )

    def open(self, settings: Mapping[str, Any], folder: Path) -> Line:
        """Raises `Refused` where the settings are not enough to post by."""
        return ProviderLine(provider(settings, self.body, folder, dials=self.address == "phone",
                                     name=self.name))


def provider(settings: Mapping[str, Any], body: str, folder: Path, *, dials: bool, name: str = "") -> Provider:
    """What the settings say; raises `Refused` for what is missing or cannot be."""
    url, form = str(settings.get("url") or ""), str(settings.get("format") or JSON)
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Refused(why("There is no address to post to yet."),
                      hint=why("Say which, in the settings of the channel."), settings=name)
    if form not in (JSON, FORM):
        raise Refused(why("'{format}' is no format.", format=form), hint=why("There are: {known}.", known=[JSON, FORM]))
    try:
        said = json.loads(str(settings.get("body") or body))
    except ValueError as error:
        raise Refused(why("What is posted is no JSON: {error}.", error=error)) from error
    if form == FORM and not isinstance(said, dict):
        raise Refused(why("A form is posted as names with values: {example}.", example='{"To": "{{to}}"}'))
    return Provider(url, form, said, str(settings.get("sender") or ""), str(settings.get("authorization") or ""),
                    str(settings.get("secret") or ""), shops.load(folder).country, dials)


class ProviderLine:
    """Posts a parcel after the other; ``clock`` gives seconds since 1970, for the signatures."""

    def __init__(self, to: Provider, clock: Callable[[], float] = time.time) -> None:
        self._to = to
        self._clock = clock

    def __enter__(self) -> ProviderLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        return None

    def deliver(self, batch: Sequence[Parcel]) -> list[Receipt]:
        """Raises `LineDown` where the first cannot be handed over at all; one that comes later is tried later."""
        receipts: list[Receipt] = []
        for parcel in batch:
            try:
                receipts.append(self._post(parcel))
            except LineDown as error:
                if not receipts:
                    raise
                receipts.append(Receipt(parcel.delivery, states.FAILED_TEMPORARY, str(error)))
        return receipts

    def _post(self, parcel: Parcel) -> Receipt:
        to = e164(parcel.to, parcel.person, self._to.home) if self._to.dials else parcel.to
        if self._to.dials and not to:
            return Receipt(parcel.delivery, states.BOUNCED_HARD, "no phone number")
        number = f"o{parcel.delivery}"
        filled = {"to": to, "text": parcel.text, "subject": parcel.subject, "html": parcel.html, "name": parcel.name,
                  "language": parcel.language, "id": number, "from": self._to.sender,
                  "customer_id": parcel.customer_id, "email": str(parcel.person.get("email") or ""),
                  "phone": str(parcel.person.get("phone") or "")}
        body = self._body(filled)
        return receipt(parcel.delivery, posted(self._to.url, body, self._headers(number, body)))

    def _body(self, filled: Filled) -> bytes:
        said = fill(self._to.body, filled)
        if self._to.format == FORM:
            return urlencode({name: str(value) for name, value in said.items()}).encode()
        return json.dumps(said, ensure_ascii=False).encode()

    def _headers(self, number: str, body: bytes) -> dict[str, str]:
        kind = "application/json" if self._to.format == JSON else "application/x-www-form-urlencoded"
        said = {"Content-Type": kind, "User-Agent": "Regulars", "Idempotency-Key": number}
        if self._to.authorization:
            said["Authorization"] = self._to.authorization
        return said | headers(self._to.secret, number, int(self._clock()), body)


def fill(said: Any, filled: Filled) -> Any:
    """JSON with ``{{name}}`` in its texts put in; what is put in is never read again."""
    if isinstance(said, dict):
        return {name: fill(value, filled) for name, value in said.items()}
    if isinstance(said, list):
        return [fill(each, filled) for each in said]
    if not isinstance(said, str):
        return said
    first, *rest = said.split("{{")
    return first + "".join(_put(part, filled) for part in rest)


def _put(part: str, filled: Filled) -> str:
    name, closed, after = part.partition("}}")
    return filled[name.strip()] + after if closed and name.strip() in filled else "{{" + part


def receipt(delivery: int, answer: Answer) -> Receipt:
    """What an answer means; raises `LineDown` where nothing goes at all."""
    status, said = answer.status, answer.said
    if status in LOCKED or 300 <= status < 400 or not answer.whole:
        raise LineDown(said)
    if status == 0:
        return Receipt(delivery, states.UNKNOWN, said)
    if 200 <= status < 300:
        return Receipt(delivery, states.SENT, said)
    if status in LATER or status >= 500:
        return Receipt(delivery, states.FAILED_TEMPORARY, said)
    return Receipt(delivery, states.FAILED_PERMANENT, said)
