"""Whose link it is: whoever holds one that this shop signed may do with it what it was signed for, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from regulars.app.facts import the_shop
from regulars.outreach import links
from regulars.outreach.links import Said
from regulars.outreach.queue import Delivery, by_ids
from regulars.outreach.store import Store


@dataclass(frozen=True)
class Held:
    """The delivery that a link belongs to, and whose; ``person`` is empty where they are no customer any more."""

    said: Said
    delivery: Delivery
    person: dict[str, Any]

    @property
    def language(self) -> str:
        """As they were written to."""
        return the_shop().campaigns.language_of(self.delivery.campaign_id, self.person)


def held(kind: str, token: str) -> Held:
    """404 for whatever this shop did not sign, or signed for another use."""
    shop = the_shop()
    said = links.read(shop.campaigns.store.seed, kind, token)
    found = by_ids(shop.campaigns.store, [said.delivery]) if said else []
    if said is None or not found:
        raise Http404
    return Held(said, found[0], shop.campaigns.person(found[0].customer_id))


def store() -> Store:
    """What was sent by this shop."""
    return the_shop().campaigns.store
