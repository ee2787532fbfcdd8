"""The guard: chances that come true, and what leaving out saves and risks, within its ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from regulars.errors import Refused, TooLittleData
from regulars.model.figures import Figures
from regulars.model.settings import Settings
from regulars.outreach import reasons
from regulars.outreach.campaign import Campaign, Guard, Offer
from regulars.outreach.guard import GuardBox, Offered, Scales
from regulars.outreach.guard.saying import caveats, findings, table
from regulars.outreach.results.learning import Lift, lift_of
from regulars.shop import Shop
from regulars.shop.guarding import guard_box, learnt
from tests.insight import shop_by_hand as hand
from tests.outreach.conftest import NOW, campaign
from tests.outreach.simulated_guard import guarded


@pytest.mark.parametrize(("people", "runs", "offer"), [
    (300, 60, Offered("percent", 10)), (3_000, 20, Offered("amount", 5))])
def test_what_leaving_out_saves_and_risks_lies_within_the_ranges(people: int, runs: int, offer: Offered) -> None:
    rng = np.random.default_rng(8)
    held = [guarded(people, offer, rng) for _ in range(runs)]
    saved = [h.weighed.saved.low <= h.saved <= h.weighed.saved.high for h in held]
    risked = [h.weighed.risked.low <= h.risked <= h.weighed.risked.high for h in held]
    assert np.mean(saved) >= 0.92 and np.mean(risked) >= 0.92
    assert np.mean([h.saved for h in held]) == pytest.approx(np.mean([h.weighed.saved.value for h in held]), rel=0.1)
    assert all(h.weighed.saved.high < 3 * h.weighed.saved.value for h in held)


def test_chances_are_those_that_come_true() -> None:
    """Of the newest span, foretold by the ones before it."""
    rng = np.random.default_rng(9)
    groups = [g for _ in range(6) for g in guarded(1_500, Offered("percent", 10), rng).learnt.groups]
    people = np.array([g.people for g in groups])
    said, seen = (np.array([getattr(g, n) for g in groups]) for n in ("said", "seen"))
    assert np.average(seen, weights=people) == pytest.approx(np.average(said, weights=people), rel=0.1)
    likeliest = said > 0.3
    assert np.average(seen[likeliest], weights=people[likeliest]) == pytest.approx(
        np.average(said[likeliest], weights=people[likeliest]), rel=0.1)


def scales(chance: list[float], offer: Offered, lift: float = 0.4, left: float | None = 0.5) -> Scales:
    n = len(chance)
    return Scales(np.array(chance), np.full(n, 100.0), np.full(n, 100.0), offer, 0.5, 0.1, 7, left,
                  Lift(0.1, lift, 0.8, 0))


def test_what_is_saved_and_risked_is_what_a_hand_count_says() -> None:
    found = scales([0.6, 0.5, 0.1], Offered("percent", 20)).weigh(0.5)
    assert found.people == 2
    assert found.saved.value == pytest.approx(20 * (0.6 + 0.5))
    more = 0.4 - 0.4**1.4 + 0.5 - 0.5**1.4
    assert found.risked.value == pytest.approx((50 - 20) * more)
    assert found.saved.low < found.saved.value < found.saved.high


def test_whoever_is_engaged_gets_no_offer_by_default_and_whoever_lapsed_may() -> None:
    steep = scales([0.7, 0.6, 0.1, 0.05, 0.02], Offered("percent", 5), lift=2.0)
    assert steep.suggested() == 0.5
    for chance in ([0.7, 0.6, 0.1, 0.05, 0.02], [0.02, 0.01, 0.03]):
        for percent in (1, 5, 20, 50):
            found = scales(chance, Offered("percent", percent)).suggested()
            assert np.mean(chance) - 0.005 <= found <= 0.5
    large, small = (scales([0.3, 0.1], Offered("percent", percent)).suggested() for percent in (50, 1))
    assert large < small


def test_an_offer_that_eats_all_that_is_left_risks_nothing() -> None:
    assert scales([0.6], Offered("percent", 60)).weigh(0.5).risked.high == 0
    assert scales([0.6], Offered("amount", 1000)).weigh(0.5).saved.value == pytest.approx(60)
    assert scales([], Offered("percent", 10)).weigh(0.5).people == 0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """R000 … order every fortnight, S000 … every three months, N000 … never; 20 an order, of goods that cost 8."""
    with hand.written(tmp_path_factory.mktemp("guard") / "shop", Settings(currency="EUR", timezone="UTC")) as made:
        made.engine.execute("INSERT INTO customers (customer_id, described, email_consent) SELECT kind || "
                            "lpad(i::VARCHAR, 3, '0'), true, true FROM range(60) r(i), (VALUES ('R'), ('S'), ('N')) "
                            "k(kind)")
        made.engine.execute(
            """INSERT INTO orders (order_id, customer_id, "at", status, counted, total, items, margin)
            SELECT customer_id || n, customer_id, ?::TIMESTAMP - to_hours((24 * (phase + n * gap))::BIGINT), 'paid',
                true, 20, 1, 12 FROM (SELECT customer_id, n, CASE customer_id[1] WHEN 'R' THEN 14 ELSE 90 END AS gap,
                customer_id[2:]::INT * gap / 60 AS phase FROM customers, range(28) r(n) WHERE customer_id[1] <> 'N')
            WHERE phase + n * gap < 400""", [hand.NOW])
        made.engine.execute("""INSERT INTO lines (order_id, line, customer_id, "at", counted, product_id, quantity,
            amount, returned_quantity, margin) SELECT order_id, 1, customer_id, "at", true, 'soap', 1, 20, 0, 12
            FROM orders""")
    yield made
    made.close()


@pytest.fixture(scope="module")
def box(shop: Shop) -> GuardBox:
    """Of a tenth off for everybody, within a fortnight."""
    everybody = [f"{kind}{i:03d}" for kind in "RSN" for i in range(60)]
    return guard_box(shop.engine, shop.settings, Offer("percent", "10"), everybody, hand.NOW, lift_of([], 0.4),
                     learnt(shop.engine, shop.settings, 14, hand.NOW))


def said(box: GuardBox, language: str = "en") -> list[str]:
    figures = Figures(Settings(currency="EUR"), language)
    return [s.say(figures) for s in (*findings(box), *caveats(box))]


def test_regulars_are_told_from_those_who_seldom_come(shop: Shop) -> None:
    chances = learnt(shop.engine, shop.settings, 14, hand.NOW).chance()
    assert min(c for who, c in chances.items() if who[0] == "R") > 0.7
    assert max(c for who, c in chances.items() if who[0] == "S") < 0.4
    assert not any(who[0] == "N" for who in chances)
    assert np.mean([c for who, c in chances.items() if who[0] == "S"]) == pytest.approx(14 / 90, abs=0.06)


def test_it_says_whom_it_would_leave_out_and_what_for(box: GuardBox) -> None:
    told = said(box)
    assert told[0].startswith("60 people of 180 would buy anyway within 14 days often enough")
    assert told[1].startswith("Leaving them out saves about €1") and "better by about" in told[3]
    assert "Of 60 people nothing can be said, and they are not left out: they have never ordered." in told
    for language in ("id", "ur", "ru"):
        assert not set(said(box, language)) & set(told)
    assert (box.people, box.leave_out, len(box.chances)) == (180, 60, 120)
    rows = table(box, Figures(Settings(currency="EUR"))).rows
    assert len(rows) >= 5 and all(float(a[0].rstrip("%")) < float(b[0].rstrip("%")) for a, b in pairwise(rows))


def test_a_campaign_leaves_them_out_and_says_why(shop: Shop) -> None:
    now = hand.NOW
    for segment in ("All",):
        shop.segments.add(segment, "everyone", now=now)
    shop.segments.refresh(now)
    shop.campaigns.set("email", {"host": "127.0.0.1", "port": 25, "security": "plain", "sender": "s <s@shop.example>"})
    shop.engine.execute("UPDATE customers SET email = customer_id || '@mail.example', email_consent = true")
    plain: Campaign = replace(campaign("Ten off"), control_share=0.0, offer=Offer("percent", "10"))
    shop.campaigns.add(plain, now=now)
    box = shop.campaigns.guard("Ten off", now)
    assert box.leave_out == 60
    shop.campaigns.change("Ten off", now=now, guard=Guard(True, box.threshold))
    left = [r.customer_id for r in shop.campaigns.audience("Ten off", now).rows if r.left_out == reasons.GUARD]
    assert len(left) == box.leave_out and all(who.startswith("R") for who in left)
    assert not shop.campaigns.guard("Ten off", now).with_threshold(0.9).proposed
    shop.campaigns.change("Ten off", now=now, guard=Guard(True, 0.5, proposed=True))
    for changed in ({"window_days": 60}, {"offer": Offer("amount", "25")}, {"window_days": 14}):
        shop.campaigns.change("Ten off", now=now, **changed)
        box = shop.campaigns.guard("Ten off", now)
        left = [r for r in shop.campaigns.audience("Ten off", now).rows if r.left_out == reasons.GUARD]
        assert box.proposed and len(left) == box.leave_out
    shop.campaigns.change("Ten off", now=now, guard=Guard(True, 0.31))
    shop.campaigns.change("Ten off", now=now, window_days=60)
    assert shop.campaigns.guard("Ten off", now).threshold == 0.31
    shop.campaigns.add(replace(plain, name="Nothing", offer=None), now=now)
    with pytest.raises(Refused, match="offers nothing"):
        shop.campaigns.guard("Nothing", now)


def test_a_shop_too_young_to_tell_is_told_so_and_nothing_goes_out_unguarded(mailing: Shop) -> None:
    offering = replace(campaign(), offer=Offer("percent", "10"), guard=Guard(True, 0.5))
    mailing.campaigns.add(offering, now=NOW)
    with pytest.raises(TooLittleData, match="cannot be told yet"):
        mailing.campaigns.guard("Hello", NOW)
    for ask in (mailing.campaigns.send, mailing.campaigns.check, mailing.campaigns.audience):
        with pytest.raises(Refused, match="let those who would buy anyway have it"):
            ask("Hello", NOW)
    assert mailing.campaigns.get("Hello").state == "draft"
    later = replace(offering, name="Later", scheduled_at=NOW + timedelta(hours=1))
    mailing.campaigns.add(later, now=NOW)
    mailing.campaigns.send("Later", NOW)
    mailing.campaigns.begin_due(NOW + timedelta(hours=2))
    assert mailing.campaigns.get("Later").state == "scheduled"


@pytest.mark.parametrize("offer", [Offer("percent", "101"), Offer("percent", "-1"), Offer("amount", "much"),
                                   Offer("amount", "NaN"), Offer("a pony", "1")])
def test_an_offer_nobody_could_say_the_worth_of_is_refused(thirty: Shop, offer: Offer) -> None:
    with pytest.raises(Refused, match="offer"):
        thirty.campaigns.add(replace(campaign(), offer=offer), now=NOW)
