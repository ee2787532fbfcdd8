"""Stages by each one's own rhythm: by hand on clockwork, by plain Python and by ground truth on the demo shop."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regulars.errors import Refused, TooLittleData
from regulars.insight.lifecycle import STAGES, label
from regulars.shop import Shop
from tests.insight.conftest import NOW

TODAY = date(2026, 11, 22)


def shop_of(folder: Path, days_ago: dict[str, list[int]], customers: str = "") -> Shop:
    """Customers by how many days ago each of their orders was."""
    shop = Shop.create(folder / "shop")
    lines = ["order_id,customer_id,at,status,total"]
    lines += [f"{who}-{n},{who},{TODAY - timedelta(days=int(n))}T12:00,paid,10" for who in days_ago
              for n in days_ago[who]]
    for name, text in (("customers", customers), ("orders", "\n".join(lines))):
        if text:
            (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
            shop.import_file(folder / f"{name}.csv", as_=name, now="2026-11-22T20:00")
    return shop


def monthly(last: int, times: int = 5) -> list[int]:
    return [last + 30 * i for i in range(times)]


CLOCKWORK = {f"M{i:02}": monthly(5) for i in range(30)}


def scores(shop: Shop, now: Any = "2026-11-22T20:00", **parameters: Any) -> dict[str, dict[str, Any]]:
    kept = shop.insight("lifecycle", now, **parameters).scores
    assert kept is not None
    return {r["customer_id"]: r for r in kept.table.to_pylist()}


def test_clockwork_by_hand(tmp_path: Path) -> None:
    """All order every 30 days: a risk beyond 37.5 days of silence, lapsed beyond 60; 100 days and back is won back."""
    people = {**CLOCKWORK, "active": monthly(37), "risk": monthly(38), "still risk": monthly(60), "lapsed": monthly(61),
              "new": [37], "new at risk": [38], "once lapsed": [61], "back": [3, 103, 133, 163]}
    with shop_of(tmp_path, people) as shop:
        found = {who: row["lifecycle.stage"] for who, row in scores(shop).items()}
    assert {who: found[who] for who in people if who not in CLOCKWORK} == {
        "active": "active", "risk": "at risk", "still risk": "at risk", "lapsed": "lapsed", "new": "new",
        "new at risk": "at risk", "once lapsed": "lapsed", "back": "won back"}
    assert {found[who] for who in CLOCKWORK} == {"active"}


def test_each_is_judged_by_their_own_rhythm(tmp_path: Path) -> None:
    """Twenty who come weekly and twenty who come every quarter: 40 days of silence mean something else."""
    rng = np.random.default_rng(1)
    people = {}
    for i in range(40):
        usual = 7 if i % 2 else 90
        gaps = np.maximum(1, np.rint(usual * np.exp(rng.normal(0, 0.2, 7)))).astype(int)
        people[f"{'weekly' if i % 2 else 'quarterly'} {i}"] = [40, *(40 + np.cumsum(gaps))]
    with shop_of(tmp_path, people) as shop:
        found = scores(shop)
    assert {row["lifecycle.stage"] for who, row in found.items() if who.startswith("weekly")} == {"lapsed"}
    assert {row["lifecycle.stage"] for who, row in found.items() if who.startswith("quarterly")} == {"active"}
    assert all(5 < row["lifecycle.rhythm"] < 11 for who, row in found.items() if who.startswith("weekly"))


def test_prospects_newcomers_and_the_long_standing(tmp_path: Path) -> None:
    people = {**CLOCKWORK, "old": monthly(5, 14), "eve": monthly(4, 13)}
    with shop_of(tmp_path, people, "customer_id,name\nP1,Eva Smit") as shop:
        found = scores(shop)
        shorter = shop.insight("lifecycle", "2026-11-22T20:00", long_standing_after=100)
    assert (found["P1"]["lifecycle.stage"], found["P1"]["lifecycle.standing"]) == ("prospect", None)
    assert found["P1"]["lifecycle.rhythm"] is None
    assert found["M00"]["lifecycle.standing"] == "new"
    assert found["old"]["lifecycle.standing"] == "long-standing"
    assert found["eve"]["lifecycle.standing"] == "new"
    assert shorter.numbers["standing"] == {"new": 0, "long-standing": len(people)}
    assert shorter.scores is None


def test_plans_and_who_has_taken_them_up(tmp_path: Path) -> None:
    customers = ("customer_id,name,plan,plan_status,plan_since\n"
                 "M00,In Use,Club,active,2026-11-01\nP1,Idle,Club,active,2026-01-01\n"
                 "P2,Fresh,Club,active,2026-11-10\nP3,Gone,Club,cancelled,2026-01-01\n"
                 "M01,That Day,Club,active,2026-11-17")
    with shop_of(tmp_path, CLOCKWORK, customers) as shop:
        result, found = shop.insight("lifecycle", "2026-11-22T20:00"), scores(shop)
    assert [found[who]["lifecycle.onboarding"] for who in ("M00", "P1", "P2", "P3", "M01", "M02")] == [
        "in use", "not in use", "getting started", None, "getting started", None]
    assert result.numbers["onboarding"] == [{"plan": "Club", "people": 4, "in_use": 1, "getting_started": 2,
                                             "not_in_use": 1, "usual_days_to_use": 16.0}]
    assert "1 person on a plan has done nothing with it in more than 30 days." in map(str, result.findings)


def gaps_of(shop: Shop) -> dict[str, list[float]]:
    """Logarithms of days between days with an order, by plain Python."""
    days = defaultdict(set)
    for who, day in shop.engine.rows('SELECT customer_id, timezone(?, "at"::TIMESTAMPTZ)::DATE FROM orders WHERE '
                                     "counted AND customer_id IS NOT NULL", [shop.settings.timezone]):
        days[who].add(day)
    return {who: [log((b - a).days) for a, b in zip(sorted(all_), sorted(all_)[1:], strict=False)]
            for who, all_ in days.items()}


def test_rhythm_and_limits_by_plain_python(demo_shop: Shop) -> None:
    """Buehlmann and Straub's estimators, and the quantiles of what gaps exceeded the expectation before them by."""
    own = [g for g in gaps_of(demo_shop).values() if g]
    n, total = np.array([len(g) for g in own]), sum(map(len, own))
    mean = sum(map(sum, own)) / total
    within = sum(((np.array(g) - np.mean(g)) ** 2).sum() for g in own) / (n - 1).sum()
    spread = sum(len(g) * (np.mean(g) - mean) ** 2 for g in own)
    weight = within / ((spread - (len(own) - 1) * within) / (total - (n ** 2).sum() / total))
    beyond: dict[bool, list[float]] = {True: [], False: []}
    for g in own:
        for i, gap in enumerate(g):
            beyond[i == 0].append(gap - (weight * mean + sum(g[:i])) / (weight + i))
    told = demo_shop.insight("lifecycle", NOW).parameters
    assert told["usual_days"] == pytest.approx(exp(mean), rel=1e-9)
    assert told["weight_of_all"] == pytest.approx(weight, rel=1e-6)
    assert told["at_risk_after_one_order"] == pytest.approx(exp(mean + np.quantile(beyond[True], 0.8)), rel=1e-6)
    assert told["lapsed_at_times_usual"] == pytest.approx(exp(np.quantile(beyond[False], 0.95)), rel=1e-6)


