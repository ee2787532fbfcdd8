"""Whom a campaign is for: each person with their variant and arm, and everyone left out with the reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, fold
from regulars.errors import Refused
from regulars.outreach import control, reasons
from regulars.outreach.campaign import ONCE, STEP, Campaign, Variant
from regulars.outreach.channels import by_area
from regulars.outreach.gate import Answer, Gate
from regulars.outreach.refusals import why
from regulars.outreach.settings import Rules
from regulars.outreach.store import Store, text_of

MESSAGE, CONTROL, HELD_OUT = "message", "control", "held out"
ARMS = (MESSAGE, CONTROL, HELD_OUT)
BEFORE = timedelta(days=365)
WouldBuy = Callable[[Sequence[str]], Mapping[str, float]]
"""The chance of each to buy within the campaign's window without it; those of whom nothing can be said are left out."""


@dataclass(frozen=True)
class Chosen:
    """``arm`` and ``left_out``: whoever is left out, for a reason, is in no arm (""). ``spent``: within `BEFORE`."""

    customer_id: str
    variant: str
    test: str
    arm: str
    left_out: str
    address: str = ""
    spent: float = 0.0


@dataclass(frozen=True)
class Audience:
    """Everybody who is in a segment of the campaign, by id, as of ``as_of``."""

    campaign: str
    as_of: datetime
    rows: tuple[Chosen, ...]

    @property
    def by_arm(self) -> dict[str, int]:
        found = Counter(r.arm for r in self.rows if not r.left_out)
        return {arm: found[arm] for arm in ARMS if found[arm]}

    @property
    def by_variant(self) -> dict[str, int]:
        """How many get which message."""
        return dict(Counter(r.variant for r in self.rows if r.arm == MESSAGE))

    @property
    def by_reason(self) -> dict[str, int]:
        """How many are left out why, the most first."""
        return dict(Counter(r.left_out for r in self.rows if r.left_out).most_common())

    def of(self, arm: str) -> list[Chosen]:
        return [r for r in self.rows if r.arm == arm]

    def table(self) -> pa.Table:
        """A row each: customer_id, variant, test, arm, left_out."""
        return pa.table({name: pa.array([getattr(r, name) for r in self.rows], pa.string())
                         for name in ("customer_id", "variant", "test", "arm", "left_out")})


def members(engine: DuckDBEngine, segments: Sequence[str], only: Sequence[str] | None = None) -> dict[str, set[str]]:
    """Customer -> which of these segments they are in, as of the last look; of ``only`` these, if said.

    A segment is the same however its name is written, as everywhere.
    """
    if not segments:
        return {}
    engine.register("members_asked", pa.table({"customer_id": pa.array(only or [], pa.string())}))
    held = "SEMI JOIN members_asked USING (customer_id)" if only is not None else ""
    try:
        return {who: set(found) for who, found in engine.rows(
            f"SELECT customer_id, list(DISTINCT segment) FROM memberships {held} WHERE until IS NULL AND segment IN "
            "(SELECT name FROM segments WHERE fold(name) IN (SELECT unnest($1::VARCHAR[]))) GROUP BY 1 ORDER BY 1",
            [[fold(each) for each in segments]])}
    finally:
        engine.unregister("members_asked")


def ask_known(engine: DuckDBEngine, segments: Sequence[str]) -> None:
    """Raises `Refused` where one of them is there no more: it is not known who is in it, so nobody is not."""
    known = {fold(name) for (name,) in engine.rows("SELECT name FROM segments")}
    gone = [f"'{name}'" for name in segments if fold(name) not in known]
    if gone:
        raise Refused(why("Nobody knows who is in {gone}: it was removed.", gone=gone),
                      hint=why("Stop it, and begin one to other segments."))


def count_members(engine: DuckDBEngine, segments: Sequence[str]) -> int:
    """How many are in any of these segments, as of the last look."""
    return int(engine.value(
        "SELECT count(DISTINCT customer_id) FROM memberships WHERE until IS NULL AND segment IN (SELECT name FROM "
        "segments WHERE fold(name) IN (SELECT unnest($1::VARCHAR[])))", [[fold(each) for each in segments]]))


def segments_of(campaign: Campaign) -> list[str]:
    """Every segment that decides who gets what."""
    said = (*campaign.segments, *campaign.exclude, *(v.segment for v in campaign.variants if v.segment))
    return list(dict.fromkeys(said))


def choose(engine: DuckDBEngine, store: Store, campaign: Campaign, gate: Gate, rules: Rules, now: datetime,
           would_buy: WouldBuy | None = None, only: Sequence[str] | None = None) -> Audience:
    """Everybody of the campaign's segments (of ``only``, if said): exclusion, variant, gate, guard, arm, in this order.

    Whoever is in an arm would get the message if chance had it so: the control group is drawn last. A step of an
    automation that names no segment is for whomever it is handed.
    """
    inside = members(engine, segments_of(campaign), only)
    wanted = {fold(s) for s in campaign.segments}
    known = {who: {fold(s) for s in found} for who, found in inside.items()}
    handed = campaign.kind == STEP and not wanted
    if handed:
        known = {who: known.get(who, set()) for who in sorted(set(only or ()))}
    customers = [who for who, found in known.items() if handed or found & wanted]
    picked = {who: _variants(campaign, known[who]) for who in customers}
    out = {who: _excluded(campaign, known[who], picked[who]) for who in customers}
    answers = gate.ask([w for w in customers if not out[w]], now)
    out |= {who: answer.reason for who, answer in answers.items()}
    _same_address(answers, out)
    _guard(campaign, picked, out, would_buy)
    rows = _arms(engine, store, campaign, rules, picked, out, answers, now)
    return Audience(campaign.name, now, tuple(rows))


