"""Who gets nothing, so that it can be told what a message brought: arms drawn by hash, the same however often asked.

A person's place is a number from 0 to 1 made of the shop's seed, what is drawn for, and their id: nobody can choose it,
and it is independent from campaign to campaign.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import floor, nextafter

EVERYTHING = "held out from everything"
LAYERS = 5
"""Groups by what was spent before among those who get one variant: as many as a small shop has people for."""


def place(seed: str, draw: str, customer: str) -> float:
    """A person's place in a draw, from 0 up to but not 1."""
    # A part's own length stands before it, so that no two different triples are one text.
    text = "".join(f"{len(part)}:{part}" for part in (seed, draw, customer))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return min(int.from_bytes(digest, "big") / 2.0**64, nextafter(1.0, 0.0))


def held_out(seed: str, customers: Sequence[str], share: float) -> list[bool]:
    """Who is held out from every campaign: each by themselves, so that nobody else's coming or going moves them.

    Whoever is held out at a share is so at every larger one.
    """
    return [place(seed, EVERYTHING, customer) < share for customer in customers]


def assign(seed: str, campaign: str, customers: Sequence[str], share: float,
           strata: Sequence[str] | None = None) -> list[bool]:
    """True for the control group of a campaign.

    With ``strata`` (a text for each customer) the group is within one of ``share`` of all and of each stratum: for an
    audience that is drawn once, and kept. Without, each place hangs on nobody else: for one that grows.
    """
    places = [place(seed, f"control of {campaign}", customer) for customer in customers]
    if strata is None:
        return [at < share for at in places]
    return _evenly(places, strata, share, place(seed, f"start of {campaign}", ""))


def split(seed: str, campaign: str, customers: Sequence[str], arms: Sequence[str]) -> list[str]:
    """The arm of a test of each customer, each arm as likely as the others."""
    return [arms[int(place(seed, f"test of {campaign}", customer) * len(arms))] for customer in customers]


def _evenly(places: Sequence[float], strata: Sequence[str], share: float, start: float) -> list[bool]:
    """Systematic sampling along strata, by place within each (Madow & Madow 1944, Ann. Math. Stat. 15:1).

    Everybody's chance is ``share``, since the start is drawn too.
    """
    order = sorted(range(len(places)), key=lambda i: (strata[i], places[i]))
    chosen = [False] * len(places)
    for rank, i in enumerate(order):
        chosen[i] = floor(start + (rank + 1) * share) > floor(start + rank * share)
    return chosen


def strata(variants: Sequence[str], spent: Sequence[float | None]) -> list[str]:
    """The stratum of each: their variant, and a fifth of its people by what they spent before (none, where unknown or
    nothing)."""
    found = [""] * len(variants)
    for variant in sorted(set(variants)):
        buyers = sorted((i for i, v in enumerate(variants) if v == variant and (spent[i] or 0) > 0),
                        key=lambda i: (spent[i] or 0, i))
        for rank, i in enumerate(buyers):
            found[i] = f"{variant}\x1f{1 + rank * LAYERS // len(buyers)}"
    return [at or f"{variant}\x1f0" for at, variant in zip(found, variants, strict=True)]


__all__ = ["assign", "held_out", "place", "split", "strata"]
