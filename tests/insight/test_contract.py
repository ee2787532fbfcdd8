"""What every analysis is held to, whichever there are: an honest result or an honest refusal, on any shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from functools import cache
from typing import get_type_hints

import pytest

from regulars.cli.printing import plain
from regulars.errors import NotFound, Refused, RuleError, TooLittleData
from regulars.insight.common import Result, analysis, made, names
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.rules.labels import ATTRIBUTES
from regulars.shop import Shop
from tests.insight.conftest import NOW, ODD

NOBODY = "name = 'nobody is called this'"


def run(shop: Shop, name: str, **parameters: object) -> Result | None:
    """The result, held to what each must be; None where it honestly says that there is too little."""
    try:
        result = shop.insight(name, NOW, **parameters)
    except TooLittleData as refusal:
        assert refusal.hint
        assert str(refusal).strip()[0].isupper(), str(refusal)
        return None
    assert result.analysis == name
    assert result.now == NOW.replace(tzinfo=None)
    assert result.n >= 0
    assert result.source.strip()
    for language in LANGUAGES:
        said = result.to_json(Figures(shop.settings, language))
        assert said["method"].strip()
        json.dumps(plain(said), allow_nan=False)
        assert not any("{" in each or "nan" in each.split() for each in (*said["findings"], *said["caveats"]))
    return result


Once = Callable[[str, str], Result | None]


@pytest.fixture(scope="session")
def once(odd_shops: dict[str, Shop]) -> Once:
    """The result of an analysis on a shop, worked out once for all tests."""
    return cache(lambda shop, name: run(odd_shops[shop], name))


@pytest.mark.parametrize("shop_name", ODD)
@pytest.mark.parametrize("name", names())
def test_it_says_something_honest_of_any_shop(odd_shops: dict[str, Shop], once: Once, name: str,
                                              shop_name: str) -> None:
    result = once(shop_name, name)
    if result is not None and result.scores is not None:
        people = result.scores.table["customer_id"].to_pylist()
        assert len(set(people)) == len(people)
        assert set(people) <= set(odd_shops[shop_name].members("everyone", NOW)["customer_id"].to_pylist())


@pytest.mark.parametrize("name", names())
def test_a_segment_nobody_is_in_is_refused_or_says_that_it_is_of_nobody(odd_shops: dict[str, Shop], name: str) -> None:
    result = run(odd_shops["300 customers"], name, segment=NOBODY)
    assert result is None or result.n == 0


@pytest.mark.parametrize("name", names())
def test_a_segment_that_is_no_rule_is_an_error_of_the_rule(odd_shops: dict[str, Shop], name: str) -> None:
    with pytest.raises((RuleError, TooLittleData)):  # some have nothing to look at in this shop
        odd_shops["300 customers"].insight(name, NOW, segment="no such thing >")


@pytest.mark.parametrize("name", names())
def test_it_is_the_same_twice_and_changes_nothing(odd_shops: dict[str, Shop], once: Once, name: str) -> None:
    shop, figures = odd_shops["300 customers"], Figures(odd_shops["300 customers"].settings)
    before = shop.engine.tables(), shop.engine.value("SELECT value FROM meta WHERE key = 'facts_version'")
    first, second = once("300 customers", name), run(shop, name)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert plain(first.to_json(figures)) == plain(second.to_json(figures))
        with pytest.raises(FrozenInstanceError):
            first.n = 0  # type: ignore[misc]
    assert (shop.engine.tables(), shop.engine.value("SELECT value FROM meta WHERE key = 'facts_version'")) == before


@pytest.mark.parametrize("name", names())
def test_it_can_be_asked_of_one_customer(odd_shops: dict[str, Shop], name: str) -> None:
    result = run(odd_shops["300 customers"], name, segment="customer_id = 'C000001'")
    assert result is None or result.n <= 1


@pytest.mark.parametrize("name", names())
def test_its_parameters_are_plain_have_defaults_and_say_what_they_do(name: str) -> None:
    kind = analysis(name)
    made(kind, {})
    hints = get_type_hints(kind)
    for each in fields(kind):
        assert each.metadata.get("help", "").endswith("."), each.name
        plainly = {str, int, float, bool, str | None, int | None, float | None, tuple[str, ...]}
        assert hints[each.name] in plainly, each.name


@pytest.mark.parametrize("name", names())
def test_the_scores_it_keeps_are_those_it_names(once: Once, name: str) -> None:
    result, kind = once("300 customers", name), analysis(name)
    if result is None:
        return
    assert (result.scores is not None) == bool(kind.keeps)
    if result.scores is not None:
        assert tuple(result.scores.types) == kind.keeps
        assert set(result.scores.labels) == set(kind.keeps)
        assert set(result.scores.table.column_names) == {"customer_id", *kind.keeps}
        assert set(kind.keeps) <= set(ATTRIBUTES), "give it a name in regulars/rules/scores.py, and its translations"


def test_an_analysis_that_is_not_there_is_named_with_the_nearest(odd_shops: dict[str, Shop]) -> None:
    with pytest.raises(NotFound, match="Did you mean rfm"):
        odd_shops["empty"].insight("rmf", NOW)


def test_a_parameter_that_is_not_there_is_refused(odd_shops: dict[str, Shop]) -> None:
    with pytest.raises(Refused, match="no parameter called 'cuts'"):
        odd_shops["empty"].insight("rfm", NOW, cuts="1")
