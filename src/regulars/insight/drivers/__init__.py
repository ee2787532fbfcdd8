"""What makes a difference to a second order, a first one, leaving or spending; and what only looks as if it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import numpy as np

from regulars.errors import Refused
from regulars.insight.common import Analysis, Facts, Result, among, asked
from regulars.insight.common.refusals import why
from regulars.insight.drivers.attributes import attributes
from regulars.insight.drivers.cohort import MOST, OUTCOMES, Cohort, cohort
from regulars.insight.drivers.judging import Judged, code_all, judge, rows
from regulars.insight.drivers.saying import SOURCE, caveats, findings, label, method

FEWEST_PEOPLE, FEWEST_EACH = 100, 20
PEOPLE_A_COLUMN = 5
"""So many of the rarer outcome (or twice as many people) there are for each column that is let beside the others."""


@dataclass(frozen=True)
class Drivers(Analysis):
    """Attributes and early behaviour beside an outcome that came after: differences as they look and adjusted for all
    else.

    second_order and spend: from the first order on; conversion: of those who became known and had not bought; churn: of
    those who bought in the year before, and did not in ``days``. Raises `Refused` where ``early_days`` leave no time.
    """

    outcome: str = field(default="second_order", metadata={"help": "What is to be explained.", "choices": (*OUTCOMES,)})
    days: int = field(default=90, metadata={"help": "Within how many days it is to come."})
    early_days: int = field(default=7, metadata={"help": "Days at the beginning of which all is known beforehand."})
    min_people: int = field(default=30, metadata={"help": "Fewest people a value is looked at for."})
    personal: bool = field(default=False, metadata={"help": "Look at gender and age too."})
    seed: int = field(default=1, metadata={"help": f"Which sample, where there are more than {MOST} people."})
    needs: ClassVar[str] = "orders"

    def run(self, shop: Facts, now: datetime) -> Result:
        if not 0 <= self.early_days < self.days or self.min_people < 2:
            raise Refused(why("The {early_days} early days leave no time within {days} days.",
                              early_days=self.early_days, days=self.days) \
                          if self.min_people >= 2 else why("A value needs at least 2 people."),
                          hint=why("Ask for fewer early days, or more days."))
        with among(shop, self.segment, now) as looked_at, \
                cohort(shop.engine, looked_at, self.outcome, self.days, self.early_days, now, self.seed) as people:
            asked(FEWEST_PEOPLE, people.people, why("people whose time is over"), why("What makes a difference"))
            table = attributes(shop.engine, self.outcome, shop.settings.zone, self.personal)
        y = np.asarray(table["outcome"].to_numpy(), np.float64)
        rarer = self._rarer(y)
        found = judge(code_all(table, self.min_people), y, rarer // PEOPLE_A_COLUMN)
        return self._result(now, people, found, y)

    def _rarer(self, y: Any) -> int:
        """How many there are of the rarer outcome, half of the people where it is money; raises `TooLittleData`."""
        if self.outcome == "spend":
            asked(FEWEST_EACH, int((y > 0).sum()), why("people who spent anything"), why("What makes a difference"))
            return len(y) // 2
        rarer = int(min(y.sum(), len(y) - y.sum()))
        asked(FEWEST_EACH, rarer, why("people of either outcome"), why("What makes a difference"))
        return rarer

    def _result(self, now: datetime, people: Cohort, found: list[Judged], y: Any) -> Result:
        names: dict[str, list[str]] = {}
        for each in found:
            names.setdefault(each.verdict, []).append(each.attribute.name)
        numbers = {"people": people.people, "of": people.of, "left_out_early": people.early, "mean": people.mean,
                   "verdicts": names,
                   "explained": {j.attribute.name: list(j.because_of) for j in found if j.because_of}}
        return Result("drivers", method(self.outcome, self.days), SOURCE, now, people.people, self.said, rows(found, y),
                      findings(self.outcome, self.days, people, found), caveats(people, found, self.early_days),
                      numbers)


__all__ = ["Drivers", "label"]
