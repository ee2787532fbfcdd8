"""Draft: a first message to a segment, written from what its people did, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from regulars.errors import Refused, TooLittleData
from regulars.insight.common import Analysis, Facts, Result, among, asked
from regulars.insight.common.refusals import why
from regulars.insight.common.sql import discounts_known
from regulars.insight.draft.goods import Goods, goods
from regulars.insight.draft.liking import Liked, liked
from regulars.insight.draft.occasions import NEWS, OCCASIONS, TERMS, quiet_days, rules, usual_gap
from regulars.insight.draft.saying import advice, because, label, message
from regulars.insight.draft.terms import Terms, new_terms
from regulars.insight.moves import knows_losses
from regulars.insight.profit import Profit, first_lever
from regulars.model.figures import Figures
from regulars.model.phrases import Own, Sentence, Share, phrases
from regulars.model.settings import LANGUAGES

text, counted = phrases("regulars.insight", "draft")

HALF = 0.5
"""What is true of half of them is what the message is about."""
FULL_PRICE = "any(orders) and no(orders where discounted)"
MAY_BE_WRITTEN_TO = "email_consent and email is known"
SCHEMA = pa.schema([("language", pa.string()), ("subject", pa.string()), ("body", pa.string())])


@dataclass(frozen=True)
class Draft(Analysis):
    """A subject and a few lines for the people of a segment, to begin from: what only the shop knows stands in [ ].

    The occasion is the first of new terms (they cost more than they bring), an open checkout, a birthday, no order yet,
    a first order, a long silence and being among the best that is true of half of them, else news; ``occasion`` says
    another. What they like is the category most of them bought that the others bought less, and the product most of
    them want next, where scores say so. Rows: ``language``, ``subject``, ``body``. Numbers: ``occasion``, ``share`` of
    them it is true of, ``language`` most of them speak, ``reachable`` by e-mail, ``lever`` of new terms, ``goods`` that
    it names: what is new, what comes, what many begin with.
    """

    occasion: str | None = field(default=None, metadata={"help": "What to write about; the data decide where nothing "
                                                         "is said.", "choices": OCCASIONS})

    def run(self, shop: Facts, now: datetime) -> Result:
        if self.occasion not in (None, *OCCASIONS):
            raise Refused(why("There is no occasion called '{occasion}'.", occasion=self.occasion),
                          hint=why("There are: {known}.", known=[*OCCASIONS]))
        gap = usual_gap(shop.engine, now)
        asked_of = rules(gap, knows_losses(shop))
        with among(shop, self.segment, now) as people:
            n = shop.engine.value(f"SELECT count(*) FROM {people}")
            asked(1, n, why("customers"), why("A draft"))
            found = liked(shop.engine, people, now)
            answers = _answers(shop, people, now, asked_of)
        share = {code: answers[code] / n for code in asked_of}
        occasion = self.occasion or next((code for code, part in share.items() if part >= HALF), NEWS)
        terms = self._terms(shop, now) if occasion == TERMS else None
        known = goods(shop.engine, now)
        rows = pa.Table.from_pylist([_row(shop, language, occasion, found, terms, known) for language in LANGUAGES],
                                    SCHEMA)
        findings = [because(occasion, share.get(occasion), quiet_days(gap)),
                    new_terms(terms) if occasion == TERMS else advice(occasion),
                    *_of_them(found, answers, n, discounts_known(shop.engine, now))]
        return Result("draft", _method(), "Regulars", now, n, self.said, rows, findings, _caveats(), {
            "occasion": occasion, "share": share.get(occasion), "language": found.language,
            "reachable": answers["reachable"], "lever": terms.lever if terms else None,
            "goods": known.kept()})

    def _terms(self, shop: Facts, now: datetime) -> Terms | None:
        """The change of terms that breaks even first for most of them; None where none does, or nothing is known."""
        try:
            losing = Profit(segment=self.segment).run(shop, now).numbers["losing"]
        except TooLittleData:
            return None
        first = first_lever(losing)
        return Terms(first["lever"], losing["settings"][first["lever"]], first["first_for"],
                     losing["customers"]) if first else None


def _method() -> Sentence:
    return text("The occasion is what is true of half of them; what they like is what they bought more than others.")


def _caveats() -> list[Sentence]:
    return [text("It is a beginning: fill in what stands in [ ], and read it aloud before it goes.")]


def _answers(shop: Facts, people: str, now: datetime, occasions: Mapping[str, str]) -> Mapping[str, int]:
    """Of how many of them each occasion is true, who never bought at a discount, and who may be written to."""
    asked_of = {**occasions, "full_price": FULL_PRICE, "reachable": MAY_BE_WRITTEN_TO}
    answers = shop.evaluate_at(asked_of, now)
    ours = shop.engine.query(f"SELECT customer_id FROM {people}").column(0)
    answers = answers.filter(pc.is_in(answers.column("customer_id"), value_set=ours))
    return {name: int(pc.sum(answers.column(name)).as_py() or 0) for name in asked_of}


def _row(shop: Facts, language: str, occasion: str, found: Liked, terms: Terms | None,
         known: Goods) -> dict[str, str]:
    figures = Figures(shop.settings, language)
    subject, *lines = (part.say(figures) for part in message(occasion, shop.settings.name, found, terms, known))
    return {"language": language, "subject": subject, "body": "\n\n".join(lines)}


def _of_them(found: Liked, answers: Mapping[str, int], n: int, discounts: bool) -> list[Sentence]:
    """What to speak of, whether a discount is of use (where the shop writes ``discounts`` down at all), and who can be
    reached."""
    said = []
    if found.category is not None:
        said.append(text("{share} of them bought from {category}, of everybody else {others}: speak of that.",
                         share=Share(found.category_share), category=Own(found.category),
                         others=Share(found.category_others)))
    if answers["full_price"] / n >= HALF and discounts:
        said.append(text("{share} of them buy and never at a discount: offer none.",
                         share=Share(answers["full_price"] / n)))
    said.append(counted("{n} of them may be written to by e-mail.", "{n} of them may be written to by e-mail.",
                        answers["reachable"]))
    return said


__all__ = ["Draft", "label"]
