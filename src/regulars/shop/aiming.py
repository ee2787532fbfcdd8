"""Goals of campaigns as a shop can tell of them: what there is to choose from, what may be written, how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from regulars.engines.duckdb import DuckDBEngine
from regulars.errors import Refused, RegularsError
from regulars.model.phrases import Said
from regulars.model.settings import Settings
from regulars.outreach.campaign import Campaign
from regulars.outreach.goals import asked, lately, read
from regulars.outreach.goals.choices import Choice, choices, said
from regulars.outreach.results import Asked
from regulars.outreach.results.judging import REACHED
from regulars.rules import When
from regulars.segments.evaluate import Evaluator, Preview
from regulars.segments.names import read_vocabulary
from regulars.shop.refusals import why

AN_ORDER = "any(orders)"


class Goals:
    """Of one shop: called, those to choose from."""

    def __init__(self, engine: DuckDBEngine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def __call__(self) -> Sequence[Choice]:
        """Those that the shop's facts can tell of, an order first; any other is written as a rule."""
        return choices(self._engine)

    def read(self, rule: str) -> str:
        """The canonical text of a goal, "" of an order; raises `RuleError`, and `Refused` for a rule that is no goal.
        """
        return read(rule, read_vocabulary(self._engine, self._settings)).text() if rule.strip() else ""

    def changed(self, campaign: Campaign, rule: str | None) -> dict[str, str]:
        """The goal as a campaign is to keep it where it is another than it has; raises as `read`."""
        return {} if rule in (None, campaign.goal) else {"goal": self.read(rule or "")}

    def lately(self, rule: str, days: int, now: datetime) -> Preview:
        """How many of all customers came to it in so many days up to now; raises as `read`."""
        evaluator = Evaluator(self._engine, self._settings)
        return evaluator.preview(lately(read(rule or AN_ORDER, evaluator.vocabulary()), days), now)

    def said(self, rule: str) -> Said:
        """A goal in words; the rule itself where the shop cannot tell of it any more."""
        try:
            return said(rule, read_vocabulary(self._engine, self._settings))
        except RegularsError:
            return rule


def aimed(engine: DuckDBEngine, settings: Settings, campaign: Campaign, of: Asked) -> Asked:
    """What is asked of a campaign, by its goal where that is no order; raises `Refused` where the shop cannot tell of
    it any more."""
    if not campaign.goal:
        return of
    vocabulary = read_vocabulary(engine, settings)
    try:
        aim = asked(campaign.goal, vocabulary, When(datetime.max, settings.zone), engine.compile)
    except RegularsError as error:
        raise Refused(why("The goal of '{name}' cannot be asked any more: {reason}", name=campaign.name,
                          reason=error.message)) from error
    return replace(of, goal=REACHED, aim=aim, aimed=said(aim.rule, vocabulary))


__all__ = ["Choice", "Goals", "aimed"]
