"""Numbers, money and moments as the shop's people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

from regulars.model.clock import to_local
from regulars.model.settings import NO_CURRENCY, Settings

NOTHING = "–"
NEARLY_ALL = 0.999
ALL = 1 - 1e-9
"""From here on a share is all, but for how it was worked out."""
Digits = Literal["latn", "arabext"]
"""``arabext``: the Eastern Arabic digits of Urdu and Persian."""
EASTERN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True)
class Figures:
    """In ``language`` (the shop's, unless said), its time zone and currency; None is written as a dash."""

    settings: Settings
    language: str = ""
    digits: Digits = "latn"

    @property
    def locale(self) -> str:
        return self.language or self.settings.language

    def number(self, value: float | Decimal | None) -> str:
        """Grouped, with at most three decimals."""
        if value is None:
            return NOTHING
        return self._text(format_decimal(value, locale=self.locale, numbering_system=self.digits))

    def counted(self, number: int, one: str) -> str:
        """A number of things, called by the English word for one."""
        return f"{self.number(number)} {one if number == 1 else one + 's'}"

    def rounded(self, value: float | Decimal | None, decimals: int = 1) -> str:
        if value is None:
            return NOTHING
        form = "#,##0" + ("." + "#" * decimals if decimals else "")
        return self._text(format_decimal(value, format=form, locale=self.locale, numbering_system=self.digits))

    def percent(self, share: float | None) -> str:
        """One decimal, none for 0 and 1."""
        if share is None:
            return NOTHING
        digits = "#,##0.0%" if 0 < share < 1 else "#,##0%"
        return self._text(format_percent(share, format=digits, locale=self.locale, numbering_system=self.digits))

    def share(self, share: float | None) -> str:
        """Whole percents, for sentences; below one and above 99 with a decimal, so that few is never nobody, and nearly
        all never all.
        """
        if share is None:
            return NOTHING
        share = min(share, NEARLY_ALL) if share < ALL else max(share, 1)
        plain = share == 0 or 0.01 <= share <= 0.99 or share >= 1
        return self._text(format_percent(share, format="#,##0%" if plain else "#,##0.0%", locale=self.locale,
                                         numbering_system=self.digits))

    def money(self, amount: Decimal | float | None) -> str:
        """To the currency's own decimals; where nobody has named one, the bare amount."""
        if amount is None:
            return NOTHING
        if self.settings.currency == NO_CURRENCY:
            return self._text(format_decimal(amount, format="#,##0.00", locale=self.locale,
                                             numbering_system=self.digits))
        return self._text(format_currency(amount, self.settings.currency, locale=self.locale,
                                          numbering_system=self.digits))

    def about(self, amount: Decimal | float | None) -> str:
        """Money of an estimate: three significant digits, no cents above ten."""
        if amount is None:
            return NOTHING
        value = float(f"{float(amount):.3g}")
        return self.money(value) if 0 < abs(value) < 10 else self._without_cents(value)

    def total(self, amount: Decimal | float | None) -> str:
        """Money added up: as it is, without cents from a thousand on."""
        return self.money(amount) if amount is None or abs(float(amount)) < 1000 else self._without_cents(amount)

    def _without_cents(self, value: Decimal | float) -> str:
        if self.settings.currency == NO_CURRENCY:
            return self.rounded(value, 0)
        whole = Locale.parse(self.locale).currency_formats["standard"].pattern.replace(".00", "")
        return self._text(format_currency(value, self.settings.currency, whole, locale=self.locale,
                                          currency_digits=False, numbering_system=self.digits))

    def compact(self, amount: Decimal | float | None) -> str:
        """Money as briefly as it can be, for the edge of a picture: €1.2K, £3M."""
        if amount is None:
            return NOTHING
        value, digits = float(amount), 0 if abs(float(amount)) < 1000 else 1
        if self.settings.currency == NO_CURRENCY:
            return self._text(format_compact_decimal(value, locale=self.locale, fraction_digits=digits))
        return self._text(format_compact_currency(value, self.settings.currency, locale=self.locale,
                                                  fraction_digits=digits))

    def moment(self, moment: datetime | None) -> str:
        """Naive UTC in the shop's wall time."""
        if moment is None:
            return NOTHING
        return self._text(format_datetime(to_local(moment, self.settings.zone), "d MMM y HH:mm", locale=self.locale))

    def day(self, day: date | None) -> str:
        return NOTHING if day is None else self._text(format_date(day, "d MMM y", locale=self.locale))

    def month(self, number: int) -> str:
        """The month by itself, as it stands in a list or a title; 1 for January."""
        return str(Locale.parse(self.locale).months["stand-alone"]["wide"][number])

    def weekday(self, number: int) -> str:
        """The day of the week by itself; 1 for Monday."""
        # Babel 2 shares what languages leave out: stand-alone days come in the language that was asked for first.
        return str(Locale.parse(self.locale).days["format"]["wide"][number - 1])

    def _text(self, written: Any) -> str:
        """In the digits chosen: Babel takes the signs of a numbering system, and never its digits."""
        return str(written).translate(EASTERN) if self.digits == "arabext" else str(written)
