"""Arrays of numbers into the columns of a table: exact money, moments, ids and words.

Everything here works on whole columns; codes of -1 and a ``known`` of False are unknown values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.demo.refusals import why
from regulars.errors import NotFound
from regulars.model.tables import TABLES
from regulars.model.types import Type

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Columns = Mapping[str, Any]

MONEY = pa.decimal128(18, 4)
ARROW_TYPES: Mapping[Type, pa.DataType] = {
    Type.TEXT: pa.string(), Type.TEXTS: pa.list_(pa.string()), Type.NUMBER: pa.float64(), Type.WHOLE: pa.int64(),
    Type.DECIMAL: MONEY, Type.MONEY: MONEY, Type.YESNO: pa.bool_(), Type.MOMENT: pa.timestamp("us"),
    Type.DATE: pa.date32(), Type.JSON: pa.string(),
}
RETURNED = "returned_quantity"
"""Files say what came back by this name; the shop keeps it apart from what it works out itself."""


def schema(table: str, columns: Sequence[str]) -> pa.Schema:
    """The Arrow schema of some columns of a table, as the model types them."""
    found = []
    for name in columns:
        column = TABLES[table].column(name)
        if column is None:
            raise NotFound(why("Table {table} has no column {name}.", table=table, name=name))
        found.append((name, ARROW_TYPES[column.type]))
    return pa.schema(found)


def ids(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """``C000123`` from 123."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def labels(words: Sequence[str], codes: NDArray[Any]) -> pa.Array:
    """The word of each code."""
    codes = np.asarray(codes, np.int64)
    return pa.array(list(words), pa.string()).take(pa.array(codes, mask=codes < 0))


def lists(choices: Sequence[Sequence[str]], codes: NDArray[Any]) -> pa.Array:
    """The list of words of each code."""
    codes = np.asarray(codes, np.int64)
    return pa.array([list(c) for c in choices], pa.list_(pa.string())).take(pa.array(codes, mask=codes < 0))


def money(cents: Ints, known: Flags | None = None) -> pa.Array:
    """Whole cents as exact money."""
    return decimals(np.asarray(cents, np.int64) * 100, known)


def decimals(ten_thousandths: Ints, known: Flags | None = None) -> pa.Array:
    """Whole ten thousandths as exact numbers."""
    words = np.empty((len(ten_thousandths), 2), np.int64)
    words[:, 0] = ten_thousandths
    words[:, 1] = words[:, 0] >> 63
    column = pa.Array.from_buffers(MONEY, len(words), [None, pa.py_buffer(words)])
    return column if known is None else pc.if_else(pa.array(known), column, pa.scalar(None, MONEY))


def quantities(pieces: Ints) -> pa.Array:
    return decimals(np.asarray(pieces, np.int64) * 10_000)


def whole(values: NDArray[Any], known: Flags | None = None) -> pa.Array:
    return pa.array(np.asarray(values, np.int64), mask=_unknown(known))


def numbers(values: Floats, known: Flags | None = None) -> pa.Array:
    return pa.array(np.asarray(values, np.float64), mask=_unknown(known))


def moments(seconds: Ints, known: Flags | None = None) -> pa.Array:
    """Seconds since 1970 in UTC."""
    return pa.array((np.asarray(seconds, np.int64) * 1_000_000).view("datetime64[us]"), mask=_unknown(known))


def dates(days: Ints, known: Flags | None = None) -> pa.Array:
    """Days since 1970."""
    return pa.array(np.asarray(days, np.int64).astype("datetime64[D]"), mask=_unknown(known))


def yesno(values: NDArray[Any], known: Flags | None = None) -> pa.Array:
    return pa.array(np.asarray(values, bool), mask=_unknown(known))


def joined(*parts: Any) -> pa.Array:
    """Texts put together; unknown where one is."""
    return pc.binary_join_element_wise(*parts, "")


def hidden(column: pa.Array, known: Flags) -> pa.Array:
    """The column with the values that are not known taken out."""
    return pc.if_else(pa.array(known), column, pa.scalar(None, column.type))


def _unknown(known: Flags | None) -> Flags | None:
    return None if known is None else ~np.asarray(known, bool)


def choose(random: np.random.Generator, weights: Floats, rows: NDArray[Any]) -> Ints:
    """One column index for each row number, drawn by that row of ``weights``."""
    edges = np.cumsum(weights, axis=1)
    edges = edges / edges[:, -1:]
    drawn = random.random(len(rows))
    found = np.zeros(len(rows), np.int64)
    for edge in edges.T[:-1]:
        found += drawn >= edge[rows]
    return found


def rank_within(groups: NDArray[Any]) -> Ints:
    """0, 1, 2 … within each run of equal values of a sorted array."""
    if not len(groups):
        return np.zeros(0, np.int64)
    begins = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    lengths = np.diff(np.r_[begins, len(groups)])
    return np.arange(len(groups), dtype=np.int64) - np.repeat(begins, lengths)
