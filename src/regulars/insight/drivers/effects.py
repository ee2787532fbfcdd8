"""Differences as they look, and beside everything else that is known: effect sizes with intervals, and their tests.

The adjusted difference is that of a linear model of all attributes at once (for yes or no: the linear probability
model, whose coefficients are differences of chances) with heteroscedasticity-consistent errors, HC3 (MacKinnon & White
1985, Journal of Econometrics 29:305; Long & Ervin 2000, The American Statistician 54:217); an attribute is tested as a
whole (Wald, by F), and all attributes together are held to a false discovery rate (Benjamini & Hochberg 1995). A yes or
no alone is tested as a table of counts (Pearson 1900, Philosophical Magazine 50:157): beside few people with the rarer
outcome HC3 finds noise too sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.insight.common.intervals import Z
from regulars.model.later import later

stats = later("scipy.stats")
MOST_LEVELS = 12
OTHER = "other"
SUREST = 1e-3
SAME = 1e-6
"""A column of which less than this part is not told by the others already is no column of its own."""


@dataclass(frozen=True)
class Coded:
    """An attribute of the people: the number of each one's level, the unknown as the last one where there are any.

    ``known`` counts the levels that are tested against each other; of the unknown is only seen to it that it does not
    colour them.
    """

    name: str
    levels: Sequence[str]
    codes: Any
    known: int

    @property
    def dummies(self) -> Any:
        """A column for each level but the first, the most frequent one."""
        width = int(self.codes.max()) + 1
        return np.eye(width)[:, 1:][self.codes]


@dataclass(frozen=True)
class Contrast:
    """What a level adds, against the other known levels of its attribute, and the standard error."""

    value: float
    error: float

    @property
    def between(self) -> tuple[float, float]:
        return self.value - Z * self.error, self.value + Z * self.error


@dataclass(frozen=True)
class Effect:
    """Of an attribute: a contrast for each known level, and the p that there is no difference at all."""

    contrasts: Sequence[Contrast]
    p: float


def coded(name: str, column: pa.ChunkedArray, least: int) -> Coded | None:
    """The levels that at least ``least`` people have, the most frequent ones first, the others together; None where
    fewer than two are left."""
    words = column.combine_chunks()
    counts = sorted(((v["values"].as_py(), v["counts"].as_py()) for v in pc.value_counts(words)
                     if v["values"].as_py() is not None), key=lambda v: (-v[1], v[0]))
    kept = [word for word, n in counts if n >= least][:MOST_LEVELS]
    rest = sum(n for word, n in counts if word not in kept)
    levels = [*kept, *([OTHER] if rest >= least and OTHER not in kept else [])]
    if len(levels) < 2:
        return None
    place = {word: i for i, word in enumerate(levels)}
    of_word = {word: place.get(word, place.get(OTHER, len(levels))) for word, _ in counts}
    known = pa.array([of_word[w.as_py()] for w in pc.unique(words.drop_null())], pa.int64())
    index = pc.index_in(words, value_set=pc.unique(words.drop_null()))
    codes = pc.fill_null(known.take(index), len(levels)).to_numpy(zero_copy_only=False)
    first = int(np.bincount(codes, minlength=len(levels))[:len(levels)].argmax())
    order = [first, *(i for i in range(len(levels)) if i != first)]
    moved = np.array([*np.argsort(order), len(levels)])
    return Coded(name, [levels[i] for i in order], moved[codes], len(levels))


@dataclass(frozen=True)
class Model:
    """A fit by least squares; ``own`` tells which columns are in it (those the others do not tell already).

    No coefficient is surer than ``least``, a variance: where all of a level are alike, that is no proof. ``free`` is
    how many people there are beyond the columns.
    """

    coefficients: Any
    covariance: Any
    own: Any
    least: float
    free: int


def fit(columns: Any, y: Any) -> Model:
    """An intercept before the columns; covariance HC3. A column the ones before it tell already is left out."""
    x = np.column_stack([np.ones(len(y)), columns])
    own = independent(x.T @ x)
    kept = x[:, own]
    inverse = np.linalg.inv(kept.T @ kept)
    coefficients = np.zeros(x.shape[1])
    coefficients[own] = inverse @ (kept.T @ y)
    leverage = np.einsum("ij,ij->i", kept @ inverse, kept)
    residuals = (y - x @ coefficients) / np.maximum(1 - leverage, 1e-3)
    weighed = kept * residuals[:, None]
    covariance = np.zeros((x.shape[1], x.shape[1]))
    covariance[np.ix_(own, own)] = inverse @ (weighed.T @ weighed) @ inverse
    least = SUREST * float(np.var(y)) / len(y) + np.finfo(float).tiny
    return Model(coefficients, covariance, own, least, max(len(y) - int(own.sum()), 1))


def independent(products: Any) -> Any:
    """Which columns are no combination of those before them, out of their products (Cholesky without the others)."""
    left, own = products.astype(float).copy(), np.zeros(len(products), bool)
    scale = np.maximum(np.diag(products), 1e-300)
    for i in range(len(products)):
        if left[i, i] > SAME * scale[i]:
            own[i] = True
            left -= np.outer(left[:, i], left[i]) / left[i, i]
    return own


def effect(model: Model, attribute: Coded, begins: int) -> Effect | None:
    """What an attribute whose dummies begin at a column adds; None where another attribute says the same."""
    places = np.r_[-1, begins + np.arange(attribute.known - 1)]
    if not model.own[places[1:]].all():
        return None
    sizes = np.bincount(attribute.codes, minlength=attribute.known)[:attribute.known].astype(float)
    contrasts = []
    for level in range(attribute.known):
        weights = np.where(np.arange(attribute.known) == level, 0.0, sizes)
        side = -weights / weights.sum()
        side[level] = 1.0
        at = np.zeros(len(model.coefficients))
        at[places[1:]] = side[1:]
        contrasts.append(Contrast(float(at @ model.coefficients), float(np.sqrt(max(at @ model.covariance @ at, 0.0)))))
    return Effect(contrasts, _wald(model, places[1:]))


def _wald(model: Model, places: Any) -> float:
    """The p that the coefficients at these places are all nothing."""
    values = model.coefficients[places]
    spread = model.covariance[np.ix_(places, places)] + model.least * np.eye(len(places))
    statistic = float(values @ np.linalg.solve(spread, values))
    return float(stats.f.sf(statistic / len(places), len(places), model.free))


def alone(attribute: Coded, y: Any) -> Effect:
    """The difference as it looks: of the known levels, with nothing else beside."""
    found = effect(fit(attribute.dummies, y), attribute, 1)
    assert found is not None
    yes_or_no = bool(((y == 0) | (y == 1)).all())
    return replace(found, p=_of_counts(attribute, y)) if yes_or_no else found


def _of_counts(attribute: Coded, y: Any) -> float:
    """The p that the shares of a yes are the same in all known levels."""
    known = attribute.codes < attribute.known
    codes, yes = attribute.codes[known], y[known]
    share = float(yes.mean())
    if share in (0.0, 1.0):
        return 1.0
    people, hits = np.bincount(codes, minlength=attribute.known), np.bincount(codes, yes, attribute.known)
    statistic = float(((hits - people * share) ** 2 / people).sum() / (share * (1 - share)))
    return float(stats.chi2.sf(statistic, attribute.known - 1))


def beside(attributes: Sequence[Coded], y: Any) -> list[Effect | None]:
    """The differences of all attributes at once, each beside the others."""
    model = fit(np.column_stack([a.dummies for a in attributes]), y)
    begins = np.cumsum([1, *(a.dummies.shape[1] for a in attributes)])
    return [effect(model, a, int(at)) for a, at in zip(attributes, begins, strict=False)]


__all__ = ["Coded", "Contrast", "Effect", "alone", "beside", "coded", "effect", "fit"]
