"""When people buy: against rates that were put in, and the demo shop's truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import TooLittleData
from regulars.insight.common.celebrated import feasts, leading_up
from regulars.insight.common.intervals import effective, times_as_often
from regulars.model.figures import Figures
from regulars.model.settings import Settings
from regulars.shop import Shop
from tests.insight import shop_by_hand as hand
from tests.insight.conftest import NOW

LATE = datetime(2026, 6, 30, 23)
ORDERS = """INSERT INTO orders (order_id, customer_id, "at", status, total, counted, occasion)
    SELECT 'o' || row_number() OVER (), 'c' || row_number() OVER (), d + INTERVAL 10 HOUR, 'paid', 10, true,
        CASE WHEN month(d) = 12 THEN 'Christmas' END
    FROM generate_series(TIMESTAMP '2024-07-01', TIMESTAMP '2026-06-30', INTERVAL 1 DAY) days(d),
        generate_series(1, CASE WHEN month(d) = 12 THEN 3 ELSE 1 END)"""
"""An order a day for two years, three a day in December, each by somebody else, at ten o'clock UTC."""


@pytest.fixture
def even(tmp_path: Path) -> Iterator[Shop]:
    with Shop.create(tmp_path / "even", Settings(timezone="Asia/Jakarta", country="NL")) as shop:
        shop.engine.execute(ORDERS)
        shop.engine.execute("INSERT INTO customers (customer_id, described) SELECT customer_id, true FROM orders")
        yield shop


def cells(shop: Shop, now: datetime, **said: Any) -> dict[tuple[str | None, str, str], dict[str, Any]]:
    rows = shop.insight("seasons", now, **said).rows.to_pylist()
    return {(r["segment"], r["dimension"], r["value"]): r for r in rows}


def test_a_month_is_as_many_times_as_busy_as_it_was_made(even: Shop) -> None:
    found = cells(even, LATE)
    december, may = found[None, "month", "12"], found[None, "month", "5"]
    assert december["orders"] == 2 * 31 * 3
    assert december["times"] == pytest.approx(3)
    assert december["certain"] and december["low"] < 3 < december["high"]
    assert may["even"] == pytest.approx(62 / 730) and not may["certain"]


def test_growth_is_no_season(tmp_path: Path) -> None:
    """Ten orders a day, 1.4 times as many a year later, each by somebody else, in no season: no month stands out."""
    with Shop.create(tmp_path / "growing", Settings(timezone="UTC", country="NL")) as shop:
        shop.engine.execute("""INSERT INTO orders (order_id, customer_id, "at", status, total, counted)
            SELECT 'o' || row_number() OVER (), 'c' || row_number() OVER (), d + INTERVAL 10 HOUR, 'paid', 10, true
            FROM generate_series(TIMESTAMP '2023-07-01', TIMESTAMP '2026-06-30', INTERVAL 1 DAY) days(d),
                generate_series(1, round(10 * 1.4 ** (date_diff('day', TIMESTAMP '2023-07-01', d) / 365.25))::INT)""")
        shop.engine.execute("INSERT INTO customers (customer_id, described) SELECT customer_id, true FROM orders")
        months = [c for (_, d, _), c in cells(shop, LATE).items() if d == "month"]
    assert [c["value"] for c in months if c["certain"]] == []
    assert all(c["times"] == pytest.approx(1, abs=0.06) for c in months)


def test_hours_and_days_are_those_of_the_shop(even: Shop) -> None:
    found = cells(even, LATE)
    assert {v for _, d, v in found if d == "hour"} == {"17"}
    assert even.insight("seasons", LATE).numbers["hours"][""] == (17, 18)


def test_a_busy_span_may_pass_midnight(tmp_path: Path) -> None:
    """Of sixty orders twenty come after 23:00, twenty after midnight, ten each at 10:00 and 15:00."""
    with hand.written(tmp_path / "shop") as shop:
        hand.people(shop, [f"c{i:02}" for i in range(60)])
        for i in range(60):
            at = datetime(2026, 1, 5 + i % 20, (23, 23, 0, 0, 10, 15)[i % 6], 15)
            hand.order(shop, f"o{i:02}", f"c{i:02}", at, ["lamp"])
    found = shop.insight("seasons", hand.NOW)
    assert found.numbers["hours"][""] == (23, 1)
    assert any("between \u206823:00\u2069 and \u206801:00" in str(f) or "between 23:00 and 01:00" in str(f)
               for f in found.findings), [str(f) for f in found.findings]


def test_stated_occasions_are_counted(even: Shop) -> None:
    assert cells(even, LATE)[None, "occasion", "Christmas"]["orders"] == 186


def test_the_days_that_lead_up_to_a_holiday_stand_out(even: Shop) -> None:
    found = cells(even, LATE)[None, "holiday", "Christmas Day"]
    assert found["orders"] == 2 * 14 * 3 and found["certain"]


def test_orders_of_few_people_prove_less(even: Shop) -> None:
    alone = cells(even, LATE)[None, "month", "12"]
    even.engine.execute("UPDATE orders SET customer_id = 'c1' WHERE month(\"at\") = 12")
    together = cells(even, LATE)[None, "month", "12"]
    assert together["times"] == pytest.approx(alone["times"])
    assert together["low"] < 1 < alone["low"]


def test_too_few_orders_are_refused(even: Shop) -> None:
    with pytest.raises(TooLittleData, match="at least 50 orders since"):
        even.insight("seasons", datetime(2024, 7, 20))


def test_one_year_is_said_to_be_one(even: Shop) -> None:
    said = [c.say(Figures(even.settings, "en")) for c in even.insight("seasons", datetime(2025, 7, 10)).caveats]
    assert any("each season was seen once" in s for s in said)


def test_effective_orders_are_those_of_the_design_effect() -> None:
    # Ten customers of ten orders each, all or none of them hits: only ten trials, by Rao & Scott 1992.
    assert effective(50, 100, 5 * 100, 5 * 100, 10 * 100) == pytest.approx(10)
    assert effective(50, 100, 50, 50, 100) == pytest.approx(100)


def test_an_even_share_is_no_finding() -> None:
    times, low, high, p = times_as_often(50, 100, 0.5)
    assert times == pytest.approx(1) and low < 1 < high and p == pytest.approx(1, abs=1e-9)


def test_feasts_are_called_by_their_first_day() -> None:
    found = dict(feasts("NL", date(2025, 1, 1), date(2025, 12, 31)))
    assert found[date(2025, 4, 18)] == "Good Friday" and date(2025, 4, 21) not in found
    assert found[date(2025, 12, 25)] == "Christmas Day" and date(2025, 12, 26) not in found


def test_a_day_leads_up_to_the_next_feast_only() -> None:
    found = dict(leading_up("NL", date(2025, 12, 1), date(2026, 1, 5), 14))
    assert min(found) == date(2025, 12, 11) and found[date(2025, 12, 24)] == "Christmas Day"
    assert date(2025, 12, 25) not in found and found[date(2025, 12, 26)] == "New Year's Day"


def test_a_country_without_a_calendar_has_no_feasts() -> None:
    assert feasts("QQ", date(2025, 1, 1), date(2025, 12, 31)) == []


def test_the_gift_buyers_of_the_demo_shop_come_before_christmas(demo_shop: Shop) -> None:
    found = cells(demo_shop, NOW, segments=("Occasion gifts in the store", "Trade, by phone"))
    gifts = found["Occasion gifts in the store", "holiday", "Christmas Day"]
    assert gifts["certain"] and gifts["low"] > 2
    saturday = found["Trade, by phone", "weekday", "6"]
    assert saturday["certain"] and saturday["high"] < 0.5
