"""Who live messages are of, and what they say of people: counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.intake.live.live_shop import NOON, LiveShop, identify, track

NOON_UTC = NOON.replace(tzinfo=UTC)


def test_identify_describes_a_customer_and_joins_a_browser_to_them(live: LiveShop) -> None:
    live.send({"type": "page", "anonymousId": "A1", "properties": {"url": "/"}})
    assert live.rows("SELECT customer_id, kind FROM customers WHERE customer_id = 'anonymous-A1'") == [
        ("anonymous-A1", "prospect")
    ]
    live.send(
        identify(
            "U1",
            {
                "email": "u@x.example",
                "firstName": "Uma",
                "shoeSize": 38,
                "gender": "F",
                "address": {"city": "Delft"},
                "email_consent": True,
            },
            anonymousId="A1",
        )
    )
    assert live.rows(
        "SELECT first_name, gender, city, shoe_size, email_consent, email_consent_at FROM customers WHERE "
        "customer_id = 'U1'"
    ) == [("Uma", "female", "Delft", 38, True, NOON)]
    assert live.rows("SELECT customer_id, url FROM visits") == [("U1", "/")]
    assert live.rows("SELECT kept, absorbed FROM merges") == [("U1", "anonymous-A1")]
    assert live.shop.count("shoe_size = 38 and any(visits)", now=NOON_UTC) == 1


def test_an_older_identify_that_comes_late_fills_only_what_is_unknown(live: LiveShop) -> None:
    """Also where it was said by another name of the customer, and never of somebody who was erased."""
    live.send(identify("U1", {"city": "Delft", "plan": "pro"}, anonymousId="A1", timestamp="2026-11-23T11:00:00Z"))
    older = {"city": "Leiden", "plan": "free", "firstName": "Uma", "email": "old@x.example", "email_consent": True}
    live.send(identify("U1", older, timestamp="2026-11-23T10:00:00Z"))
    live.send({"type": "identify", "anonymousId": "A1", "timestamp": "2026-11-23T09:00:00Z",
               "traits": {"city": "Breda", "firstName": "Ute", "lastName": "Um"}})  # fmt: skip
    live.send({"type": "alias", "previousId": "U1", "userId": "U2"})
    live.send(identify("U2", {"city": "Gouda"}, timestamp="2026-11-23T10:30:00Z"))
    said = "SELECT city, plan, first_name, last_name, email, email_consent FROM customers"
    assert live.rows(f"{said} WHERE customer_id = 'U2'") == [("Delft", "pro", "Uma", "Um", "old@x.example", True)]
    live.send(identify("U2", {"city": "Utrecht"}, timestamp="2026-11-23T11:30:00Z"))
    assert live.rows("SELECT city FROM customers WHERE customer_id = 'U2'") == [("Utrecht",)]
    live.shop.customers.erase("U2")
    live.send(identify("U2", {"city": "Gouda"}))
    assert live.rows("FROM heard") == []


def test_a_browser_that_two_people_use_makes_nobody_of_two(live: LiveShop) -> None:
    live.send(identify("U1", anonymousId="A1"), identify("U2", anonymousId="A1"))
    live.send(identify("U3", anonymousId="A1"), track("Trial Started", "U3", anonymousId="A1"))
    assert live.rows("SELECT count(*) FROM merges") == [(0,)]
    assert live.rows("SELECT customer_id FROM identities WHERE kind = 'anonymous'") == [("U1",)]
    assert live.rows("SELECT customer_id FROM events") == [("U3",)]


def test_an_address_that_is_known_is_the_same_person(live: LiveShop) -> None:
    live.send(identify("web-9", {"email": "ADA@example.com"}))
    (owner,) = live.rows("SELECT customer_id FROM identities WHERE value = 'web-9'")
    assert owner == live.rows("SELECT customer_id FROM identities WHERE value = 'ada@example.com'")[0] == ("C1",)


def test_alias_makes_two_ids_one_and_can_be_taken_back(live: LiveShop) -> None:
    live.send(track("A", "old"), track("B", "new"))
    live.send({"type": "alias", "previousId": "old", "userId": "new"})
    assert live.rows("SELECT DISTINCT customer_id FROM events") == [("new",)]
    live.shop.customers.unmerge("old", now=NOON)
    assert live.rows("SELECT customer_id, name FROM events ORDER BY 1") == [("new", "B"), ("old", "A")]
    live.send({"type": "alias", "previousId": "never seen", "userId": "new"}, track("C", "never seen"))
    assert live.rows("SELECT customer_id FROM events WHERE name = 'C'") == [("new",)]


def test_alias_of_a_browser_that_is_heard_of_later(live: LiveShop) -> None:
    live.send({"type": "alias", "previousId": "b9", "userId": "U1"})
    live.send({"type": "page", "anonymousId": "b9", "name": "Late"})
    assert live.rows("SELECT customer_id FROM visits WHERE url = 'Late'") == [("U1",)]


def test_group_is_an_account(live: LiveShop) -> None:
    live.send({"type": "group", "userId": "C1", "groupId": "G", "traits": {"name": "ACME", "employees": 12}})
    assert live.shop.count("account.employees = 12", now=NOON_UTC) == 1


def test_consent_counts_at_once_and_the_newest_word_wins(live: LiveShop) -> None:
    live.send(track("Subscribed", "C2"))
    assert live.shop.count("email_consent and customer_id = 'C2'", now=NOON_UTC) == 1
    live.send(
        track("Consent Withdrawn", "C2", {"channel": "sms"}), track("Unsubscribed", "C2"), at=datetime(2026, 11, 23, 13)
    )
    live.send(track("Subscribed", "C2", timestamp="2026-11-23T12:30:00Z"), at=datetime(2026, 11, 23, 14))
    assert live.rows(
        "SELECT email_consent, sms_consent, email_consent_origin FROM customers WHERE customer_id = 'C2'"
    ) == [(False, False, "Unsubscribed")]
    assert live.rows("SELECT type, channel FROM messages WHERE type = 'unsubscribed'") == [("unsubscribed", "email")]


def test_a_trait_called_as_the_engine_calls_the_place_of_a_row_takes_nobody_away(live: LiveShop) -> None:
    live.send(identify("U1", {"rowid": "z"}))
    live.send(track("A", "U1"))
    live.send(track("A", "U2"), {"type": "group", "userId": "U1", "groupId": "g"})
    assert live.rows("SELECT customer_id FROM customers WHERE customer_id IS NULL OR customer_id IN ('U1', 'U2')") == [
        ("U1",),
        ("U2",),
    ]
    assert live.shop.count("rowid_live = 'z'", now=NOON_UTC) == 1


def test_consent_in_the_words_that_tools_say_it_with_is_heard(live: LiveShop) -> None:
    live.send(identify("U1", {"email_consent": True, "smsConsent": "Opted in", "post_consent": "perhaps"}))
    live.send(identify("U1", {"email_consent": "unsubscribed", "newsletter": "yes"}), at=datetime(2026, 11, 23, 13))
    assert live.rows("SELECT email_consent, sms_consent, post_consent FROM customers WHERE customer_id = 'U1'") == [
        (False, True, None)
    ]


def test_consent_by_several_channels_at_once_or_by_none_that_is_known(live: LiveShop) -> None:
    live.send(
        track("Consent Withdrawn", "U1", {"channel": ["SMS", "post"]}),
        track("Consent Given", "U2", {"channel": "carrier pigeon"}, messageId="pigeon"),
        track("Email Unsubscribed", "U3", {"channel": "newsletter"}),
    )
    said = "SELECT customer_id, email_consent, sms_consent, post_consent FROM customers WHERE customer_id[1] = 'U'"
    assert live.rows(f"{said} ORDER BY 1") == [("U1", None, False, False), ("U3", False, None, None)]
    assert live.aside() == [("pigeon", "its channel is carrier pigeon, and may be email, sms, phone, post")]


def test_ids_of_the_wrong_kind_make_one_person_of_nobody(live: LiveShop) -> None:
    live.send(*[{**track("A", anonymousId=f"a{n}"), "userId": odd} for n, odd in enumerate(({}, {}, False, False))])
    assert live.rows("SELECT count(DISTINCT customer_id) FROM events") == [(4,)]
