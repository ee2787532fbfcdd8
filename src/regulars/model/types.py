"""The types a column can have, in the words of the screen."""

from __future__ import annotations

from enum import Enum


class Type(Enum):
    """``MONEY`` and ``DECIMAL`` are exact to four decimals; ``MOMENT`` is UTC without zone, in microseconds."""

    TEXT = "text"
    TEXTS = "list of text"
    NUMBER = "number"
    WHOLE = "whole number"
    DECIMAL = "exact number"
    MONEY = "money"
    YESNO = "yes/no"
    MOMENT = "moment"
    DATE = "date"
    JSON = "properties"

    @property
    def numeric(self) -> bool:
        return self in NUMERIC

    @property
    def temporal(self) -> bool:
        return self in (Type.MOMENT, Type.DATE)


NUMERIC = frozenset({Type.NUMBER, Type.WHOLE, Type.DECIMAL, Type.MONEY})
