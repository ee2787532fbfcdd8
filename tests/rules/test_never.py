"""Rules of which nobody can be: told where it is sure, and only there."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from regulars.rules import When, parse
from regulars.rules.never import never

WHEN = When(datetime(2026, 11, 22, 12), ZoneInfo("UTC"))


@pytest.mark.parametrize("rule", [
    "age > 60 and age < 20", "age >= 60 and email_consent and age < 60", "age = 5 and age between 6 and 9",
    "gender = 'female' and (gender = 'Male' or gender in ('other', 'unknown'))", "city is not known and city = 'Rome'",
    "email_consent and not email_consent", "count(orders) < 0", "any(orders) and no(orders)",
    "count(orders) >= 1 and count(orders) = 0", "sum(orders.total) > 5 and sum(orders.total) <= 5",
    "any(lines where category = 'Sand' in last 30 days) and no(lines in last 60 days)",
    "(age > 9 and age < 3) or (plan = 'a' and plan = 'b')", "any(orders since 2027-01-01)"])
def test_what_can_be_true_of_nobody_is_told(rule: str) -> None:
    assert never(parse(rule), WHEN) is not None


@pytest.mark.parametrize("rule", [
    "age > 20 and age < 60", "age <= 60 and age >= 60", "age > 60 or age < 20", "not (age > 60 and age < 20)",
    "gender = 'female' and gender in ('Female ', 'x')", "gender != 'a' and gender != 'b'", "age not between 1 and 9",
    "any(orders in last 60 days) and no(orders in last 30 days)", "any(orders) and no(lines)",
    "any(orders) and no(orders.discount)",
    "any(orders where channel = 'a') and no(orders where channel = 'b')", "sum(orders.total) < 0",
    "any(orders in last 1 month) and no(orders in last 30 days)", "any(orders since 2026-01-01)",
    "count(orders) > 5 and count(orders in last 1 year) < 3", "no(orders since 2027-01-01)",
    "tags contains 'a' and tags contains 'b'", "(age > 9 and age < 3) or plan = 'a'"])
def test_what_may_be_true_of_somebody_is_not(rule: str) -> None:
    assert never(parse(rule), WHEN) is None


def test_it_names_what_excludes_what() -> None:
    assert str(never(parse("age > 60 and city = 'Rome' and age < 20"), WHEN)) == (
        "Nobody can ever be in it: age > 60 and age < 20 are never both true.")
    assert str(never(parse("any(orders since 2027-01-01)"), WHEN)).startswith("Nobody is in it before 2027-01-01 00:00")
