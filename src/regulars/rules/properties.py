"""What the text of an event's property is worth as its type: the same for engines and in plain Python.

Text that does not read as its type is unknown. A moment without a zone is in the shop's, as everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from regulars.model.clock import as_utc
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.expressions import from_local_time, property_text, regexp_matches

ibis = later("ibis")
SPACES = " \t\n\r\v\f"
NUMBER = r"^[-+]?([0-9]{1,300}(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?$"
AMOUNT = r"^[-+]?[0-9]{1,13}(\.[0-9]*)?$"
WHOLE = r"^[-+]?[0-9]{1,18}(\.0*)?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
SHORT_CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-9]{2}"
ZONED = rf"{DAY}{CLOCK}(Z|[-+][0-9]{{2}}:?[0-9]{{2}})$"
UNZONED = rf"{DAY}({CLOCK}|{SHORT_CLOCK})?$"
YES, NO = ("true", "yes", "1"), ("false", "no", "0")


def column(properties: Any, key: str, type_: Type, zone: ZoneInfo) -> Any:
    """A property as an Ibis column of its type."""
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    text = property_text(properties, pointer).strip()
    return _COLUMNS[type_](text, zone)


def value(properties: Mapping[str, Any], key: str, type_: Type, zone: ZoneInfo) -> Any:
    """The same in plain Python."""
    kept = properties.get(key)
    if kept is None:
        return None
    text = kept if isinstance(kept, str) else json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return _VALUES[type_](text.strip(SPACES), zone)


def _when(text: Any, pattern: str, made: Any) -> Any:
    return regexp_matches(text, pattern, "c").ifelse(made, None)


def _number_column(text: Any, zone: ZoneInfo) -> Any:
    number = _when(text, NUMBER, text.try_cast("float64"))
    return number.isinf().ifelse(None, number)


def _number(text: str, zone: ZoneInfo) -> float | None:
    number = float(text) if re.match(NUMBER, text) else None
    return number if number is not None and isfinite(number) else None


def _amount_column(text: Any, zone: ZoneInfo) -> Any:
    return _when(text, AMOUNT, text.try_cast("decimal(18, 4)"))


def _amount(text: str, zone: ZoneInfo) -> Decimal | None:
    return Decimal(text).quantize(Decimal("0.0001"), ROUND_HALF_UP) if re.match(AMOUNT, text) else None


def _whole_column(text: Any, zone: ZoneInfo) -> Any:
    return _when(text, WHOLE, text.split(".")[0].try_cast("int64"))


def _whole(text: str, zone: ZoneInfo) -> int | None:
    return int(text.split(".")[0]) if re.match(WHOLE, text) else None


def _yesno_column(text: Any, zone: ZoneInfo) -> Any:
    said = text.lower()
    return ibis.cases((said.isin(YES), True), (said.isin(NO), False), else_=ibis.null("boolean"))


def _yesno(text: str, zone: ZoneInfo) -> bool | None:
    return True if text.lower() in YES else False if text.lower() in NO else None


def _moment_column(text: Any, zone: ZoneInfo) -> Any:
    zoned = text.try_cast("timestamp('UTC')").cast("timestamp(6)")
    local = from_local_time(text.try_cast("timestamp(6)"), zone)
    return ibis.cases((regexp_matches(text, ZONED, "c"), zoned), (regexp_matches(text, UNZONED, "c"), local),
                      else_=ibis.null("timestamp(6)"))


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not re.match(ZONED, text) and not re.match(UNZONED, text):
        return None
    moment: datetime | None = _read(lambda: as_utc(datetime.fromisoformat(text), zone))
    return moment


def _date_column(text: Any, zone: ZoneInfo) -> Any:
    return _when(text, DAY, text.substr(0, 10).try_cast("date"))


def _date(text: str, zone: ZoneInfo) -> date | None:
    day: date | None = _read(lambda: date.fromisoformat(text[:10])) if re.match(DAY, text) else None
    return day


def _read(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except ValueError:
        return None


_COLUMNS: Mapping[Type, Callable[[Any, ZoneInfo], Any]] = {
    Type.TEXT: lambda text, zone: text, Type.NUMBER: _number_column, Type.WHOLE: _whole_column,
    Type.DECIMAL: _amount_column, Type.MONEY: _amount_column, Type.YESNO: _yesno_column, Type.MOMENT: _moment_column,
    Type.DATE: _date_column}
_VALUES: Mapping[Type, Callable[[str, ZoneInfo], Any]] = {
    Type.TEXT: lambda text, zone: text, Type.NUMBER: _number, Type.WHOLE: _whole, Type.DECIMAL: _amount,
    Type.MONEY: _amount, Type.YESNO: _yesno, Type.MOMENT: _moment, Type.DATE: _date}
