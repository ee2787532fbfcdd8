"""Who would be in a campaign's segments had it not been sent: its own messages are no reason to lose whom it is for.

A segment of people to whom nobody wrote lately is left by whoever is written to: a list that goes out by hand would
be empty as soon as it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regulars.errors import RegularsError
from regulars.outreach.campaign import Campaign
from regulars.rules import Condition, fold, parse
from regulars.rules.constructs.logic import And
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.tree import Node, node_fields, write_string

if TYPE_CHECKING:
    from regulars.shop.shop import Shop

OF_MESSAGES = ("messages", "opens", "clicks", "engagements")
Rules = Mapping[str, str]
"""What is saved: the folded name of a segment to its rule."""


def had_it_not_been_sent(shop: Shop, campaign: Campaign, now: datetime) -> set[str]:
    """Those in its segments and in none that it leaves out, by rules that pass over its messages; ``now`` is naive UTC.

    Nobody where that cannot be asked: who is in by the rules as they are is asked elsewhere.
    """
    saved = {fold(each.name): each.rule for each in shop.segments.list()}
    try:
        inside = _members(shop, campaign, campaign.segments, saved, now)
        return inside - _members(shop, campaign, campaign.exclude, saved, now)
    except (RegularsError, KeyError):
        return set()


def _members(shop: Shop, campaign: Campaign, names: Iterable[str], saved: Rules, now: datetime) -> set[str]:
    where = parse(f"not campaign = {write_string(campaign.name)}")
    rules = [_without(parse(saved[fold(name)]), where, saved) for name in names]
    return {who for rule in rules for who in shop.members_at(rule, now).column(0).to_pylist()}


def _without(node: Any, where: Condition, saved: Rules) -> Any:
    """The tree with ``where`` asked of every message, in the segments it asks of too."""
    if isinstance(node, tuple):
        return tuple(_without(each, where, saved) for each in node)
    if isinstance(node, InSegment):
        return _without(parse(saved[fold(node.name)]), where, saved)
    if not isinstance(node, Node):
        return node
    node = replace(node, **{name: _without(value, where, saved) for name, value in node_fields(node)})
    if isinstance(node, Selection) and fold(node.fact) in OF_MESSAGES:
        return replace(node, where=And((node.where, where)) if node.where else where)
    return node


__all__ = ["had_it_not_been_sent"]
