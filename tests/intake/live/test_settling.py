"""Live messages become facts by the same roads as files: counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.errors import ShopError
from regulars.intake.live import settling
from regulars.intake.live.settling import Settled
from regulars.segments.explaining import tables_of
from tests.intake.live.live_shop import NOON, LiveShop, identify, products, track
from tests.little_shop import FILES

NOON_UTC = NOON.replace(tzinfo=UTC)
ORDER = {"order_id": "O1", "total": 30.5, "currency": "EUR", "products": products(("S1", 10, 3), ("S2", 0.5, 1))}


def test_an_order_is_an_order_with_its_lines(live: LiveShop) -> None:
    assert live.send(track("Order Completed", "C2", ORDER)) == Settled(1, new=1, changed=True)
    assert live.rows(
        "SELECT customer_id, \"at\", total, items, counted, channel FROM orders WHERE order_id = 'O1'"
    ) == [("C2", NOON, Decimal("30.5"), 4, True, "online")]
    assert live.rows("SELECT line, product_id, quantity, amount FROM lines WHERE order_id = 'O1' ORDER BY 1") == [
        (1, "S1", 3, 30),
        (2, "S2", 1, Decimal("0.5")),
    ]
    assert live.shop.count("sum(orders.total) = 66", now=NOON_UTC) == 1


def test_a_message_sent_twice_counts_once_now_and_later(live: LiveShop) -> None:
    again = [track("Order Completed", "C2", ORDER, messageId="x"), track("Trial Started", "C2", messageId="y")]
    assert live.send(*again, again[1]) == Settled(3, new=2, repeated=1, changed=True)
    assert live.send(*again) == Settled(5, new=0, repeated=2, changed=False)
    assert live.send(*again, origin="key 2").new == 2
    assert live.rows("SELECT count(*) FROM orders WHERE order_id = 'O1'") == [(1,)]


@pytest.mark.parametrize("sent", [{}, {"sentAt": "2026-11-23T11:00:05Z"}, {"sentAt": "2026-11-25T11:00:05Z"}])
def test_one_that_says_when_it_was_made_is_known_again_though_few_days_are_looked_through(
    live: LiveShop, sent: dict[str, str]
) -> None:
    def send(days: int, name: str, made: str) -> Settled:
        return live.send(
            track("Trial Started", "C2", messageId=name, timestamp=made), at=NOON + timedelta(days=days), **sent
        )

    for name, made in (("x", "2026-11-23T11:00:00Z"), ("ahead", "2026-11-24T11:00:00Z")):
        assert [send(days, name, made).repeated for days in (0, 20)] == [0, 1]


def test_that_a_message_came_is_known_for_a_month_and_its_rows_count_once_for_ever(live: LiveShop) -> None:
    def send(days: int) -> Settled:
        sent = [track("Order Completed", "C2", ORDER, messageId="x"), track("Trial Started", "C2", messageId="y")]
        return live.send(*sent, at=NOON + timedelta(days=days))

    assert [send(days).repeated for days in (0, 31)] == [0, 2]
    live.send(track("Trial Started", "C3"), at=NOON + timedelta(days=32))
    assert live.rows("SELECT count(*), min(day) FROM arrived") == [(1, (NOON + timedelta(days=32)).date())]
    send(33)
    assert live.rows("SELECT (SELECT count(*) FROM orders WHERE order_id = 'O1'), (SELECT count(*) FROM lines WHERE "
                     "order_id = 'O1'), (SELECT count(*) FROM events WHERE event_id = 'y')") == [(1, 2, 1)]  # fmt: skip


def test_since_when_somebody_is_known_follows_rows_that_come_and_rows_that_are_dated_anew(live: LiveShop) -> None:
    def first_seen() -> list[tuple[object, ...]]:
        return live.rows("SELECT first_seen, kind FROM customers WHERE customer_id = 'NEW'")

    def seen(days: int, name: str) -> None:
        live.send(track("Seen", "NEW", messageId=name, timestamp=(NOON - timedelta(days=days)).isoformat() + "Z"))

    seen(1, "a")
    assert first_seen() == [(NOON - timedelta(days=1), "prospect")]
    seen(3, "b")
    assert first_seen() == [(NOON - timedelta(days=3), "prospect")]
    live.engine.execute("DELETE FROM arrived")
    seen(2, "b")  # as one that comes again when it is forgotten that it came, with another moment
    assert first_seen() == [(NOON - timedelta(days=2), "prospect")]
    live.send(track("Order Completed", "NEW", ORDER))
    assert first_seen() == [(NOON - timedelta(days=2), "customer")]
    seen(5, "c")
    assert first_seen() == [(NOON - timedelta(days=5), "customer")]


def test_an_order_holds_what_was_said_of_it_last(live: LiveShop) -> None:
    """A page and a server both tell of an order, each with a message of its own."""
    both = {"order_id": "A1", "total": 30, "products": products(("P1", 10, 1), ("P2", 20, 1))}
    live.send(track("Order Completed", properties=both), track("Order Completed", properties=both))
    assert live.rows("SELECT product_id, quantity FROM lines WHERE order_id = 'A1' ORDER BY line") == [
        ("P1", 1),
        ("P2", 1),
    ]
    live.send(track("Order Updated", properties={**both, "total": 20, "products": products(("P2", 20, 1))}))
    assert live.rows("SELECT product_id, amount FROM lines WHERE order_id = 'A1'") == [("P2", 20)]


def test_what_comes_back_comes_off_the_order(live: LiveShop) -> None:
    live.send(track("Order Completed", "C2", ORDER))
    live.send(track("order_refunded", "C2", {"order_id": "O1", "products": products(("S1", 10, 1))}))
    assert live.rows("SELECT refunded, counted FROM orders WHERE order_id = 'O1'") == [(10, True)]
    live.send(track("Order Refunded", "C2", {"order_id": "O1", "refund": 5}))
    assert live.rows("SELECT refunded FROM orders WHERE order_id = 'O1'") == [(15,)]
    live.send(track("Order Refunded", "C2", {"order_id": "O1"}))
    assert live.rows("SELECT status, refunded FROM orders WHERE order_id = 'O1'") == [("refunded", Decimal("30.5"))]


def test_a_refund_of_less_than_nothing_is_set_aside_and_one_beyond_the_order_is_on_the_receipt(live: LiveShop) -> None:
    live.send(track("Order Completed", "C2", ORDER))
    live.send(track("Order Refunded", "C2", {"order_id": "O1", "refund": -10}, messageId="minus"),
              track("Order Refunded", "C2", {"order_id": "O1", "products": products(("S1", 10, -1))}, messageId="n"),
              track("Order Refunded", "C2", {"order_id": "O1", "refund": 30}))  # fmt: skip
    assert live.rows("SELECT total, refunded FROM orders WHERE order_id = 'O1'") == [(Decimal("30.5"), 30)]
    assert live.aside() == [("minus", "amount of what came back is less than nothing: -10"),
                            ("n", "quantity of what came back is less than nothing: -1")]  # fmt: skip
    assert live.shop.imports.receipts()[0].findings == ()
    live.send(track("Order Refunded", "C2", {"order_id": "O1", "refund": 5, "refund_id": "R"}))
    (found,) = live.shop.imports.receipts()[0].findings
    assert (found.code, found.rows, str(found.example)) == ("more_given_back", 1, "order O1")
    live.send(track("Order Refunded", "C2", {"order_id": "O1", "refund": 0.5, "refund_id": "R"}))
    assert live.shop.imports.receipts()[0].findings == ()


@pytest.mark.parametrize("event", ["Order Completed", "Order Refunded"])
def test_an_order_of_things_that_are_no_objects_is_set_aside_whole(live: LiveShop, event: str) -> None:
    said = {"order_id": "O2", "total": 5, "products": [*products(("S1", 5, 1)), "Brick", None]}
    live.send(track(event, properties=said))
    assert live.aside() == [("m1", "not each of its products is a JSON object")]
    assert live.rows("SELECT count(*) FROM orders WHERE order_id = 'O2'") == [(0,)]


def test_what_is_older_and_comes_late_changes_nothing_of_an_order_but_its_day(live: LiveShop) -> None:
    now = {"order_id": "B1", "total": 20, "products": products(("P1", 20, 1))}
    live.send(track("Order Updated", properties=now, timestamp="2026-11-23T11:00:00Z"))
    first = {"order_id": "B1", "total": 90, "products": products(("P1", 20, 1), ("P2", 70, 1))}
    live.send(track("Order Completed", properties=first, timestamp="2026-11-23T10:00:00Z"))
    assert live.rows("SELECT total, items, \"at\" FROM orders WHERE order_id = 'B1'") == [
        (20, 1, datetime(2026, 11, 23, 10))
    ]
    live.send(track("Order Paid", properties={"order_id": "B2"}, timestamp="2026-11-23T11:00:00Z"))
    live.send(track("Order Completed", properties={**first, "order_id": "B2"}, timestamp="2026-11-23T10:00:00Z"))
    assert live.rows("SELECT total, items FROM orders WHERE order_id = 'B2'") == [(90, 2)]


def test_a_part_of_an_order_that_was_said_later_stays_where_an_older_word_comes(live: LiveShop) -> None:
    def tell(hour: int, event: str = "Order Updated", **said: object) -> None:
        live.send(track(event, properties={"order_id": "D9", **said}, timestamp=f"2026-11-23T{hour:02}:00:00Z"))

    def order() -> list[tuple[object, ...]]:
        return live.rows("SELECT promo_code, total, items, payment_method FROM orders WHERE order_id = 'D9'")

    tell(10, coupon="NEW", total="")
    whole = {"total": 90, "products": products(("P1", 90, 1)), "payment_method": "card"}
    tell(8, "Order Completed", coupon="OLD", **whole)
    assert order() == [("NEW", 90, 1, "card")]
    tell(11, total=70)
    tell(9, **whole, coupon="OLDER")
    assert order() == [("NEW", 70, 1, "card")]
    tell(11, coupon="AT NOON")
    tell(10, coupon="TEN")
    assert order() == [("AT NOON", 70, 1, "card")]
    tell(12, coupon="LAST", **whole | {"total": 60})
    assert order() == [("LAST", 60, 1, "card")]
    assert live.rows("SELECT kind FROM heard WHERE id = 'D9'") == [("order",)]


def test_an_order_that_is_changed_later_stays_of_the_day_it_was_made(live: LiveShop) -> None:
    live.send(track("Order Completed", properties={"order_id": "A1", "total": 30}, timestamp="2026-11-20T10:00:00Z"))
    live.send(track("Order Updated", properties={"order_id": "A1", "total": 20}, timestamp="2026-11-23T10:00:00Z"))
    live.send(track("Order Updated", properties={"order_id": "B2", "total": 5}, timestamp="2026-11-22T10:00:00Z"))
    assert live.rows("SELECT order_id, total, \"at\" FROM orders WHERE order_id IN ('A1', 'B2') ORDER BY 1") == [
        ("A1", 20, datetime(2026, 11, 20, 10)),
        ("B2", 5, datetime(2026, 11, 22, 10)),
    ]


def test_a_cancelled_order_counts_for_nothing_whichever_came_first(live: LiveShop) -> None:
    live.send(track("Order Cancelled", "C2", {"order_id": "O1"}))
    live.send(track("Order Completed", "C2", ORDER, timestamp="2026-11-23T11:00:00Z"))
    assert live.rows("SELECT status, counted, \"at\" FROM orders WHERE order_id = 'O1'") == [
        ("cancelled", False, datetime(2026, 11, 23, 11))
    ]


def test_a_clock_that_is_wrong_is_put_right_by_when_it_says_it_sent(live: LiveShop) -> None:
    live.send(track("A", timestamp="2026-11-23T14:50:00+02:00"), sentAt="2026-11-23T13:00:00Z")
    live.send(track("B", timestamp="2026-11-23T13:30:00Z"))
    live.send(track("C", timestamp=1795608000))
    assert live.rows('SELECT name, "at" FROM events ORDER BY name') == [
        ("A", datetime(2026, 11, 23, 11, 50)),
        ("B", NOON),
        ("C", NOON),
    ]


def test_a_clock_that_is_set_back_loses_and_doubles_nothing(live: LiveShop) -> None:
    live.send(track("A", messageId="a"))
    live.send(track("A", messageId="a"), track("B"), at=NOON.replace(day=21))
    live.send(track("C"), at=NOON.replace(day=22))
    assert live.rows('SELECT name, "at" FROM events ORDER BY name') == [
        ("A", NOON),
        ("B", NOON.replace(day=21)),
        ("C", NOON.replace(day=22)),
    ]


def test_a_moment_that_cannot_be_read_sets_the_message_aside(live: LiveShop) -> None:
    done = live.send(track("A", timestamp="next week"), track("B"))
    assert (done.new, done.aside) == (1, 1)
    assert live.aside() == [("m1", "its timestamp is no moment: next week")]


def test_an_order_without_a_number_or_with_no_amount_is_set_aside_whole(live: LiveShop) -> None:
    live.send(
        track("Order Completed", properties={"total": 5}),
        track(
            "Order Completed", properties={"order_id": "O2", "total": 5, "products": [{"sku": "a", "price": "cheap"}]}
        ),
        track("Trial Started"),
    )
    assert live.aside() == [("m1", "no order_id"), ("m2", "unit_price is no amount: cheap")]
    assert live.rows("SELECT count(*) FROM orders WHERE order_id = 'O2'") == [(0,)]
    assert live.rows("SELECT name FROM events") == [("Trial Started",)]


def test_money_of_another_currency_is_converted_or_set_aside(live: LiveShop) -> None:
    (live.shop.folder / "rates.csv").write_text("currency,day,rate\nUSD,2026-01-01,0.5\n")
    live.send(
        track("Order Completed", properties={"order_id": "D", "total": 10, "currency": "usd"}),
        track(
            "Order Completed",
            properties={"order_id": "J", "total": 10, "currency": "JPY", "products": products(("S9", 10, 1))},
        ),
    )
    assert live.rows("SELECT order_id, total FROM orders WHERE order_id IN ('D', 'J')") == [("D", 5)]
    assert "the amount is in JPY" in live.aside()[0][1]
    assert live.rows("SELECT count(*) FROM lines WHERE product_id = 'S9'") == [(0,)]


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        (track("Product Viewed", "C5", {"name": "Brick", "category": "Toys"}), "any(visits where product = 'brick')"),
        (
            {
                "type": "page",
                "userId": "C5",
                "name": "Home",
                "context": {
                    "page": {"url": "http://s/"},
                    "campaign": {"source": "news"},
                    "userAgent": "Mozilla/5.0 (iPhone) Safari",
                },
            },
            "any(visits where utm_source = 'news' and browser = 'Safari' and device = 'mobile')",
        ),
        (
            track("Checkout Started", "C5", {"checkout_id": "k", "value": 9}),
            "any(checkouts where total = 9 and not completed)",
        ),
        (track("Email Opened", "C5", {"campaign_name": "Spring"}), "any(opens where campaign = 'spring')"),
        (track("Email Opened", "C5", {"machine": True}), "any(messages where machine) and no(opens)"),
        (track("SMS Sent", "C5"), "any(messages where channel = 'sms')"),
        (track("Ticket Created", "C5", {"ticket_id": "t", "topic": "Late"}), "any(tickets where topic = 'late')"),
        (
            track("Survey Answered", "C5", {"survey": "NPS", "question": "score", "score": 9}),
            "any(answers where number = 9)",
        ),
        (
            track("Survey Completed", "C5", {"survey": "S", "answers": [{"question": "q", "value": "yes"}]}),
            "any(answers where value = 'yes')",
        ),
        (
            track("Trial Started", "C5", {"plan": "pro", "seats": 3}),
            "any(events where name = 'Trial Started' and seats >= 3)",
        ),
    ],
)
def test_each_kind_of_message_can_be_asked_for(live: LiveShop, message: dict[str, object], rule: str) -> None:
    live.send(message)
    assert live.shop.count(f"{rule} and customer_id = 'C5'", now=NOON_UTC) == 1, live.aside()


def test_a_finished_order_finishes_its_checkout(live: LiveShop) -> None:
    live.send(track("Checkout Started", "C2", {"order_id": "O1", "value": 30.5}))
    live.send(track("Order Completed", "C2", ORDER))
    assert live.rows("SELECT checkout_id, completed FROM checkouts") == [("O1", True)]
    live.send(track("Order Completed", "C2", {**ORDER, "order_id": "O2"}))
    assert live.rows("SELECT count(*) FROM checkouts") == [(1,)]


def test_a_ticket_is_closed_by_its_number(live: LiveShop) -> None:
    live.send(track("Ticket Created", "C2", {"ticket_id": "t", "topic": "Late"}, timestamp="2026-11-20T10:00:00Z"))
    live.send(track("Ticket Closed", "C2", {"ticket_id": "t", "rating": 4}))
    assert live.rows('SELECT "at", closed, topic, status, satisfaction FROM tickets') == [
        (datetime(2026, 11, 20, 10), NOON, "Late", "closed", 4)
    ]


def test_a_file_with_the_same_orders_adds_nothing(live: LiveShop) -> None:
    orders = live.rows("SELECT order_id, total, customer_id FROM orders WHERE counted")
    live.send(*[track("Order Completed", who, {"order_id": o, "total": float(t)}) for o, t, who in orders])
    before = live.rows("SELECT count(*), sum(total) FROM orders")
    live.shop.import_file(FILES / "orders.csv", now=NOON)
    assert live.rows("SELECT count(*), sum(total) FROM orders") == before


def test_an_order_of_a_file_holds_what_is_told_of_it_live_and_nothing_beside(live: LiveShop, tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(
        "order_id,customer_id,at,product_id,quantity,unit_price,unit_cost\n"
        "F1,C2,2026-11-20,S1,3,10,4\nF1,C2,2026-11-20,OLD,1,7,2\n"
    )
    live.shop.imports.run(tmp_path / "lines.csv", as_="lines", now=NOON)
    live.send(track("Order Updated", "C2", {**ORDER, "order_id": "F1"}))
    assert live.rows("SELECT product_id, quantity, unit_cost FROM lines WHERE order_id = 'F1' ORDER BY line") == [
        ("S1", 3, 4), ("S2", 1, None)]  # fmt: skip
    assert live.rows("SELECT items, total, customer_id FROM orders WHERE order_id = 'F1'") == [
        (4, Decimal("30.5"), "C2")]  # fmt: skip


def test_a_day_is_one_receipt_until_a_file_comes_between(live: LiveShop) -> None:
    live.send(track("A"), track("B"))
    live.send(track("C"))
    first = live.shop.imports.receipts()[0]
    assert (first.recognised_as, first.rows.read, first.tables["events"].added) == ("live", 3, 3)
    live.shop.import_file(FILES / "customers.csv", now=NOON)
    live.send(track("D"))
    assert live.shop.imports.receipts()[0].tables["events"].added == 1


def test_whoever_was_erased_is_not_brought_back(live: LiveShop) -> None:
    live.shop.customers.erase("C1")
    live.send(identify("C1", {"email": "ada@example.com"}), track("A", "C1"))
    assert live.rows("SELECT count(*) FROM customers WHERE customer_id = 'C1'") == [(0,)]
    assert live.rows("SELECT count(*) FROM events") == [(0,)]


def test_one_that_the_engine_cannot_take_is_found_among_many(live: LiveShop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = settling.say

    def say(engine: settling.DuckDBEngine) -> None:
        real(engine)
        if engine.value("SELECT count(*) FROM live_new WHERE event = 'poison'"):
            raise ShopError("it cannot")

    monkeypatch.setattr(settling, "say", say)
    done = live.send(*[track("poison" if n == 7 else f"E{n}") for n in range(20)])
    assert (done.last, done.new, done.aside) == (20, 19, 1)
    assert live.aside() == [("m8", "the engine cannot take it: it cannot")]
    assert live.rows("SELECT count(*) FROM events") == [(19,)]


def test_where_it_is_not_the_messages_fault_none_is_set_aside(live: LiveShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST_POISONED", 3)
    monkeypatch.setattr(settling, "say", lambda engine: engine.execute("SELECT nothing"))
    live.bring(*[track("A") for _ in range(16)])
    with pytest.raises(ShopError):
        live.settle()
    monkeypatch.undo()
    live.settle()
    assert len(live.rows("FROM events")) + len(live.aside()) == 16 and len(live.aside()) <= 3


@pytest.mark.parametrize("far", ["0000-01-01", "-infinity", "infinity", "200000-01-01", "290000-01-01 (BC)"])
def test_a_moment_that_python_cannot_hold_is_unknown(live: LiveShop, far: str) -> None:
    traits = {"birthday": far, "createdAt": far, "email_consent": True, "email_consent_at": far}
    live.send(identify("U1", traits), identify("U2", {"birthday": "1604-02-29"}), sentAt=far)
    assert live.rows(
        "SELECT birth_date, signed_up_at, email_consent_at FROM customers WHERE customer_id IN ('U1', 'U2') ORDER BY "
        "customer_id"
    ) == [(None, None, NOON), (date(1604, 2, 29), None, None)]
    assert tables_of(live.engine, ["U1", "U2"])["customers"]
    live.send(track("A", timestamp=far))
    assert live.aside() == [("m3", f"its timestamp is no moment: {far}")]


def test_a_property_that_no_path_names_is_left_out_and_stalls_nothing(live: LiveShop) -> None:
    odd = {"*": 1, "": 2, "\0k": 3}
    done = live.send(*[track("A", properties={"a*": n, **odd}) for n in range(30)], identify("U1", odd))
    assert (done.new, done.aside) == (31, 0)
    assert live.rows("SELECT label FROM fields WHERE table_name IN ('events', 'customers')") == [("a*",)]


def test_an_id_that_a_program_gives_again_days_later_damages_nothing(live: LiveShop) -> None:
    for days in (0, 3):
        at = NOON + timedelta(days=days)
        live.send(track("Seen", "C2", messageId="always", timestamp=at.isoformat() + "Z"), at=at)
    assert live.rows("SELECT count(*) FROM arrived") == [(2,)]


def test_many_numbers_that_are_too_large_do_not_hold_up_what_comes_after_them(live: LiveShop) -> None:
    large = [{"sku": "a", "price": 99_999_999_999, "quantity": 99_999_999_999}]
    many = range(settling.MOST_POISONED + 2)
    bad = [track("Order Completed", "C1", {"order_id": f"q{n}", "products": large}) for n in many]
    done = live.send(*bad, track("Seen", "C1"))
    assert (done.aside, done.new) == (len(many), 1)
