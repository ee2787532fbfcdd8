"""Which attributes make a difference: the verdicts, and what else explains those that only look it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.insight.common.intervals import corrected
from regulars.insight.drivers.effects import Coded, Effect, alone, beside, coded

DRIVER, CONFOUNDED, NOTHING, SAME, UNADJUSTED = "driver", "confounded", "nothing", "same", "unadjusted"
FALSE_SHARE = 0.05
EXPLAINS = 0.25
"""Another attribute explains a difference where it takes away at least so much of it."""
MOST_EXPLAINING = 2


@dataclass(frozen=True)
class Judged:
    """An attribute with its differences as they look and beside the others, their q, and the verdict.

    ``because_of`` names what takes most of the difference away, or what says the same.
    """

    attribute: Coded
    raw: Effect
    raw_q: float
    adjusted: Effect | None
    q: float | None
    verdict: str
    because_of: tuple[str, ...] = ()


def code_all(table: pa.Table, least: int) -> list[Coded]:
    """Every attribute that tells people apart."""
    found = (coded(name, table[name], least) for name in table.column_names if name != "outcome")
    return [each for each in found if each is not None]


def judge(attributes: Sequence[Coded], y: Any, most: int) -> list[Judged]:
    """Drivers first, then what only looks different; ``most`` columns are let beside each other, those of the surest
    differences first. Every q is held to all attributes that were looked at; where some had no room, those beside each
    other were picked by the outcome itself, and none is surer beside them than alone."""
    raw = [alone(a, y) for a in attributes]
    raw_q = corrected([r.p for r in raw])
    taken = _taken(attributes, raw, most)
    together = dict(zip(taken, beside([attributes[i] for i in taken], y), strict=True))
    q = corrected([e.p if (e := together.get(i)) else 1.0 for i in range(len(attributes))])
    if len(taken) < len(attributes):
        q = np.maximum(q, raw_q)
    found = [_judged(attributes, y, i, raw[i], float(raw_q[i]), together, q) for i in range(len(attributes))]
    rank = (DRIVER, CONFOUNDED, SAME, UNADJUSTED, NOTHING)
    return sorted(found, key=lambda j: (rank.index(j.verdict), j.raw_q if j.q is None else j.q, j.attribute.name))


def _taken(attributes: Sequence[Coded], raw: Sequence[Effect], most: int) -> list[int]:
    """By position, in the order given."""
    room, taken = most, []
    for i in sorted(range(len(attributes)), key=lambda i: (raw[i].p, i)):
        width = attributes[i].dummies.shape[1]
        if width <= room:
            taken.append(i)
            room -= width
    return sorted(taken)


def _judged(attributes: Sequence[Coded], y: Any, i: int, raw: Effect, raw_q: float,
            together: Mapping[int, Effect | None], q: Any) -> Judged:
    adjusted, looks = together.get(i), raw_q < FALSE_SHARE
    own_q = None if adjusted is None else float(q[i])
    others = [a for k, a in enumerate(attributes) if k != i and k in together]
    because: tuple[str, ...] = ()
    if i not in together:
        verdict = UNADJUSTED if looks else NOTHING
    elif adjusted is None:
        verdict, because = (SAME if looks else NOTHING), _told_by(attributes[i], others)
    elif own_q is not None and own_q < FALSE_SHARE:
        verdict = DRIVER
    else:
        verdict, because = (CONFOUNDED, _explained(attributes[i], others, y, raw)) if looks else (NOTHING, ())
    return Judged(attributes[i], raw, raw_q, adjusted, own_q, verdict, because)


def _explained(attribute: Coded, others: Sequence[Coded], y: Any, raw: Effect) -> tuple[str, ...]:
    """What takes most of the attribute's largest difference away, each by itself."""
    level = int(np.argmax([abs(c.value) / max(c.error, 1e-12) for c in raw.contrasts]))
    looks, less = raw.contrasts[level].value, {}
    for other in others:
        effect = beside([other, attribute], y)[1]
        if effect is not None:
            less[other.name] = 1 - effect.contrasts[level].value / looks
    best = sorted((n for n in less if less[n] >= EXPLAINS), key=lambda n: -less[n])
    return tuple(best[:MOST_EXPLAINING])


def _told_by(attribute: Coded, others: Sequence[Coded]) -> tuple[str, ...]:
    """What says nearly the same: of each level of the attribute, the level of the other it goes with most, together."""
    def told(other: Coded) -> float:
        width = int(other.codes.max()) + 1
        cells = np.bincount(attribute.codes * width + other.codes, minlength=(int(attribute.codes.max()) + 1) * width)
        table = cells.reshape(-1, width)
        by_chance = max(table.sum(axis=0).max(), 1)
        return float((table.max(axis=1).sum() - by_chance) / max(table.sum() - by_chance, 1))
    return tuple(o.name for o in sorted(others, key=told, reverse=True)[:1])


def rows(judged: Sequence[Judged], y: Any) -> pa.Table:
    """A row a known level of each attribute."""
    return pa.Table.from_pylist([row for j in judged for row in _levels(j, y)], schema=SCHEMA)


SCHEMA = pa.schema([
    ("attribute", pa.string()), ("level", pa.string()), ("people", pa.int64()), ("outcome", pa.float64()),
    ("looks", pa.float64()), ("looks_low", pa.float64()), ("looks_high", pa.float64()), ("looks_q", pa.float64()),
    ("adjusted", pa.float64()), ("adjusted_low", pa.float64()), ("adjusted_high", pa.float64()),
    ("adjusted_q", pa.float64()), ("verdict", pa.string()), ("because_of", pa.list_(pa.string()))])


def _levels(judged: Judged, y: Any) -> Iterator[dict[str, Any]]:
    for i, level in enumerate(judged.attribute.levels):
        mine = judged.attribute.codes == i
        looks, beside_others = judged.raw.contrasts[i], judged.adjusted and judged.adjusted.contrasts[i]
        low, high = beside_others.between if beside_others else (None, None)
        yield {"attribute": judged.attribute.name, "level": level, "people": int(mine.sum()),
               "outcome": float(y[mine].mean()), "looks": looks.value, "looks_low": looks.between[0],
               "looks_high": looks.between[1], "looks_q": judged.raw_q,
               "adjusted": beside_others.value if beside_others else None, "adjusted_low": low, "adjusted_high": high,
               "adjusted_q": judged.q, "verdict": judged.verdict, "because_of": list(judged.because_of)}


__all__ = ["CONFOUNDED", "DRIVER", "NOTHING", "SAME", "UNADJUSTED", "Judged", "code_all", "judge", "rows"]
