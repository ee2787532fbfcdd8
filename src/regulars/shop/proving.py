"""What campaigns brought: their arms, joined with what the facts say of orders and what is left of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from regulars.engines.duckdb import DuckDBEngine, fold
from regulars.errors import Refused
from regulars.insight.profit.assumptions import assume
from regulars.insight.profit.ledger import Between
from regulars.insight.profit.orders import ASSUMED, UNKNOWN, how_known, left_sql
from regulars.model.settings import Settings
from regulars.outreach import offers
from regulars.outreach.campaign import STEP, Campaign
from regulars.outreach.channels import by_area, names
from regulars.outreach.results import HELD_OUT, MESSAGE, Asked, Assigned, CampaignResult, judge
from regulars.outreach.results.history import History, chapter, history
from regulars.outreach.results.judging import NO_CONTROL, ORDERS, PROFIT, Comparison
from regulars.outreach.results.learning import Learned, learned
from regulars.outreach.states import listed
from regulars.outreach.store import Store
from regulars.segments import memberships
from regulars.segments.saved import Segment
from regulars.shop.aiming import aimed
from regulars.shop.refusals import why

YEAR, SEASON = timedelta(days=365), timedelta(days=90)
MOVE, GOAL = "move", "goal"
"""What of a campaign's ``extra`` is read here: the code of the move it came of, and what the verdict is on."""
ASSUMED_LIFT, OFFER_LIFT = 0.2, 0.4
"""What a message is taken to add to orders before any was measured, and what one with an offer is."""


def result(engine: DuckDBEngine, settings: Settings, store: Store, campaign: Campaign, now: datetime) -> CampaignResult:
    """Of a campaign that has begun; raises `Refused` before."""
    if by_area(campaign.channel):
        raise Refused(why("'{name}' goes to areas: whoever lives there sees it, so that no people can be told apart by "
                          "whether they got it.", name=campaign.name),
                      hint=why("Compare what was sold where its file of areas says no with what was sold elsewhere."))
    people = assigned(store, campaign)
    if not people:
        raise Refused(why("'{name}' has not begun: nobody was chosen yet.", name=campaign.name),
                      hint=why("Ask again when it was sent."))
    asked = aimed(engine, settings, campaign, _asked(engine, settings, campaign, min(p.since for p in people), now))
    found = judge(engine, asked, people, now)
    return replace(found, codes=offers.used(engine, store, campaign.id, settings.zone))


def has_begun(store: Store, campaign: Campaign) -> bool:
    """Whether chance put anybody in an arm of it by now."""
    return bool(store.value("SELECT EXISTS (SELECT 1 FROM audience WHERE campaign_id = ? AND left_out = '')",
                            [campaign.id]))


def assigned(store: Store, campaign: Campaign) -> list[Assigned]:
    """Everybody chance put in an arm."""
    segments = {v.name: v.segment for v in campaign.variants}
    return [Assigned(who, arm, segments.get(variant, str(variant)), variant, datetime.fromisoformat(at)) for
            who, arm, variant, at in store.rows("SELECT customer_id, arm, variant, decided_at FROM audience WHERE "
                                                "campaign_id = ? AND left_out = '' ORDER BY customer_id",
                                                [campaign.id])]


def _asked(engine: DuckDBEngine, settings: Settings, campaign: Campaign, since: datetime, now: datetime) -> Asked:
    between = Between(since, now)
    assumed = assume(engine, settings, since - YEAR, now)
    known = how_known(engine, between, assumed)
    goal = ORDERS if campaign.extra.get(GOAL) == ORDERS else PROFIT
    return Asked(campaign.name, campaign.window_days, campaign.kind == STEP, goal,
                 settings.message_costs.get(campaign.channel), None if known == UNKNOWN else left_sql(between, assumed),
                 known == ASSUMED)


def of_segment(engine: DuckDBEngine, settings: Settings, store: Store, campaigns: Sequence[Campaign], segment: Segment,
               now: datetime) -> History:
    """What each campaign to the segment brought its people in orders, whatever its goal, and what they teach together.
    """
    chapters = []
    for campaign in campaigns:
        told = campaign.began_at and not by_area(campaign.channel)
        people = _of_segment(engine, store, campaign, segment.name) if told else []
        if people and campaign.began_at:
            asked = _asked(engine, settings, campaign, min(p.since for p in people), now)
            told_of = judge(engine, asked, people, now)
            chapters.append(chapter(told_of, campaign.channel, campaign.began_at, own_goal=bool(campaign.goal)))
    return history(segment.name, chapters, now, ASSUMED_LIFT, segment.changed_at)


