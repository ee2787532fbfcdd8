"""How many people it takes to know what a campaign brought, in words."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.model.figures import Figures
from regulars.model.phrases import Sentence, Share, phrases
from regulars.outreach.results.judging import ALIKE, REACHED, TOO_FEW, Comparison
from regulars.outreach.results.looks import when_over
from regulars.outreach.results.power import control_share, people_for

text, counted = phrases("regulars.outreach", "results")

A_FIFTH = 0.2


def enough(found: Comparison) -> Iterator[Sentence]:
    """What could have been seen, and how many it takes to see a fifth more orders."""
    if found.verdict not in (ALIKE, TOO_FEW):
        return
    share = sum(found.hits) / (found.people + found.others)
    if found.detectable is not None and share > 0:
        yield _seen(found.goal, Share(share), Share(share + found.detectable))
    apart = found.others / (found.people + found.others)
    people = people_for(share, A_FIFTH, apart, when_over())
    if people is not None and people > found.people + found.others:
        yield _needed(found.goal, _about(people), Share(apart))


def _seen(goal: str, share: Share, more: Share) -> Sentence:
    if goal == REACHED:
        return text("With so many people a rise from {share} who reach the goal to {more} is seen four times in five.",
                    share=share, more=more)
    return text("With so many people a rise from {share} who order to {more} is seen four times in five.",
                share=share, more=more)


def _needed(goal: str, people: int, apart: Share) -> Sentence:
    if goal == REACHED:
        return text("To see a fifth more who reach the goal it takes about {people} people, {apart} of them without "
                    "the message.", people=people, apart=apart)
    return text("To see a fifth more orders it takes about {people} people, {apart} of them without the message.",
                people=people, apart=apart)


def _about(people: int) -> int:
    """Two digits of it: it is no exact number."""
    return int(float(f"{people:.1e}"))


def advice(people: int, share: float | None, figures: Figures, held_out: int = 0) -> list[Sentence]:
    """How large a control group to take of so many people, of whom ``share`` order in such a time by themselves, and
    what is seen with it; None where that is not known. ``held_out`` of them from everything, before it is drawn."""
    people, everybody = people - held_out, people
    apart = control_share(people)
    found = [text("Of {people} people leave {apart} without it, by chance: with fewer hardly anything can be told.",
                  people=people, apart=Share(apart))]
    if held_out:
        found = [counted("Of {everybody} people {n} is held out from everything first; of the other {people} leave "
                         "{apart} without it, by chance: with fewer hardly anything can be told.",
                         "Of {everybody} people {n} are held out from everything first; of the other {people} leave "
                         "{apart} without it, by chance: with fewer hardly anything can be told.", held_out,
                         everybody=everybody, people=people, apart=Share(apart))]
    needed = people_for(share, A_FIFTH, apart, when_over()) if share else None
    if share and needed:
        found.append(text("About {share} order in such a time by themselves. A fifth more is seen four times in five "
                          "with {needed} people.", share=Share(share), needed=_about(needed)))
        if needed > people:
            found.append(text("You have fewer: one campaign alone will hardly tell. Several of a kind together may."))
    return found


__all__ = ["advice", "enough"]
