"""Which rows count, and what their columns hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from regulars.model.types import Type
from tests.rules.world import NEW_YORK, NOON, World

DAY = timedelta(days=1)


def test_orders_that_were_not_paid_or_were_cancelled_do_not_count(world: World) -> None:
    world.people("paid", "pending", "unsaid")
    world.orders(("paid", NOON, Decimal(5)), counted=True)
    world.orders(("pending", NOON, Decimal(5)), counted=False)
    world.orders(("unsaid", NOON, Decimal(5)), counted=None)
    assert world.who("any(orders)") == "paid"
    assert world.who("sum(orders.total) > 0") == "paid"


def test_an_orders_total_is_net_of_refunds(world: World) -> None:
    world.people("1", "2", "3")
    world.orders(("1", NOON, Decimal(50)), refunded=Decimal("12.50"))
    world.orders(("2", NOON, Decimal(50)), refunded=Decimal(50), status="refunded")
    world.orders(("3", NOON, None), refunded=Decimal(5))
    assert world.who("sum(orders.total) = 37.5") == "1"
    assert world.who("count(orders where total = 0) = 1") == "2"
    assert world.who("max(orders.total) is not known") == "3"


def test_rows_of_nobody_and_of_no_moment_do_not_count(world: World) -> None:
    world.people("1")
    world.put("orders", {"order_id": "x", "customer_id": None, "at": NOON}, {"order_id": "y", "customer_id": "1",
                                                                             "at": None})
    assert world.who("any(orders)") == ""
    assert world.who("any(orders more than 1 day ago)") == ""
    assert world.who("top 100% by count(orders)") == "1"


def test_opens_clicks_and_engagements_are_by_a_human(world: World) -> None:
    kinds = {"human open": ("opened", False), "unsaid open": ("opened", None), "machine open": ("opened", True),
             "click": ("clicked", False), "machine click": ("clicked", True), "sent": ("sent", False),
             "unknown": (None, False)}
    world.people(*kinds)
    world.put("messages", *({"message_id": who, "customer_id": who, "at": NOON, "type": kind, "machine": machine,
                             "campaign": "Spring"} for who, (kind, machine) in kinds.items()))
    assert world.who("any(opens)") == "human open unsaid open"
    assert world.who("any(clicks)") == "click"
    assert world.who("any(engagements)") == "click human open unsaid open"
    assert world.who("any(engagements where type = 'clicked')") == "click"
    assert world.who("any(opens where campaign = 'spring')") == "human open unsaid open"
    assert world.who("any(messages where machine)") == "machine click machine open"
    assert world.who("any(messages where type = 'sent')") == "sent"
    assert world.who("share(engagements where type = 'opened') = 1") == "human open unsaid open"
    assert world.who("count(messages) = 1") == "click human open machine click machine open sent unknown unsaid open"


def test_lines_know_what_their_product_is(world: World) -> None:
    world.people("known", "only named", "only numbered", "nothing")
    world.put("products", {"product_id": "p1", "name": "Brick", "category": "Bricks", "brand": "Klink",
                           "vendor": "Kiln", "tags": ["Red", "heavy"]})
    lines = {"known": ("p1", "Old name"), "only named": ("p2", "Sand"), "only numbered": ("p3", None),
             "nothing": (None, None)}
    world.put("lines", *({"order_id": who, "line": 1, "customer_id": who, "at": NOON, "product_id": product,
                          "product_name": name, "quantity": Decimal(2), "amount": Decimal(9)}
                         for who, (product, name) in lines.items()))
    assert world.who("any(lines where product = 'brick')") == "known"
    assert world.who("any(lines where product = 'old name')") == ""
    assert world.who("any(lines where product = 'SAND')") == "only named"
    assert world.who("any(lines where product = 'p3')") == "only numbered"
    assert world.who("any(lines where product is not known)") == "nothing"
    assert world.who("any(lines where category = 'bricks' and brand = 'KLINK' and vendor = 'kiln')") == "known"
    assert world.who("any(lines where tags contains 'red')") == "known"
    assert world.who("any(lines where category != 'sand')") == "known"
    assert world.who("no(lines where category = 'bricks')") == "nothing only named only numbered"
    assert world.who("favourite(lines.category) = 'bricks'") == "known"
    assert world.who("favourite(lines.product) = 'sand'") == "only named"
    assert world.who("distinct(lines.product) = 1") == "known only named only numbered"
    assert world.who("sum(lines.amount where category = 'bricks') = 9") == "known"
    bricks_no_sand = "any(lines where category = 'Bricks' in last 60 days) and no(lines where category = 'Sand')"
    assert world.who(bricks_no_sand) == "known"


def test_lines_of_orders_that_do_not_count_do_not_either(world: World) -> None:
    world.people("1")
    world.put("lines", {"order_id": "o", "line": 1, "customer_id": "1", "at": NOON, "counted": False,
                        "amount": Decimal(9)})
    assert world.who("any(lines)") == ""


EVENT = {"plan": "Pro", "seats": 7, "rate": 0.25, "fee": 12.3456, "trial": True, "until": "2026-11-20T10:00:00Z",
         "day": "2026-11-20", "sch\"ön \\ *key": "odd", "nothing": None, "name": "not the event's name"}


@pytest.fixture
def eventful(world: World) -> World:
    """1 started a trial with properties of every type, 2 one without any, 3 one with words in place of numbers."""
    for name, type_, label in (
            ("plan", Type.TEXT, ""), ("seats", Type.WHOLE, ""), ("rate", Type.NUMBER, ""), ("fee", Type.MONEY, ""),
            ("trial", Type.YESNO, ""), ("until", Type.MOMENT, ""), ("day", Type.DATE, ""),
            ("schoen_key", Type.TEXT, "sch\"ön \\ *key"), ("nothing", Type.TEXT, ""), ("name", Type.TEXT, "")):
        world.own("events", name, type_, label)
    world.people("1", "2", "3")
    world.put("events",
              {"event_id": "1", "customer_id": "1", "at": NOON, "name": "Trial Started", "properties": EVENT},
              {"event_id": "2", "customer_id": "2", "at": NOON, "name": "Trial Started"},
              {"event_id": "3", "customer_id": "3", "at": NOON, "name": "Trial Started", "properties": {
                  "seats": "many", "rate": "high", "fee": "", "trial": "perhaps", "until": "soon", "day": "Monday"}})
    return world


@pytest.mark.parametrize("where", [
    "plan = 'pro'", "plan contains 'r'", "plan in ('PRO')", "seats = 7", "seats < 8", "rate = 0.25",
    "rate between 0.25 and 1",
    "fee = 12.3456", "fee > 12", "trial", "trial = true", "until = 2026-11-20T10:00Z", "until = 2026-11-20",
    "(until between 1 and 4 days ago)", "day = 2026-11-20", "day < today", "schoen_key = 'odd'", "seats is known",
    "fee is known",
    "until is known", "day is known", "trial is known"])
def test_an_events_own_properties_have_their_types(eventful: World, where: str) -> None:
    assert eventful.who(f"any(events where {where})") == "1"


@pytest.mark.parametrize("rule", ["sum(events.seats) = 7", "avg(events.rate) = 0.25", "sum(events.fee) = 12.3456",
                                  "favourite(events.plan) = 'pro'", "max(events.until) in last 4 days"])
def test_they_can_be_added_up(eventful: World, rule: str) -> None:
    assert eventful.who(rule) == "1"


def test_a_property_that_does_not_read_as_its_type_is_unknown(eventful: World) -> None:
    assert eventful.who("count(events) = 1") == "1 2 3"
    assert eventful.who("any(events where nothing is known)") == ""
    assert eventful.who("any(events where not trial)") == "2 3"


def test_a_property_never_hides_a_column_of_the_fact(eventful: World) -> None:
    assert eventful.who("any(events where name = 'trial started')") == "1 2 3"


@pytest.mark.parametrize(("text", "hour"), [("2026-11-20T10:00:00", 15), ("2026-11-20 10:00", 15),
                                            ("2026-11-20T10:00:00Z", 10),
                                            ("2026-11-20T10:00:00+02:00", 8), ("2026-11-20T10:00:00.000-0300", 13)])
def test_a_moment_without_a_zone_in_a_property_is_in_the_shops_zone(world: World, text: str, hour: int) -> None:
    world.own("events", "until", Type.MOMENT)
    world.people("1")
    world.put("events", {"event_id": "1", "customer_id": "1", "at": NOON, "properties": {"until": text}})
    assert world.who(f"any(events where until = 2026-11-20T{hour:02}:00Z)", zone=NEW_YORK) == "1"


def test_numbers_that_are_none_and_moments_that_never_come_are_unknown(world: World) -> None:
    world.own("events", "rate", Type.NUMBER)
    world.own("events", "until", Type.MOMENT)
    world.people("1", "2", "3")
    for i, (rate, until) in enumerate([("nan", "infinity"), ("inf", "-infinity"), ("-Infinity", "epoch")]):
        world.put("events", {"event_id": str(i), "customer_id": str(i + 1), "at": NOON,
                             "properties": {"rate": rate, "until": until}})
    assert world.who("any(events where rate is known or until is known)") == ""


def test_the_newest_answer_counts(world: World) -> None:
    world.own("answers", "nps", Type.NUMBER, "How likely are you to recommend us?")
    world.own("answers", "why", Type.TEXT, "Why?")
    world.people("1", "2", "3", "4")
    asked = "HOW LIKELY are you to recommend us? "
    given = [("1", NOON - 2 * DAY, 3.0), ("1", NOON - DAY, 9.0), ("2", NOON - DAY, 9.0), ("2", NOON, 2.0),
             ("3", NOON + DAY, 9.0), ("4", NOON, 9.0), ("4", NOON, 5.0)]
    world.put("answers", *({"survey": str(i), "respondent": who, "question": asked, "customer_id": who, "at": moment,
                            "number": number} for i, (who, moment, number) in enumerate(given)))
    world.put("answers", {"survey": "s", "respondent": "1", "question": "Why?", "customer_id": "1", "at": NOON,
                          "value": "Good Coffee"})
    assert world.who("answer.nps >= 9") == "1 4"
    assert world.who("answer.nps = 2") == "2"
    assert world.who("answer.nps is not known") == "3"
    assert world.who("answer.why contains 'coffee'") == "1"
    assert world.who("any(answers where number >= 9)") == "1 2 4"
    assert world.who("answer.nps >= 9", NOON - DAY) == "1 2"


def test_a_shops_own_columns_and_scores(world: World) -> None:
    world.own("customers", "shoe_size", Type.NUMBER)
    world.own("customers", "Größe", Type.TEXT)
    world.own("customers", "answer", Type.TEXT)
    world.own("customers", "next_visit", Type.DATE)
    world.own("scores", "rfm.group", Type.TEXT)
    world.own("scores", "value.next_12_months", Type.MONEY)
    world.people("1", shoe_size=42.5, **{"Größe": "XL"}, answer="yes", next_visit=datetime(2026, 11, 25).date())
    world.people("2")
    world.put("scores", {"customer_id": "1", "rfm.group": "Champions", "value.next_12_months": Decimal("99.99")})
    for rule in ("shoe_size = 42.5", "Größe = 'xl'", "answer = 'YES'", "next_visit in next 3 days",
                 "rfm.group = 'champions'", "value.next_12_months >= 99.99", "top 50% by value.next_12_months"):
        assert world.who(rule) == "1", rule


def test_names_are_read_without_regard_to_case(world: World) -> None:
    world.people("1", gender="F", birth_date=datetime(1990, 1, 1).date())
    world.orders(("1", NOON, Decimal(5)), channel="Web")
    for rule in ("GENDER = 'f'", "Age = 36", "COUNT(ORDERS) = 1", "Sum(Orders.Total) = 5",
                 "any(orders where CHANNEL = 'web')",
                 "favourite(orders.CHANNEL) = 'web'"):
        assert world.who(rule) == "1", rule


def test_what_is_known_of_a_customers_company(world: World) -> None:
    world.put("accounts", {"account_id": "acme", "name": "Acme", "employees": 120, "stage": "growing", "country": "ID",
                           "revenue": Decimal("1000000")})
    world.people("1", "2", account_id="acme")
    world.people("3", account_id="gone")
    world.people("4")
    assert world.who("account.employees > 100 and account.stage = 'Growing'") == "1 2"
    assert world.who("account.name = 'acme' and account.revenue >= 1_000_000") == "1 2"
    assert world.who("account.employees is not known") == "3 4"
    assert world.who("account_id is known") == "1 2 3"


def test_a_customer_exists_from_the_moment_they_are_known(world: World) -> None:
    tick = timedelta(microseconds=1)
    world.put("customers",
              {"customer_id": "at", "at": NOON}, {"customer_id": "late", "at": NOON + tick, "signed_up_at": NOON - DAY},
              {"customer_id": "signed up", "signed_up_at": NOON}, {"customer_id": "later", "signed_up_at": NOON + tick},
              {"customer_id": "seen", "described": False, "first_seen": NOON},
              {"customer_id": "not yet", "described": False, "first_seen": NOON + tick},
              {"customer_id": "described", "described": True, "first_seen": NOON + tick},
              {"customer_id": "unsaid", "described": None, "first_seen": NOON + tick})
    assert world.who("everyone") == "at described seen signed up"
    assert world.who("no(orders)") == "at described seen signed up"


def test_every_kind_of_fact_can_be_counted(world: World) -> None:
    world.people("1")
    keys = {"orders": "order_id", "lines": "order_id", "messages": "message_id", "visits": "visit_id",
            "checkouts": "checkout_id", "tickets": "ticket_id", "events": "event_id", "answers": "survey"}
    for table, key in keys.items():
        world.put(table, {key: "x", "customer_id": "1", "at": NOON,
                          **({"type": "clicked"} if table == "messages" else {})})
    for fact in (*keys, "clicks", "engagements"):
        assert world.who(f"count({fact}) = 1") == "1", fact
        assert world.who(f"last({fact}) = now") == "1", fact
    assert world.who("any(opens)") == ""


def test_columns_that_the_language_lists_are_there(world: World) -> None:
    """The table of facts in the language's definition, column by column."""
    listed = {
        "orders": "total discount promo_code channel occasion items margin returned payment_method shipping_method",
        "lines": "product category brand vendor tags quantity amount margin returned channel promo_code",
        "messages": "type channel campaign link machine", "opens": "campaign link", "clicks": "campaign link",
        "engagements": "campaign type",
        "visits": "url product category browser device referrer utm_source utm_medium utm_campaign",
        "checkouts": "total completed", "tickets": "effort minutes channel topic status", "events": "name",
        "answers": "survey question value number"}
    world.people("1")
    for fact, columns in listed.items():
        for column in columns.split():
            assert world.members(f"any({fact} where {column} is known)") == []