def test_stages_know_who_is_gone(demo_shop: Shop) -> None:
    """Of those who buy more than once by nature the truth says who is gone; feasts are no rhythm."""
    truth = demo_shop.folder / "demo" / "ground_truth.parquet"
    alive = dict(demo_shop.engine.rows(
        f"SELECT customer_id, alive FROM read_parquet('{truth}') WHERE orders >= 3 AND alive IS NOT NULL AND "
        "loss_probability IS NOT NULL AND behaviour <> 'gifts'"))
    found = scores(demo_shop, NOW)
    there = [found[who]["lifecycle.stage"] for who, here in alive.items() if here]
    gone = [found[who]["lifecycle.stage"] for who, here in alive.items() if not here]
    assert sum(stage in ("active", "won back") for stage in there) / len(there) > 0.75
    assert sum(stage in ("lapsed", "at risk") for stage in gone) / len(gone) > 0.75


def test_everybody_is_in_one_stage(demo_shop: Shop) -> None:
    result = demo_shop.insight("lifecycle", NOW)
    rows = result.rows.to_pylist()
    assert sum(r["customers"] for r in rows) == result.n == demo_shop.count("everyone", NOW)
    assert [r["stage"] for r in rows] == [s for s in STAGES if s in {r["stage"] for r in rows}]
    assert sum(result.numbers["standing"].values()) == demo_shop.count("any(orders)", NOW)
    paid = demo_shop.engine.value("SELECT sum(total - coalesce(refunded, 0)) FROM orders WHERE counted AND "
                                  "customer_id IS NOT NULL AND \"at\" > TIMESTAMP '2025-11-22 14:30'")
    assert sum(r["money_12_months"] for r in rows) == paid
    assert all(str(label(r["stage"])) for r in rows)


def test_rules_ask_of_stages(small_shop: Shop) -> None:
    result = small_shop.insight("lifecycle", NOW)
    small_shop.keep(result)
    sizes = {r["stage"]: r["customers"] for r in result.rows.to_pylist()}
    assert small_shop.count("lifecycle.stage in ('at risk', 'lapsed')", NOW) == sizes["at risk"] + sizes["lapsed"]
    assert small_shop.count("lifecycle.standing = 'long-standing' and lifecycle.rhythm < 60", NOW) > 0


def test_too_few_returns_are_refused(tmp_path: Path) -> None:
    with shop_of(tmp_path, {f"C{i}": [5, 35] for i in range(29)}) as shop, \
            pytest.raises(TooLittleData, match="at least 30 returns of customers to the shop, and there are 29"):
        shop.insight("lifecycle", "2026-11-22T20:00")


def test_days_that_cannot_be_are_refused(demo_shop: Shop) -> None:
    with pytest.raises(Refused, match="onboarding_days must be from 0"):
        demo_shop.insight("lifecycle", NOW, onboarding_days=-1)
