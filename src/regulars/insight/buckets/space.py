"""Customers as points: every side of behaviour weighs alike, whatever it is measured in.

Blocks are balanced as in multiple factor analysis: each is divided by its first singular value (Escofier & Pagès
1994, Computational Statistics & Data Analysis 18, 121-140). Shares of few rows are drawn towards the share of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.insight.buckets.features import Feature

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
EDGE = 0.01
"""The farthest hundredth at each end counts as no farther: one giant order must not make a group."""
NOTHING = 1e-9
GOES_WITH = 0.1
"""How much of a side must go with what customers do for it to tell kinds apart."""
PRIOR_ROWS = 1.0
"""A share of n rows is reckoned as if there were one row more, as the shop's average row."""


def column(values: pa.Table, name: str) -> Floats:
    """A column as doubles, unknown as NaN."""
    return np.asarray(values.column(name).cast(pa.float64()).to_numpy(), np.float64)


def measured(values: pa.Table, features: Sequence[Feature]) -> Floats:
    """One column a feature, comparable in kind: logs of amounts, steadied shares, yes and no; unknown in the middle."""
    return np.column_stack([_measured(values, f) for f in features]) if features else np.zeros((values.num_rows, 0))


def _measured(values: pa.Table, feature: Feature) -> Floats:
    raw = column(values, feature.value)
    if feature.form == "yes":
        return np.nan_to_num(raw)
    if feature.form == "amount":
        return _clipped(_filled(np.log1p(np.maximum(raw, 0)), feature.latest))
    rows = column(values, feature.per)
    met = np.nan_to_num(raw) * rows
    overall = met.sum() / max(rows.sum(), 1)
    steadied = (met + PRIOR_ROWS * overall) / (rows + PRIOR_ROWS)
    return _clipped(np.sqrt(steadied) if feature.sqrt else steadied)


def _filled(known: Floats, latest: bool) -> Floats:
    """Unknown is in the middle; where it means "never yet", farther than any."""
    if not np.isfinite(known).any():
        return np.zeros_like(known)
    return np.where(np.isnan(known), np.nanmax(known) if latest else np.nanmedian(known), known)


def _clipped(known: Floats) -> Floats:
    low, high = np.quantile(known, [EDGE, 1 - EDGE]) if len(known) else (0.0, 0.0)
    return np.clip(known, low, high)


def balanced(points: Floats, blocks: Sequence[str]) -> Floats:
    """Centred columns, each block divided by its first singular value; a block that is the same for all is left out."""
    centred = points - points.mean(axis=0)
    found = []
    for _, group in groupby(range(len(blocks)), key=lambda i: blocks[i]):
        columns = centred[:, list(group)]
        block = columns[:, columns.std(axis=0) > NOTHING]
        first = np.linalg.norm(block, 2) / np.sqrt(len(block)) if block.size else 0.0
        if first > NOTHING:
            found.append(block / first)
    return np.hstack(found) if found else np.zeros((len(points), 0))


def going_with(values: pa.Table, features: Sequence[Feature]) -> list[Feature]:
    """The features without those sides customers are only down as that go with nothing they do.

    A side is kept where what they do explains a tenth of it or more (R², adjusted): one that goes with nothing tells no
    kinds apart, and would only blur those there are.
    """
    done = [f for f in features if not f.stated]
    base = balanced(measured(values, done), [f.block for f in done])
    axes, spread, _ = np.linalg.svd(base, full_matrices=False) if base.size else (base, np.zeros(0), base)
    axes = axes[:, spread > NOTHING * max(spread, default=1.0)]
    sides = {f.block: [g for g in features if g.block == f.block] for f in features if f.stated}
    goes = {block for block, own in sides.items() if _explained(axes, measured(values, own)) >= GOES_WITH}
    return [f for f in features if not f.stated or f.block in goes]


def _explained(axes: Floats, side: Floats) -> float:
    centred = side - side.mean(axis=0)
    size, width = axes.shape
    whole = float((centred**2).sum())
    if whole <= NOTHING or size <= width + 1:
        return 0.0
    explained = float(((axes.T @ centred) ** 2).sum()) / whole
    return float(1 - (1 - explained) * (size - 1) / (size - width - 1))


def standing_out(points: Floats, members: Flags) -> Floats:
    """How far the members' mean lies from everybody's, in standard deviations of everybody, for each column."""
    spread = points.std(axis=0)
    away = points[members].mean(axis=0) - points.mean(axis=0)
    return np.asarray(np.divide(away, spread, out=np.zeros_like(away), where=spread > NOTHING), np.float64)
