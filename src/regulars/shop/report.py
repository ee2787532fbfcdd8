"""The report: one page about a shop, or about nothing but its exports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from babel import Locale

from regulars.errors import Ambiguous, NotRecognised, Refused
from regulars.insight.page import moment_for, page
from regulars.intake.prepared import Progress, Report
from regulars.intake.reasons import currency_without_rate
from regulars.intake.receipt import Receipt
from regulars.model.figures import Figures
from regulars.model.settings import FILE, NO_CURRENCY, Settings
from regulars.rules import fold
from regulars.shop.refusals import why
from regulars.shop.shop import Now, Shop, this_moment

TEXTS = ("name", "currency", "timezone", "country")


@dataclass(frozen=True)
class Brought:
    """Exports brought into a shop of their own for as long as a report takes."""

    shop: Shop
    receipts: tuple[Receipt, ...]

    @property
    def refused(self) -> int:
        """Rows of the files that could not be used."""
        return sum(r.rows.refused for r in self.receipts)


def with_texts(settings: Settings, said: Mapping[str, str]) -> Settings:
    """The settings with these of its texts (name, currency, timezone, country) as they were given."""
    return replace(settings, **{k: str(v) for k, v in said.items() if k in TEXTS})  # type: ignore[arg-type]


def is_shop(path: Path) -> bool:
    return (path / FILE).is_file()


@contextmanager
def brought(files: Sequence[Path], said: Mapping[str, str], *, now: datetime | None = None,
            progress: Report | None = None) -> Iterator[Brought]:
    """A shop made of nothing but these files, gone after the block; ``said`` are settings that were given.

    Where no currency was given it is the one most amounts name, else none; the country is that of most customers.
    Rows that cannot be used are left out and counted. Raises `ImportRefused` for a file that cannot be taken in.
    """
    if not files:
        raise Refused(why("There is nothing to report on."), hint=why("Name a shop's folder, or files to bring in."))
    with TemporaryDirectory(prefix="regulars-") as folder:
        settings = with_texts(Settings(name=_name(files), currency=NO_CURRENCY), said)
        receipts, shop = _bring_in(Path(folder) / "first", settings, files, now, progress)
        named = None if "currency" in said else _currency(receipts)
        if named:
            shop.close()
            receipts, shop = _bring_in(Path(folder) / "again", replace(settings, currency=named), files, now, progress)
        with shop:
            if "country" not in said:
                shop.settings = replace(shop.settings, country=_country(shop) or settings.country)
            yield Brought(shop, receipts)


def _bring_in(folder: Path, settings: Settings, files: Sequence[Path], now: datetime | None,
              progress: Report | None) -> tuple[tuple[Receipt, ...], Shop]:
    shop = Shop.create(folder, settings)
    try:
        found = [r for file in files for r in shop.import_file(file, now=now, good_rows=True, progress=progress)]
    except (NotRecognised, Ambiguous) as error:
        shop.close()
        raise type(error)(error.message, hint=why("Make a shop, bring the file in, which lets you say what its columns "
                                                  "are, and report on the shop.")) from error
    except BaseException:
        shop.close()
        raise
    return tuple(found), shop


def _name(files: Sequence[Path]) -> str:
    words = re.sub(r"[_\-.]+", " ", files[0].stem).strip()
    return words[:1].upper() + words[1:] or Settings.name


def _currency(receipts: Sequence[Receipt]) -> str | None:
    """The currency most of the refused amounts are in: a shop without one takes in none that names one."""
    codes = Counter(code for receipt in receipts for refusal in receipt.refused
                    if (code := currency_without_rate(refusal.reason)))
    return codes.most_common(1)[0][0] if codes else None


def _country(shop: Shop) -> str | None:
    """The country most customers are in, whether it is written as a code or by its name."""
    most = shop.engine.value("SELECT mode(country ORDER BY country) FROM customers WHERE country IS NOT NULL")
    if most is None or (len(most) == 2 and most.isalpha()):
        return None if most is None else str(most).upper()
    named = {fold(name): code for language in ("en", "id", "ur", "ru")
             for code, name in Locale.parse(language).territories.items() if len(code) == 2}
    return named.get(fold(most))


def report(shop: Shop, now: Now = None, language: str | None = None, *, progress: Report | None = None) -> str:
    """As `Shop.report`, which loads this when it is called."""
    today = this_moment()
    moment = moment_for(shop, today) if now is None else shop.moment(now)

    def tell(done: int, of: int) -> None:
        if progress:
            progress(Progress("writing the report", done, of))
    return page(shop, moment, Figures(shop.settings, language or ""), today=today, progress=tell)
