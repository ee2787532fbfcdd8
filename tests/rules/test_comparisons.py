"""Comparisons, and what becomes of them where nothing is known (rules.md, Meaning 2)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.rules.world import BERLIN, NEW_YORK, NOON, World


@pytest.fixture
def known(world: World) -> World:
    """f is a woman of 30 with a card, m a man of 40 without, u somebody of whom nothing is known."""
    world.put("customers",
              {"customer_id": "f", "gender": "female", "household_size": 2, "home_owner": True, "latitude": 0.5,
               "birth_date": date(1996, 11, 22), "signed_up_at": datetime(2026, 11, 1), "tags": ["vip", "press"]},
              {"customer_id": "m", "gender": "male", "household_size": 4, "home_owner": False, "latitude": -0.5,
               "birth_date": date(1986, 11, 22), "signed_up_at": datetime(2025, 11, 1), "tags": []},
              {"customer_id": "u"})
    return world


@pytest.mark.parametrize(("rule", "who"), [
    ("gender = 'female'", "f"), ("gender != 'female'", "m"), ("not gender = 'female'", "m u"),
    ("not gender != 'female'", "f u"), ("not not gender = 'female'", "f"), ("not (not gender != 'female')", "m"),
    ("gender in ('female', 'other')", "f"), ("gender not in ('female', 'other')", "m"),
    ("not gender in ('female')", "m u"), ("not gender not in ('female')", "f u"),
    ("gender contains 'male'", "f m"), ("gender not contains 'fe'", "m"), ("not gender contains 'fe'", "m u"),
    ("gender starts with 'fe'", "f"), ("gender not starts with 'fe'", "m"), ("gender ends with 'ale'", "f m"),
    ("gender not ends with 'ale'", ""), ("gender matches '^m'", "m"), ("gender not matches '^m'", "f"),
    ("gender is known", "f m"), ("gender is not known", "u"), ("not gender is known", "u"),
    ("gender < 'g'", "f"), ("gender >= 'g'", "m"), ("gender between 'a' and 'g'", "f"),
    ("household_size = 2", "f"), ("household_size != 2", "m"), ("household_size < 4", "f"),
    ("household_size <= 4", "f m"), ("household_size > 2", "m"), ("household_size >= 2", "f m"),
    ("household_size between 2 and 4", "f m"), ("household_size between 3 and 4", "m"),
    ("household_size not between 3 and 4", "f"),
    ("not household_size between 3 and 4", "f u"), ("household_size in (2, 3)", "f"),
    ("household_size not in (2, 3)", "m"), ("household_size = 2.5", ""), ("household_size != 2.5", "f m"),
    ("household_size < 2.5", "f"), ("household_size in (2.0, 4.5)", "f"),
    ("latitude = 0.5", "f"), ("latitude < 0", "m"), ("latitude != 0.5", "m"), ("latitude in (-0.5, 7)", "m"),
    ("home_owner", "f"), ("not home_owner", "m u"), ("home_owner = true", "f"), ("home_owner = false", "m"),
    ("home_owner != true", "m"), ("home_owner in (true, false)", "f m"), ("home_owner is not known", "u"),
    ("birth_date = 1996-11-22", "f"), ("birth_date != 1996-11-22", "m"), ("birth_date < 1990-01-01", "m"),
    ("birth_date not in (1996-11-22)", "m"), ("birth_date between 1986-11-22 and 1996-11-22", "f m"),
    ("birth_date not between 1986-11-22 and 1990-01-01", "f"),
    ("signed_up_at in last 30 days", "f"), ("not signed_up_at in last 30 days", "m u"),
    ("signed_up_at is not known", "u"), ("age = 30", "f"), ("age != 30", "m"), ("age is known", "f m"),
    ("tags contains 'VIP'", "f"), ("tags contains 'vi'", ""), ("tags not contains 'vip'", "m"),
    ("not tags contains 'vip'", "m u"), ("tags is known", "f m"), ("everyone", "f m u"), ("not everyone", ""),
    ("sum(orders.total) = 0", "f m u"), ("count(orders) != 1", "f m u"), ("avg(orders.total) != 1", ""),
    ("avg(orders.total) is not known", "f m u"), ("last(orders) in last 30 days", ""),
    ("not last(orders) in last 30 days", "f m u"), ("favourite(orders.channel) not in ('x')", ""),
    ("top 100% by avg(orders.total)", ""), ("not top 100% by avg(orders.total)", "f m u"),
    ("within 20000 km of (0, 0)", ""), ("anniversary(birth_date) today", "f m"),
    ("not anniversary(birth_date) today", "u")])
def test_an_unknown_value_meets_no_comparison_and_not_is_plain(known: World, rule: str, who: str) -> None:
    assert known.who(rule) == who


def test_and_binds_before_or_and_not_before_and(known: World) -> None:
    assert known.who("gender = 'male' or gender = 'female' and household_size = 4") == "m"
    assert known.who("(gender = 'male' or gender = 'female') and household_size = 2") == "f"
    assert known.who("not gender = 'male' and household_size = 2") == "f"
    assert known.who("not (gender = 'male' and household_size = 2)") == "f m u"


def test_money_is_compared_exactly_however_fine_the_question(world: World) -> None:
    world.people("1")
    world.orders(("1", NOON, Decimal("0.10")), ("1", NOON, Decimal("0.20")))
    assert world.who("sum(orders.total) = 0.3") == "1"
    assert world.who("sum(orders.total) = 0.30000000000000004") == ""
    assert world.who("sum(orders.total) < 0.30000000000000004") == "1"
    assert world.who("sum(orders.total) > 0.2999999999999999999") == "1"
    assert world.who("sum(orders.total) >= 0.30000001") == ""
    assert world.who("sum(orders.total) != 0.30000000000000004") == "1"
    assert world.who("sum(orders.total) in (0.30000000000000004, 7)") == ""
    assert world.who("avg(orders.total) = 0.15") == "1"
    assert world.who("median(orders.total) = 0.15") == "1"
    assert world.who("any(orders where total between 0.1 and 0.1)") == "1"


def test_numbers_beyond_what_is_kept_are_compared_all_the_same(world: World) -> None:
    largest, greatest_sum = 2**63 - 1, Decimal("99999999999999.9999")
    world.put("customers", {"customer_id": "1", "household_size": largest}, {"customer_id": "2", "household_size": 1})
    world.orders(("1", NOON, greatest_sum), ("1", NOON, greatest_sum))
    assert world.who(f"household_size = {largest}") == "1"
    assert world.who(f"household_size < {largest}") == "2"
    assert world.who(f"household_size in ({largest - 1}, 5)") == ""
    assert world.who("household_size < 9223372036854775808") == "1 2"
    assert world.who("household_size > -9223372036854775809") == "1 2"
    assert world.who("household_size = 9223372036854775808") == ""
    assert world.who("household_size != 9223372036854775808.5") == "1 2"
    assert world.who("sum(orders.total) = 199999999999999.9998") == "1"
    assert world.who("sum(orders.total) < 199999999999999.9998") == "2"
    assert world.who("sum(orders.total) < 9999999999999999999999999999") == "1 2"
    assert world.who("sum(orders.total) > -9999999999999999999999999999") == "1 2"


def test_a_number_may_carry_underscores_and_a_sign(world: World) -> None:
    world.people("1", household_size=-1000)
    assert world.who("household_size = -1_000") == "1"
    assert world.who("household_size = -1_0_0_0.00") == "1"


def test_age_is_in_full_years_and_leap_day_children_grow_on_the_28th(world: World) -> None:
    world.put("customers", {"customer_id": "leap", "birth_date": date(2000, 2, 29)},
              {"customer_id": "day before", "birth_date": date(2000, 2, 28)},
              {"customer_id": "day after", "birth_date": date(2000, 3, 1)})
    assert world.who("age = 25", datetime(2026, 2, 27, 23, 59)) == "day after day before leap"
    assert world.who("age = 26", datetime(2026, 2, 28)) == "day before leap"
    assert world.who("age = 26", datetime(2026, 3, 1)) == "day after day before leap"
    assert world.who("age = 28", datetime(2028, 2, 28)) == "day before"
    assert world.who("age = 28", datetime(2028, 2, 29)) == "day before leap"


def test_age_changes_at_midnight_of_the_shop(world: World) -> None:
    world.people("1", birth_date=date(1990, 6, 15))
    assert world.who("age = 36", datetime(2026, 6, 14, 22), BERLIN) == "1"
    assert world.who("age = 36", datetime(2026, 6, 14, 21, 59, 59, 999999), BERLIN) == ""
    assert world.who("age = 36", datetime(2026, 6, 15, 3, 59), NEW_YORK) == ""
    assert world.who("age = 36", datetime(2026, 6, 15, 4), NEW_YORK) == "1"
