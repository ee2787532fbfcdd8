"""Scores become attributes of the rule language, all or nothing, and say of which moment they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from regulars.errors import Refused, UnknownName
from regulars.insight.common import keep
from regulars.insight.common.finding import analysis, names
from regulars.rules.words import LANGUAGES
from regulars.segments.sizes import kept_sizes, lacking, work_out_past
from regulars.shop import Shop
from tests.insight.conftest import NOW


def group_sizes(shop: Shop) -> dict[str, int]:
    return {r["group"]: r["customers"] for r in shop.insight("rfm", NOW).rows.to_pylist()}


def test_a_score_is_unknown_to_rules_until_it_is_kept(small_shop: Shop) -> None:
    with pytest.raises(UnknownName, match="work scores out and keep them first"):
        small_shop.count("rfm.group = 'champions'", NOW)


def test_rules_ask_of_kept_scores(small_shop: Shop) -> None:
    sizes = group_sizes(small_shop)
    small_shop.keep(small_shop.insight("rfm", NOW))
    assert small_shop.count("rfm.group = 'Champions'", NOW) == sizes["champions"] > 0
    assert small_shop.count("rfm.recency >= 4 and rfm.group is known", NOW) > 0
    assert small_shop.count("rfm.group is not known", NOW) == small_shop.count("no(orders)", NOW)
    assert small_shop.count("rfm.group = 'champions' and count(orders) >= 2", NOW) <= sizes["champions"]


def test_a_rule_that_asks_scores_has_no_past_but_from_their_day_on(small_shop: Shop) -> None:
    now, segments = NOW.replace(tzinfo=None), small_shop.segments
    small_shop.keep(small_shop.insight("rfm", NOW - timedelta(days=3)))
    segments.add("Best", "rfm.group = 'champions'", now=now)
    day = (now - timedelta(days=3)).date()
    assert segments.known_from("in segment 'Best' or no(orders)") == day and segments.known_from("any(orders)") is None
    since = now.date() - timedelta(days=30)
    sizes = segments.history("Best", now=now, since=since)
    assert [size.day for size in sizes] == [day + timedelta(days=n) for n in range(4)]
    assert len(segments.history("any(orders)", now=now, since=since)) == 31
    segments.refresh(now)
    work_out_past(segments, "Best", now)
    assert kept_sizes(segments)["Best"][0].day >= day and "Best" not in lacking(segments, now, kept_sizes(segments))


def test_a_kept_score_is_explained(small_shop: Shop) -> None:
    small_shop.keep(small_shop.insight("rfm", NOW))
    who = small_shop.members("rfm.group = 'champions'", NOW)["customer_id"][0].as_py()
    found = small_shop.explain("rfm.group = 'champions' and rfm.frequency >= 4", who, NOW)
    assert found.holds


def test_it_is_said_by_its_name_in_every_language(small_shop: Shop) -> None:
    small_shop.keep(small_shop.insight("rfm", NOW))
    said = {language: small_shop.sentence("rfm.group = 'champions'", language) for language in LANGUAGES}
    assert said["en"] == "RFM group is “champions”"
    assert said["ru"].startswith("Группа RFM")
    assert len(set(said.values())) == len(LANGUAGES)


def test_keeping_again_empties_what_is_no_longer_said(small_shop: Shop) -> None:
    small_shop.keep(small_shop.insight("rfm", NOW))
    whole = small_shop.count("rfm.group is known", NOW)
    fewer = small_shop.insight("rfm", NOW - timedelta(days=400))
    small_shop.keep(fewer)
    assert small_shop.count("rfm.group is known", NOW) == fewer.n < whole


@pytest.mark.parametrize("name", [n for n in names() if analysis(n).keeps])
def test_scores_of_a_segment_are_refused_and_everybodys_stay(small_shop: Shop, name: str) -> None:
    small_shop.keep(small_shop.insight("rfm", NOW))
    before = small_shop.engine.query("SELECT * FROM scores ORDER BY ALL")
    with pytest.raises(Refused, match=f"Scores are of everybody, and {name} looked only at a segment"):
        small_shop.keep(small_shop.insight(name, NOW, segment="count(orders) >= 1"))
    assert small_shop.engine.query("SELECT * FROM scores ORDER BY ALL").equals(before)
    assert [k.current for k in small_shop.scored()] == [True]


OTHERWISE: dict[str, object] = {
    "definition": "r-package", "recency_cuts": "30", "frequency_cuts": "2", "money_cuts": "50", "model": "bg-nbd",
    "amount": "total", "months": 24, "discount": 0.2, "goods_cost_percent": 50, "service_hour_cost": 1,
    "message_cost": 1, "payment_fee_percent": 3, "shipping_cost": 1, "level": "category", "exclude": ("Lamp",),
    "services": True,
    "country": "NL",
    "rules_only": True, "half_life": 90, "share": 0.5, "long_standing_after": 90, "onboarding_days": 10, "days": 30}
"""Parameters that change what a score means; of those that name a day or a file there is a test elsewhere."""


@pytest.mark.parametrize(("name", "parameter"), [(n, p) for n in names() for p in analysis(n).meant_by
                                                 if p not in ("until", "groups")])
def test_scores_that_would_mean_something_else_are_not_kept_under_their_names(small_shop: Shop, name: str,
                                                                             parameter: str) -> None:
    changed = {parameter: OTHERWISE[parameter]}
    with pytest.raises(Refused, match=f"would mean another with --{parameter.replace('_', '-')}"):
        small_shop.ask_to_keep(name, **changed)
    small_shop.ask_to_keep(name)
    with pytest.raises(Refused, match=f"{name} has no scores to keep"):
        small_shop.keep(small_shop.insight(name, NOW, **changed))


def test_features_that_are_kept_do_not_stay_behind(small_shop: Shop) -> None:
    small_shop.keep(small_shop.insight("rfm", NOW))
    small_shop.segments.add("Best", "rfm.group = 'champions'", now=NOW.replace(tzinfo=None))
    small_shop.segments.refresh(NOW.replace(tzinfo=None))
    small_shop.keep(small_shop.insight("rfm", NOW - timedelta(days=200)))
    assert small_shop.count("in segment 'Best'", NOW) == small_shop.count("rfm.group = 'champions'", NOW)


def test_it_says_of_which_moment_scores_are_and_whether_facts_came_since(small_shop: Shop) -> None:
    assert small_shop.scored() == []
    small_shop.keep(small_shop.insight("rfm", NOW))
    kept, = small_shop.scored()
    assert (kept.analysis, kept.as_of, kept.current) == ("rfm", NOW.replace(tzinfo=None), True)
    assert kept.names == ("rfm.group", "rfm.recency", "rfm.frequency", "rfm.money")
    small_shop.customers.erase("C000001")
    assert [k.current for k in small_shop.scored()] == [False]


def test_all_or_nothing(small_shop: Shop) -> None:
    result = small_shop.insight("rfm", NOW)
    small_shop.keep(result)
    before = small_shop.engine.query("SELECT * FROM scores ORDER BY ALL")
    later = small_shop.insight("rfm", NOW - timedelta(days=200))
    broken = type(result)(**{**vars(later), "analysis": "other", "scores": None})
    with pytest.raises(Refused, match="other has no scores"):
        keep(small_shop.engine, [later, broken])
    assert small_shop.engine.query("SELECT * FROM scores ORDER BY ALL").equals(before)


def test_refreshing_keeps_all_there_is(small_shop: Shop) -> None:
    done = small_shop.refresh_scores(NOW)
    assert "rfm" in {r.analysis for r in done.kept}
    assert {k.analysis for k in small_shop.scored()} == {r.analysis for r in done.kept}
    assert all(k.current for k in small_shop.scored())
    assert small_shop.check().consistent


def test_refreshing_names_what_there_is_too_little_data_for(little_shop: Shop) -> None:
    done = little_shop.refresh_scores(NOW)
    assert "rfm" not in {r.analysis for r in done.kept}
    assert str(done.left_out["rfm"]).startswith("RFM needs at least 20 customers with an order, and there are 4.")
