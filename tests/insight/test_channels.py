"""Response by channel: counted by hand, and the demo shop's truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.errors import TooLittleData
from regulars.model.figures import Figures
from regulars.shop import Shop
from tests.insight.conftest import NOW

LATER = datetime(2026, 6, 30)
SENT = datetime(2026, 6, 1)
MESSAGES = """INSERT INTO messages (message_id, customer_id, "at", type, channel, campaign, machine)
    SELECT type || i, 'c' || i, TIMESTAMP '2026-06-01' + since, type, 'email', 'June', machine
    FROM range(60) people(i), (VALUES ('sent', 60, INTERVAL 0 HOUR, NULL), ('opened', 30, INTERVAL 1 HOUR, false),
        ('opened', 30, INTERVAL 2 HOUR, false), ('clicked', 10, INTERVAL 3 HOUR, false),
        ('unsubscribed', 2, INTERVAL 4 HOUR, false)) kinds(type, upto, since, machine) WHERE i < upto
    UNION ALL SELECT 'm' || i, 'c' || i, TIMESTAMP '2026-06-01 00:00:01', 'opened', 'email', 'June', true
        FROM range(30, 40) people(i)"""
"""Sixty get a mail; thirty open it, each twice; ten of these click; ten others have it opened by a machine."""
ORDERS = """INSERT INTO orders (order_id, customer_id, "at", status, total, counted, promo_code)
    SELECT 'a' || i, 'c' || i, TIMESTAMP '2026-06-05', 'paid', 10, true, CASE WHEN i < 4 THEN 'JUNE' END
        FROM range(6) t(i)
    UNION ALL SELECT 'b' || i, 'c' || i, TIMESTAMP '2026-05-29', 'paid', 10, true, NULL FROM range(3, 6) t(i)
    UNION ALL SELECT 'd' || i, 'c' || i, TIMESTAMP '2026-06-09', 'paid', 10, true, NULL FROM range(20, 30) t(i)"""
"""Six order within a week after it, four with a code; three within a week before; ten too late."""


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[Shop]:
    with Shop.create(tmp_path / "mailed") as shop:
        shop.engine.execute("INSERT INTO customers (customer_id, described) SELECT 'c' || i, true FROM range(60) t(i)")
        shop.engine.execute(MESSAGES)
        shop.engine.execute(ORDERS)
        yield shop


def by_channel(shop: Shop, now: datetime, **said: Any) -> dict[tuple[str | None, str], dict[str, Any]]:
    return {(r["segment"], r["channel"]): r for r in shop.insight("channels", now, **said).rows.to_pylist()}


def test_it_counts_what_people_did_with_what_was_sent(mailed: Shop) -> None:
    mail = by_channel(mailed, LATER)[None, "email"]
    assert (mail["people"], mail["sent"], mail["opened"], mail["clicked"], mail["left"]) == (60, 60, 30, 10, 2)
    assert mail["engaged"] == pytest.approx(0.5)
    assert mail["cost"] == Decimal("0.12")


def test_orders_after_stand_beside_those_before(mailed: Shop) -> None:
    mail = by_channel(mailed, LATER)[None, "email"]
    assert (mail["after"], mail["before"], mail["with_code"]) == (
        pytest.approx(6 / 60), pytest.approx(3 / 60), pytest.approx(4 / 60))
    # Three of sixty gained an order: 0.05, and ± 1.96 · sqrt(0.05 · 0.95 / 60) by hand.
    assert mail["change"] == pytest.approx(0.05)
    assert mail["change_low"] == pytest.approx(0.05 - 0.05515, abs=1e-4)


def test_a_message_whose_days_are_not_over_says_nothing_of_orders(mailed: Shop) -> None:
    mail = by_channel(mailed, datetime(2026, 6, 5))[None, "email"]
    assert mail["engaged"] == pytest.approx(0.5) and mail["after"] is None


def test_who_has_no_channel_of_their_own_has_no_score(mailed: Shop) -> None:
    scores = mailed.insight("channels", LATER).scores
    assert scores is not None and scores.table.num_rows == 0
    mailed.engine.execute("UPDATE customers SET preferred_channel = 'Email' WHERE customer_id = 'c7'")
    scores = mailed.insight("channels", LATER).scores
    assert scores is not None and scores.table.to_pylist() == [{"customer_id": "c7", "channel.preferred": "email"}]


def test_few_messages_are_refused(mailed: Shop) -> None:
    with pytest.raises(TooLittleData, match="at least 50 messages"):
        mailed.insight("channels", LATER, segment="customer_id in ('c1', 'c2')")


def test_the_gift_buyers_of_the_demo_shop_ignore_mail_and_the_bargain_hunters_do_not(demo_shop: Shop) -> None:
    found = by_channel(demo_shop, NOW)
    every = found[None, "email"]
    assert found["Occasion gifts in the store", "email"]["engaged_high"] < every["engaged_low"] / 3
    assert found["Only with a code", "email"]["engaged_low"] > every["engaged_high"]
    said = [f.say(Figures(demo_shop.settings, "en")) for f in demo_shop.insight("channels", NOW).findings]
    assert any(s.startswith("Occasion gifts in the store open or click") for s in said)
