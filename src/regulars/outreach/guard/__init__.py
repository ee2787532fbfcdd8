"""The guard against needless discounts: who would buy anyway, and what it saves and risks to leave them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from regulars.outreach.campaign import Guard
from regulars.outreach.guard.chances import Chances, Group, Look, lateness, learn
from regulars.outreach.guard.weighing import Offered, Range, Scales, Weighed


@dataclass(frozen=True)
class GuardBox:
    """Of ``people`` an offer would go to, within ``days``: the ``chances`` of each by id (those of whom nothing can be
    said aside), ``weighed`` at the threshold that is proposed, and how it held lately (``groups``)."""

    people: int
    days: int
    chances: Mapping[str, float]
    scales: Scales
    weighed: Weighed
    groups: tuple[Group, ...]

    @property
    def threshold(self) -> float:
        return self.weighed.threshold

    @property
    def proposed(self) -> bool:
        """Whether the threshold is where leaving out begins to pay."""
        return self.threshold == self.scales.suggested()

    @property
    def leave_out(self) -> int:
        """How many are as likely as the threshold to buy anyway."""
        return self.weighed.people

    def with_threshold(self, threshold: float) -> GuardBox:
        """The same, where another chance counts as likely."""
        return replace(self, weighed=self.at(threshold))

    def of(self, guard: Guard) -> GuardBox:
        """The same at a guard's own threshold where it leaves them out."""
        return self.with_threshold(guard.threshold) if guard.leave_out else self

    def at(self, threshold: float) -> Weighed:
        """What another threshold saves and risks."""
        return self.scales.weigh(threshold)


__all__ = ["Chances", "Group", "GuardBox", "Look", "Offered", "Range", "Scales", "Weighed", "lateness",
           "learn"]