def _of_segment(engine: DuckDBEngine, store: Store, campaign: Campaign, segment: str) -> list[Assigned]:
    """Those a campaign chose as people of the segment: for its message to them, else who was in it at that moment.

    Both are known before chance decides, so that who got it and who did not are alike.
    """
    wanted = fold(segment)
    own = wanted in {fold(v.segment) for v in campaign.variants if v.segment}
    if not own and wanted not in {fold(s) for s in campaign.segments}:
        return []
    people = assigned(store, campaign)
    if own:
        return [p for p in people if fold(p.segment) == wanted]
    if len(campaign.segments) == 1:
        return people
    inside = memberships.inside_at(engine, segment, {p.customer_id: p.since for p in people})
    return [p for p in people if p.customer_id in inside]


def everything(engine: DuckDBEngine, settings: Settings, store: Store, now: datetime) -> CampaignResult:
    """Those held out from every campaign beside all others who would have got one, in the `SEASON` after their first;
    campaigns to areas, from which nobody can be held out, left aside.

    Ever more come; raises `Refused` where nobody was chosen yet.
    """
    areas = tuple(name for name in names() if by_area(name))
    rows = store.rows("SELECT customer_id, max(arm = ?), min(decided_at) FROM audience JOIN campaigns k ON k.id = "
                      f"campaign_id WHERE left_out = '' AND json_extract(doc, '$.channel') NOT IN ({listed(areas)}) "
                      "GROUP BY 1 ORDER BY 1", [HELD_OUT])
    if not rows:
        raise Refused(why("No campaign has begun yet."), hint=why("Ask again when one was sent."))
    people = [Assigned(who, "control" if out else MESSAGE, "", "", datetime.fromisoformat(at)) for who, out, at in rows]
    whole = Campaign("", window_days=SEASON.days, kind=STEP)
    return judge(engine, _asked(engine, settings, whole, min(p.since for p in people), now), people, now)


def comparisons(engine: DuckDBEngine, settings: Settings, store: Store, campaigns: Sequence[Campaign],
                now: datetime) -> dict[str, Comparison]:
    """Of each campaign that had a control group and whose time is over, by name."""
    found = {}
    for campaign in campaigns:
        if campaign.began_at is None or by_area(campaign.channel) or not assigned(store, campaign):
            continue
        done = result(engine, settings, store, campaign, now)
        if done.whole.verdict != NO_CONTROL and (done.done is None or done.done >= 1):
            found[campaign.name] = done.whole
    return found


def by_kind(engine: DuckDBEngine, settings: Settings, store: Store, campaigns: Sequence[Campaign],
            now: datetime, what: str = "") -> dict[str, list[Learned]]:
    """What was learned of each move, of each kind of offer, of each channel, all for orders, and of each goal that is
    none; only of ``what``, if said."""
    for_orders = [c for c in campaigns if not c.goal]
    every: Mapping[str, Mapping[str, str]] = {
        "move": {c.name: str(c.extra[MOVE]) for c in for_orders if c.extra.get(MOVE)},
        "offer": {c.name: offer for c in for_orders if (offer := _offer(c))},
        "channel": {c.name: c.channel for c in for_orders},
        "goal": {c.name: c.goal for c in campaigns if c.goal}}
    kinds = {which: of for which, of in every.items() if what in ("", which)}
    asked = {name for of in kinds.values() for name in of}
    told = comparisons(engine, settings, store, [c for c in campaigns if c.name in asked], now)
    return {which: [learned(kind, [told[n] for n, k in of.items() if k == kind and n in told],
                            OFFER_LIFT if which == "offer" else ASSUMED_LIFT)
                    for kind in sorted({k for n, k in of.items() if n in told})] for which, of in kinds.items()}


def of_offers(engine: DuckDBEngine, settings: Settings, store: Store, campaigns: Sequence[Campaign],
              now: datetime) -> Learned:
    """What campaigns with an offer have taught together, of those for orders."""
    with_one = [c for c in campaigns if _offer(c) and not c.goal]
    return learned("offer", list(comparisons(engine, settings, store, with_one, now).values()), OFFER_LIFT)


def _offer(campaign: Campaign) -> str:
    """The kind of what it offers, "" for nothing."""
    found = next((o for v in campaign.variants if (o := campaign.offer_of(v))), None)
    return found.kind if found else ""


__all__ = ["assigned", "by_kind", "everything", "has_begun", "of_offers", "of_segment", "result"]
