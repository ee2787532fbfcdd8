"""What leaving out saves, and what it risks: money, each with a range that is to hold 19 times in 20."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.model.later import later
from regulars.outreach.guard.chances import Floats
from regulars.outreach.results.learning import Lift

stats = later("scipy.stats")
PERCENT, AMOUNT, FREE_SHIPPING, GIFT = "percent", "amount", "free_shipping", "gift"
HIGHEST = 0.5
"""Whoever is more likely than not to buy anyway is left out by default."""


@dataclass(frozen=True)
class Offered:
    """An offer of ``kind``: ``value`` in percent, or in money for each buyer."""

    kind: str
    value: float

    def given(self, amounts: Floats) -> Floats:
        """What is given to a buyer of each amount."""
        if self.kind == PERCENT:
            return amounts * min(max(self.value, 0.0), 100.0) / 100
        found: Floats = np.minimum(max(self.value, 0.0), amounts)
        return found


@dataclass(frozen=True)
class Range:
    low: float
    value: float
    high: float


@dataclass(frozen=True)
class Weighed:
    """Of ``people`` who are left out at ``threshold``: what is ``saved`` of discounts on orders that come anyway, and
    what is ``risked`` of orders that come only with the offer: what would be left of them, the offer taken off (where
    what goods cost is not known, their amount)."""

    threshold: float
    people: int
    saved: Range
    risked: Range


@dataclass(frozen=True)
class Scales:
    """A place for each person the offer would go to: their ``chance`` to buy anyway, the ``amount`` they then pay, and
    that of one ``order``.

    ``spread`` is that of amounts (relative), ``drift`` how far all chances may be off together with its degrees of
    ``freedom``; ``left`` is what is left of 1 paid, None where nobody knows; ``lift`` what the offer adds to orders.
    """

    chance: Floats
    amount: Floats
    order: Floats
    offer: Offered
    spread: float
    drift: float
    freedom: int
    left: float | None
    lift: Lift

    def weigh(self, threshold: float) -> Weighed:
        """Where everybody as likely as ``threshold`` to buy anyway is left out."""
        out = self.chance >= threshold
        p = self.chance[out]
        percent = self.offer.kind == PERCENT
        saved = self._range(p, self.offer.given(self.amount[out]), self.spread if percent else 0.0)
        kept = self._kept(self.order[out])
        low, value, high = (self._range(self._more(p, lift), kept, self.spread) for lift in
                            (self.lift.low, self.lift.value, self.lift.high))
        return Weighed(threshold, int(out.sum()), saved, Range(low.low, value.value, high.high))

    def _kept(self, order: Floats) -> Floats:
        """What is left of an order that comes with the offer; nothing where it brings a loss."""
        found: Floats = np.maximum((order if self.left is None else order * self.left) - self.offer.given(order), 0.0)
        return found

    def _range(self, p: Floats, money: Floats, spread: float) -> Range:
        """Of a sum of money that each brings with their chance: by chance, and by how far all may be off together."""
        mean = float(np.einsum("i,i->", p, money))
        variance = float(np.sum(p * money**2 * (1 + spread**2) - (p * money) ** 2)) + (mean * self.drift) ** 2
        reach = float(stats.t.ppf(0.975, self.freedom)) * float(np.sqrt(max(variance, 0.0)))
        return Range(max(mean - reach, 0.0), mean, mean + reach)

    @staticmethod
    def _more(p: Floats, lift: float) -> Floats:
        """By how much the chance grows where orders come so much more often."""
        found: Floats = (1 - p) - (1 - p) ** (1 + max(lift, 0.0))
        return found

    def suggested(self) -> float:
        """From which chance on leaving out saves more than it risks; never below the average chance (who lapsed may
        get the offer), nor above `HIGHEST` (who is engaged gets none)."""
        if not len(self.chance):
            return HIGHEST
        mean = float(self.chance.mean())
        steps = np.linspace(0.01, HIGHEST, 50)
        given = float(self.offer.given(self.amount).mean())
        pays = steps * given >= self._more(steps, self.lift.value) * float(self._kept(self.order).mean())
        first = float(steps[pays][0]) if pays.any() else HIGHEST
        return round(min(max(first, mean), HIGHEST), 2)


__all__ = ["Offered", "Range", "Scales", "Weighed"]
