"""What every aggregate function says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from regulars.errors import WrongType
from regulars.model.types import Type
from regulars.rules.refusals import why
from regulars.rules.subjects import Row, When
from regulars.rules.tree import said

DAY_IN_MICROSECONDS = 86_400_000_000
FUNCTIONS: dict[str, Function] = {}


@dataclass(frozen=True)
class Picked:
    """The rows in the making of SQL: ``mask`` is true of the rows that count, ``in_window`` of those of the window;
    None where that is all of them. ``coded`` is the column as `regulars.rules.facts.Coded`, where it comes so."""

    rows: Any
    mask: Any
    in_window: Any
    at: Any
    column: Any = None
    folded: Any = None
    coded: Any = None

    @property
    def chosen(self) -> Any:
        """The rows that count, as a table."""
        return self.rows if self.mask is None else self.rows.filter(self.mask)


@dataclass(frozen=True)
class Chosen:
    """The rows in plain Python; ``in_window`` is how many lie in the window, whether or not they meet ``where``."""

    rows: list[Row]
    in_window: int
    column: str | None
    when: When

    @property
    def values(self) -> list[Any]:
        """What is known of the column."""
        found = (r.get(self.column or "", self.when) for r in self.rows)
        return [v for v in found if v is not None]

    @property
    def moments(self) -> list[Any]:
        return [r.at for r in self.rows]


class Function:
    """``nothing`` is the value of a customer without rows: 0 for counts and sums, unknown (None) for the rest;
    ``whole_window`` says that rows which do not meet ``where`` have a say too. ``of`` names the function whose value
    this one is made from, by `derive`."""

    name: ClassVar[str]
    needs_column: ClassVar[bool] = False
    own_pass: ClassVar[bool] = False
    whole_window: ClassVar[bool] = False
    nothing: ClassVar[Any] = None
    of: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        FUNCTIONS[cls.name] = cls()

    def result(self, column: Type | None, text: str, position: int) -> Type:
        """The type of the result; raises `WrongType` where the column does not suit."""
        raise TypeError(self.name)

    def reduce(self, picked: Picked, when: When) -> Any:
        """An Ibis aggregate over the rows of one customer."""
        raise TypeError(self.name)

    def derive(self, column: Any, when: When) -> Any:
        """For ``of``: the value out of a column of that function's."""
        raise TypeError(self.name)

    def table(self, picked: Picked) -> Any:
        """For ``own_pass``: a table of ``customer_id`` and ``value``."""
        raise TypeError(self.name)

    def compute(self, chosen: Chosen) -> Any:
        """The same in plain Python."""
        raise TypeError(self.name)


def need_numbers(column: Type | None, text: str, position: int) -> Type:
    """The column's type; raises `WrongType` where it holds no numbers."""
    if column is None or not column.numeric:
        raise WrongType(why("{text}: numbers are needed, and the column is {type}.", text=text, type=said(column))
                        if column else why("{text}: a column of numbers is needed.", text=text), position=position)
    return column
