"""Buckets: groups of customers who behave alike, found from the shop's own data and restated as rules.

Customers are grouped by what they do; each group is then said as a short rule, and from there on the rule is the
bucket: it says who is in, today and of whoever comes later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from regulars.errors import Refused
from regulars.insight.buckets.found import Bucket, Found, find
from regulars.insight.buckets.grouping import BETTER_THAN_CHANCE, LEAST, MOST, Grouping
from regulars.insight.buckets.names import label
from regulars.insight.buckets.rows import NAME, details, model, rows, scores
from regulars.insight.common import Analysis, Facts, Result, among, asked
from regulars.insight.common.refusals import why
from regulars.model.phrases import Own, Sentence, Share, phrases

text, counted = phrases("regulars.insight", "buckets")

ENOUGH = 60
UNSTEADY, UNTRUE = 0.6, 0.8
STEADY, SHADES = 0.75, range(3, 7)
"""From which overlap with resamples (Hennig 2007: valid) customers are divided by degree, and into how many groups."""
SOURCE = ("Escofier & Pagès 1994 (balancing of blocks); Hennig 2007 (stability by bootstrap Jaccard); Rousseeuw 1987"
          " (silhouette); Breiman et al. 1984 (trees)")


@dataclass(frozen=True)
class Buckets(Analysis):
    """Groups of customers who behave alike, each restated as a rule.

    Rows are buckets, largest first. ``stability`` is the mean overlap (Jaccard) with groups found in resamples;
    ``fidelity`` how far the rule and the group it restates are the same people (F1); ``short`` is the gist of the
    rule. ``rule`` takes in everybody exactly once with the others'. Where customers differ by degree only there are
    no rows, and a finding says so; ``numbers["by_degree"]`` then holds the same columns of as many groups as are
    found again in resamples, by which to divide them all the same.
    """

    keeps: ClassVar[tuple[str, ...]] = (NAME,)
    adopts: ClassVar[bool] = True

    number: int | None = field(default=None, metadata={
        "help": "How many buckets, 2 to 20; the data decide where nothing is said."})
    age_and_gender: bool = field(default=False, metadata={"help": "Let age and gender tell customers apart too."})
    seed: int = field(default=1, metadata={"help": "The same seed gives the same buckets."})

    def run(self, shop: Facts, now: datetime) -> Result:
        if self.number is not None and not LEAST <= self.number <= MOST:
            raise Refused(why("There can be {least} to {most} buckets, not {number}.", least=LEAST, most=MOST,
                              number=self.number))
        with among(shop, self.segment, now) as people:
            n = shop.engine.value(f"SELECT count(*) FROM {people}")
            asked(ENOUGH, n, why("customers"), why("Finding buckets"))
            found = find(shop, people, now, segment=self.segment, number=self.number, seed=self.seed,
                         age_and_gender=self.age_and_gender)
            kept = found.buckets if found.grouping and (found.grouping.structured or self.number) else ()
            shades = () if kept or found.grouping is None else self._by_degree(shop, people, now, found)
        return Result("buckets", _method(), SOURCE, now, n, self.said, rows(kept),
                      _findings(kept, found) if kept else _none(found.grouping, shades), _caveats(kept, found, n),
                      {**_numbers(found, kept, now, n), "by_degree": rows(shades).to_pylist()}, scores(found, kept))

    def _by_degree(self, shop: Facts, people: str, now: datetime, found: Found) -> tuple[Bucket, ...]:
        """The most groups (of `SHADES`) that are large enough and found again in resamples; none where none are."""
        assert found.grouping is not None
        steady = [t.k for t in found.grouping.trials if t.k in SHADES and t.stability >= STEADY and t.size == 1]
        if not steady or max(steady) == found.grouping.trial.k:
            return found.buckets if steady else ()
        return find(shop, people, now, segment=self.segment, number=max(steady), seed=self.seed,
                    age_and_gender=self.age_and_gender).buckets


def _method() -> Sentence:
    return text("Customers are grouped by what they do (k-means over balanced sides of behaviour), the number of "
                "groups by how far apart, steady, large and reachable they are; a small tree restates the groups as "
                "rules, and the rules say who is in.")


def _findings(kept: tuple[Bucket, ...], found: Found) -> list[Sentence]:
    kinds = found.grouping is not None and found.grouping.structured
    said = [counted("There is {n} kind of customer.", "There are {n} kinds of customers.", len(kept)) if kinds else
            counted("Divided by degree, there is {n} bucket.", "Divided by degree, there are {n} buckets.", len(kept))]
    said += [counted("{name}: {n} customer, {share} of all.", "{name}: {n} customers, {share} of all.", b.people,
                     name=Own(b.name), share=Share(b.share)) for b in kept]
    return [*said, text("The rules put {share} of customers where the grouping had them.", share=Share(found.fidelity))]


def _none(grouping: Grouping | None, shades: tuple[Bucket, ...]) -> list[Sentence]:
    said = [text("There are no buckets worth having: customers differ by degree, not by kind.")]
    if grouping is None:
        return [*said, text("There is nothing recorded of them in which they differ.")]
    return [*said, text("The best grouping scores {score}; customers drawn without any groups reach {chance}, and "
                        "it would have to be {times} times as much.", score=grouping.trial.score,
                        chance=max(grouping.chance), times=BETTER_THAN_CHANCE),
            text("Divided by degree all the same, these are found again: {names}.", names=[
                text("{name} ({share})", name=Own(b.name), share=Share(b.share)) for b in shades]) if shades else
            text("Ask for a number of buckets to divide them by degree all the same.")]


def _caveats(kept: tuple[Bucket, ...], found: Found, n: int) -> list[Sentence]:
    said = []
    shaky = [Own(b.name) for b in kept if b.stability < UNSTEADY]
    if shaky:
        said.append(text("Not steady, other customers might have given others: {names}.", names=shaky))
    if kept and found.fidelity < UNTRUE:
        said.append(text("The rules are shorter than the groups they stand for: look at their precision."))
    if kept and found.grouping and not found.grouping.structured:
        said.append(text("These are shades, not kinds: chance alone groups people about as well."))
    if found.looked_at < n:
        said.append(counted("Groups were sought among {n} customer; the rules then took in everybody.",
                            "Groups were sought among {n} customers; the rules then took in everybody.",
                            found.looked_at))
    return said


def _numbers(found: Found, kept: tuple[Bucket, ...], now: datetime, n: int) -> dict[str, Any]:
    grouping = found.grouping
    if grouping is None:
        return {"structured": False}
    return {"structured": grouping.structured, "score": grouping.trial.score, "chance": max(grouping.chance),
            "fidelity": found.fidelity if kept else None, "looked_at": found.looked_at,
            "trials": [{"buckets": t.k, "separation": t.separation, "stability": t.stability, "size": t.size,
                        "reach": t.reach, "score": t.score} for t in grouping.trials],
            "buckets": details(kept), "model": model(found, kept, now, n) if kept else None}


__all__ = ["Buckets", "label"]