def reachable(gate: Gate, customers: Sequence[str], now: datetime) -> set[str]:
    """Those of them to whom a message may go, of several with one address the first by id."""
    answers = gate.ask(sorted(customers), now)
    out = {who: answer.reason for who, answer in answers.items()}
    _same_address(answers, out)
    return {who for who, reason in out.items() if not reason}


def _variants(campaign: Campaign, inside: set[str]) -> list[Variant]:
    """The first variant of whose segment they are, and those that share it by chance."""
    first = next((v for v in campaign.variants if not v.segment or fold(v.segment) in inside), None)
    return [v for v in campaign.variants if first and fold(v.segment) == fold(first.segment)]


def _excluded(campaign: Campaign, inside: set[str], picked: Sequence[Variant]) -> str:
    if inside & {fold(s) for s in campaign.exclude}:
        return reasons.EXCLUDED
    return "" if picked else reasons.NO_VARIANT


def _same_address(answers: Mapping[str, Answer], out: dict[str, str]) -> None:
    """Of several people with one address the first gets it."""
    seen: set[str] = set()
    for who, answer in answers.items():
        address = fold(answer.address)
        if not out[who] and address and address in seen:
            out[who] = reasons.SAME_ADDRESS
        elif not out[who]:
            seen.add(address)


def _guard(campaign: Campaign, picked: Mapping[str, list[Variant]], out: dict[str, str],
           would_buy: WouldBuy | None) -> None:
    """Who would buy anyway gets no offer, where the campaign says so."""
    offered = [who for who, variants in picked.items() if not out[who] and campaign.offer_of(variants[0])]
    if campaign.guard.leave_out and would_buy is not None and offered:
        chances = would_buy(offered)
        out |= {who: reasons.GUARD for who in offered if chances.get(who, 0.0) >= campaign.guard.threshold}


def _arms(engine: DuckDBEngine, store: Store, campaign: Campaign, rules: Rules,
          picked: Mapping[str, list[Variant]], out: Mapping[str, str], answers: Mapping[str, Answer],
          now: datetime) -> list[Chosen]:
    """Held out from everything first, then the control group among the rest; who tests what is drawn for all. Of a
    campaign to areas nobody is held out: it is seen by whoever lives there."""
    whole = by_area(campaign.channel)
    inside = [who for who in picked if not out[who]]
    spent = spent_before(engine, inside, now)
    apart = dict(zip(inside, control.held_out(store.seed, inside, 0.0 if whole else rules.held_out_share), strict=True))
    rest = [who for who in inside if not apart[who]]
    strata = control.strata([picked[w][0].name for w in rest], [spent.get(w) for w in rest])
    drawn = control.assign(store.seed, draw_of(campaign), rest, 0.0 if whole else campaign.control_share,
                           strata if campaign.kind == ONCE else None)
    without = dict(zip(rest, drawn, strict=True))
    tests = _tests(store, str(campaign.id), {who: picked[who] for who in inside})
    rows = []
    for who, variants in picked.items():
        variant = tests.get(who) or (variants[0] if variants else None)
        arm = "" if out[who] else HELD_OUT if apart[who] else CONTROL if without[who] else MESSAGE
        rows.append(Chosen(who, variant.name if variant else "", variant.test if variant else "", arm, out[who],
                           answers[who].address if arm else "", spent.get(who, 0.0)))
    return rows


def draw_of(campaign: Campaign) -> str:
    """What its control group is drawn for: the steps of an automation share one, who gets no step gets none."""
    return str(campaign.extra.get("draw") or campaign.id)


def spent_before(engine: DuckDBEngine, customers: Sequence[str], now: datetime) -> dict[str, float]:
    """What each spent, net of refunds, in the `BEFORE` up to now; who spent nothing is left out."""
    engine.register("spent_asked", pa.table({"customer_id": pa.array(customers, pa.string())}))
    try:
        return dict(engine.rows(
            "SELECT customer_id, sum(total - coalesce(refunded, 0))::DOUBLE FROM orders SEMI JOIN spent_asked USING "
            '(customer_id) WHERE counted AND "at" > $1 AND "at" <= $2 GROUP BY 1', [now - BEFORE, now]))
    finally:
        engine.unregister("spent_asked")


def _tests(store: Store, mark: str, picked: Mapping[str, list[Variant]]) -> dict[str, Variant]:
    """Where several variants share the people of a segment, chance says who gets which."""
    found: dict[str, Variant] = {}
    groups: dict[tuple[str, ...], list[str]] = {}
    for who, variants in picked.items():
        groups.setdefault(tuple(v.name for v in variants), []).append(who)
    for names, people in groups.items():
        by_name = {v.name: v for v in picked[people[0]]}
        drawn = control.split(store.seed, mark, people, names)
        found |= {who: by_name[name] for who, name in zip(people, drawn, strict=True)}
    return found


def keep(store: Store, campaign: Campaign, chosen: Sequence[Chosen], now: datetime) -> None:
    """Write down who is in which arm and who was left out why; who is there already stays as decided then."""
    with store.writing() as c:
        c.executemany("INSERT OR IGNORE INTO audience VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [
            (campaign.id, r.customer_id, r.variant, r.arm, r.test, r.left_out, text_of(now),
             json.dumps({"spent": r.spent})) for r in chosen])


def kept(store: Store, campaign: Campaign) -> Audience | None:
    """As it was decided when it began; None before."""
    rows = store.rows("SELECT customer_id, variant, test, arm, left_out FROM audience WHERE campaign_id = ? "
                      "ORDER BY customer_id", [campaign.id])
    if not rows and campaign.began_at is None:
        return None
    return Audience(campaign.name, campaign.began_at or datetime.min, tuple(Chosen(*row) for row in rows))
