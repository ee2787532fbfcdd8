"""What a stored campaign brought, and what was learned of several: through the door and the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from math import log

import pytest

from regulars.cli.entry import run
from regulars.errors import Refused
from regulars.model.figures import Figures
from regulars.outreach.audience import CONTROL, MESSAGE
from regulars.outreach.campaign import Variant
from regulars.outreach.results import telling
from regulars.outreach.results.history import in_all
from regulars.outreach.results.judging import TOO_FEW, Comparison
from regulars.outreach.results.learning import lift_of
from regulars.outreach.results.pooling import pooled
from regulars.shop import Shop
from tests.outreach.conftest import NOW, PEOPLE, PLAIN, campaign, person

AFTER = NOW + timedelta(days=15)


def orders(shop: Shop, people: list[str], at: datetime) -> None:
    """One of 40 each."""
    for who in people:
        shop.engine.execute('INSERT INTO orders (order_id, customer_id, "at", status, counted, total) VALUES '
                            "(?, ?, ?, 'paid', true, 40)", [f"{who} {at}", who, at])


def sent(shop: Shop, name: str = "Hello", share: float = 0.5, **said: object) -> dict[str, list[str]]:
    """A campaign that began now; who is in which arm."""
    shop.campaigns.add(replace(campaign(), name=name, control_share=share, **said), now=NOW)  # type: ignore[arg-type]
    shop.campaigns.send(name, NOW)
    found = shop.campaigns.audience(name, NOW)
    return {arm: [r.customer_id for r in found.of(arm)] for arm in (MESSAGE, CONTROL)}


def test_a_campaign_is_held_against_those_who_by_chance_did_not_get_it(mailing: Shop) -> None:
    arms = sent(mailing)
    orders(mailing, arms[MESSAGE][:6] + arms[CONTROL][:2], NOW + timedelta(days=3))
    orders(mailing, arms[CONTROL], NOW + timedelta(days=14, seconds=1))
    found = mailing.campaigns.results("Hello", AFTER)
    assert (found.whole.people, found.whole.others) == (len(arms[MESSAGE]), len(arms[CONTROL]))
    assert (found.whole.orderers, found.whole.other_orderers, found.whole.verdict) == (6, 2, TOO_FEW)
    assert found.paid == (pytest.approx(240 / len(arms[MESSAGE])), pytest.approx(80 / len(arms[CONTROL])))
    assert len(arms[MESSAGE]) + len(arms[CONTROL]) <= PEOPLE


def test_before_it_began_nothing_is_told(mailing: Shop) -> None:
    mailing.campaigns.add(campaign(), now=NOW)
    with pytest.raises(Refused, match="has not begun"):
        mailing.campaigns.results("Hello", NOW)
    with pytest.raises(Refused, match="No campaign has begun"):
        mailing.campaigns.brought_by_all(NOW)
    assert not any(mailing.campaigns.learned(NOW).values())


def test_campaigns_of_one_move_and_one_channel_are_learned_of_together(mailing: Shop) -> None:
    for name, move in (("One", "win back"), ("Two", "win back"), ("Three", "")):
        arms = sent(mailing, name, extra={"move": move} if move else {})
        orders(mailing, arms[MESSAGE][:5] + arms[CONTROL][:1], NOW + timedelta(days=len(name)))
    sent(mailing, "Nobody to compare with", share=0.0)
    assert not any(mailing.campaigns.learned(NOW + timedelta(days=3)).values())
    found = mailing.campaigns.learned(AFTER)
    assert [(k.kind, k.campaigns, k.goal) for k in found["move"]] == [("win back", 2, "paid")]
    assert [(k.kind, k.campaigns) for k in found["channel"]] == [("email", 3)]
    assert found["move"][0].together and found["move"][0].lift.campaigns == 2
    measured = mailing.measured_at("move", AFTER)
    assert {code: m.campaigns for code, m in measured.items()} == {"win back": 2}
    assert measured["win back"].low < measured["win back"].value < measured["win back"].high
    assert set(mailing.measured_at("channel", AFTER)) == {"email"}


def compared(people: int, orderers: int, others: int, other_orderers: int) -> Comparison:
    return Comparison(people, others, orderers, other_orderers, None, None, None, "orders", "alike", 0.05, None)


def test_what_is_expected_moves_from_the_assumption_to_what_was_measured() -> None:
    nothing = lift_of([], 0.2)
    assert (nothing.value, nothing.campaigns) == (0.2, 0) and nothing.low < 0 < nothing.high
    little = lift_of([compared(150, 15, 150, 15)], 0.2)
    much = lift_of([compared(15_000, 1500, 15_000, 1500)] * 4, 0.2)
    assert 0.2 > little.value > much.value > -0.02
    assert much.high - much.low < little.high - little.low < nothing.high - nothing.low + 0.1
    doubled = lift_of([compared(15_000, 3000, 15_000, 1500)] * 30, 0.2)
    assert log(1 + doubled.value) == pytest.approx(log(2), abs=0.03)
    assert lift_of([compared(10, 1, 10, 0)], 0.2) == nothing


def test_the_command_line_says_the_same(mailing: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    arms = sent(mailing)
    orders(mailing, arms[MESSAGE][:6], NOW + timedelta(days=3))
    folder = str(mailing.folder)
    mailing.close()

    def said(*words: str) -> str:
        assert run(["campaign", *words, "--shop", folder, "--as-of", "2026-12-20"]) == 0
        return capfd.readouterr().out
    assert said("results", "Hello").startswith("Not enough data yet: 6 people in all ordered")
    told = json.loads(said("results", "Hello", "--json"))
    assert (told["verdict"], told["orderers"], told["goal"]) == (TOO_FEW, 6, "paid")
    assert "ابھی ڈیٹا کافی نہیں" in said("results", "Hello", "--lang", "ur")
    assert "No campaign" not in said("learned") and "email" in said("learned")
    assert json.loads(said("results", "--json"))["waiting"] == PEOPLE


def test_a_segment_has_its_campaigns_one_after_the_other_and_what_they_teach_together(
        mailing: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    assert telling.findings(mailing.campaigns.of_segment("Big", NOW))[0].say(Figures(mailing.settings)).startswith(
        "No campaign to this segment")
    big = {person(n) for n in range(20, PEOPLE + 1)}
    for name, to in (("One", ("Big",)), ("Two", ("Small", "Big")), ("Elsewhere", ("Small",))):
        arms = sent(mailing, name, segments=to)
        orders(mailing, arms[MESSAGE][-4:] + arms[CONTROL][-2:], NOW + timedelta(days=len(name)))
    sent(mailing, "Own", variants=(Variant("big", "Big", content=PLAIN), Variant("rest", content=PLAIN)), share=0.0)
    early = mailing.campaigns.of_segment("big", NOW + timedelta(days=2))
    assert (early.together, early.told) == (None, [])
    found = mailing.campaigns.of_segment("big", AFTER)
    assert [c.campaign for c in found.chapters] == ["One", "Own", "Two"]
    for each in found.chapters:
        chosen = [r for r in mailing.campaigns.audience(each.campaign, NOW).rows if r.customer_id in big]
        assert each.comparison.people == sum(r.arm == MESSAGE for r in chosen)
        assert each.comparison.others == sum(r.arm == CONTROL for r in chosen)
    by_hand = [c.comparison.paid for c in found.told]
    whole = pooled([d.value for d in by_hand if d], [d.error for d in by_hand if d])
    assert found.together and (found.together.mean, found.together.low) == (whole.mean, whole.low)
    people = sum(c.comparison.people for c in found.told)
    assert telling.findings(found)[0].say(Figures(mailing.settings)).startswith("In all ")
    assert in_all(found) == tuple(people * x for x in (whole.mean, whole.low, whole.high))
    assert (found.goal, [c.drawn is None for c in found.chapters]) == ("paid", [False, True, False])
    folder = str(mailing.folder)
    mailing.close()
    assert run(["campaign", "results", "--segment", "Big", "--shop", folder, "--as-of", "2026-12-20"]) == 0
    shown = capfd.readouterr().out
    assert "2 campaigns can be told" in shown and "nobody was left without it" in shown and "all together" in shown


def test_of_advertising_in_areas_nothing_is_told_of_people_and_nobody_is_held_out(mailing: Shop) -> None:
    mailing.campaigns.set("gate", {"held_out_share": 0.5})
    arms = sent(mailing, "Billboards", channel="local")
    assert (len(arms[MESSAGE]), arms[CONTROL]) == (PEOPLE, [])
    with pytest.raises(Refused, match="goes to areas"):
        mailing.campaigns.results("Billboards", AFTER)
    with pytest.raises(Refused, match="No campaign has begun"):
        mailing.campaigns.brought_by_all(AFTER)
    assert not any(mailing.campaigns.learned(AFTER).values())
    assert mailing.campaigns.of_segment("All", AFTER).chapters == ()
