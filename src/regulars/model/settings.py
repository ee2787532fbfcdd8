"""What a shop says about itself: ``shop.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from regulars.errors import NotAShop, Refused
from regulars.model import countries
from regulars.model.languages import LANGUAGES as LANGUAGES
from regulars.model.refusals import why

FILE = "shop.toml"
NO_CURRENCY = "XXX"
"""ISO 4217 for amounts that are in no currency: here, in one that nobody has named."""


@dataclass(frozen=True)
class Settings:
    """Amounts are in ``currency``; a time without a zone is read in ``timezone``.

    ``service_hour_cost`` is what an hour of service costs, ``message_costs`` what a message by each channel does;
    ``payment_fee_percent`` of an order's total and ``shipping_cost`` of an order that is sent are unknown unless said.
    ``address`` is where letters reach the shop, for the foot of its mails, "" where it was never said.
    ``webhooks_to_own_network``: programs on the machine of the pages, or beside it in its network, may be told too.
    """

    name: str = "My shop"
    currency: str = "EUR"
    timezone: str = "UTC"
    country: str = "NL"
    language: str = "en"
    service_hour_cost: float = 30.0
    message_costs: Mapping[str, float] = field(
        default_factory=lambda: {"email": 0.002, "sms": 0.07, "phone": 4.0, "post": 1.1})
    payment_fee_percent: float | None = None
    shipping_cost: float | None = None
    sender: str = ""
    webhooks_to_own_network: bool = False
    address: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def checked(settings: Settings) -> Settings:
    """The settings as given, or `Refused` naming the first one that cannot be."""
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
        raise Refused(why("There is no time zone called '{timezone}'.", timezone=settings.timezone),
                      hint=why("Use a name such as Europe/Berlin or Asia/Jakarta.")) from error
    if len(settings.currency) != 3 or not settings.currency.isalpha():
        raise Refused(why("'{currency}' is not a currency code.", currency=settings.currency),
                      hint=why("Use three letters, such as EUR or IDR."))
    if not countries.known(settings.country):
        near = [countries.said(code) for code in countries.nearest(settings.country)] or ["ID (Indonesia)"]
        raise Refused(why("'{country}' is not a country's code.", country=settings.country),
                      hint=why("Use two letters, such as {known}.", known=near))
    if settings.language not in LANGUAGES:
        raise Refused(why("Language '{language}' is not spoken here.", language=settings.language),
                      hint=why("Choose {known}.", known=[*LANGUAGES]))
    return settings


def load(folder: Path) -> Settings:
    """Read ``shop.toml``; raises `NotAShop` where it is missing or unreadable."""
    path = folder / FILE
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotAShop(why("{folder} is not a shop: it has no {file}.", folder=folder, file=FILE),
                       hint=why("Make one."), command="regulars init FOLDER") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotAShop(why("{path} cannot be read: {error}.", path=path, error=error)) from error
    known = {f.name for f in fields(Settings)}
    return checked(Settings(**{k: v for k, v in stated.items() if k in known}))


def dump(settings: Settings) -> str:
    """The text of ``shop.toml``."""
    said = {f.name: getattr(settings, f.name) for f in fields(settings) if f.name != "message_costs"}
    lines = [f"{name} = {_toml(value)}" for name, value in said.items() if value is not None]
    lines += ["", "[message_costs]", *(f"{k} = {_toml(v)}" for k, v in settings.message_costs.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    escaped = "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}"
                      for c in value.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{escaped}"'
