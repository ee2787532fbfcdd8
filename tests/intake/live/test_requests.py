"""Requests taken apart: what is refused as a whole, what is set aside, and what a message is known by."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any

import pytest

from regulars.errors import LiveRefused, MessageTooLarge
from regulars.intake.live.requests import MOST_MESSAGE, parsed, take_apart, unpacked
from tests.intake.live.live_shop import NOON, identify, track


def batch(*messages: Any, **more: Any) -> Any:
    return take_apart({"batch": list(messages), **more}, "batch", "key 1", NOON)


def test_a_batch_keeps_its_order_and_its_own_ids() -> None:
    brought = batch(track("A", messageId="x"), identify("U1", messageId=7), sentAt="2026-11-23T12:00:00Z")
    assert [(m.message_id, m.sent_at, m.received_at, m.wrong) for m in brought.messages] == [
        (i, "2026-11-23T12:00:00Z", NOON, "") for i in ("x", "7")
    ]


def test_one_message_takes_its_type_from_the_address() -> None:
    (message,) = take_apart({"userId": "u", "event": "A", "writeKey": "secret"}, "track", "key 1", NOON).messages
    assert json.loads(message.body) == {"userId": "u", "event": "A", "type": "track"}


def test_what_goes_for_a_whole_batch_goes_for_each_message() -> None:
    (message,) = batch(track("A", context={"ip": "1"}), context={"ip": "0", "locale": "ur"}).messages
    assert json.loads(message.body)["context"] == {"ip": "1", "locale": "ur"}


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("text", "no JSON object"),
        ({"type": "walk", "userId": "u"}, "its type is 'walk'"),
        ({"userId": "u"}, "no type"),
        ({"type": "track", "event": "A"}, "neither userId nor anonymousId"),
        ({"type": "track", "userId": "", "anonymousId": None, "event": "A"}, "neither"),
        ({"type": "track", "userId": {}, "event": "A"}, "its userId is neither text nor a number"),
        ({"type": "track", "userId": float("inf"), "event": "A"}, "its userId is neither"),
        ({"type": "track", "anonymousId": False, "event": "A"}, "its anonymousId is neither"),
        ({"type": "alias", "userId": "u", "previousId": float("inf")}, "needs previousId"),
        ({"type": "track", "userId": "u"}, "a track needs event"),
        ({"type": "alias", "userId": "u"}, "needs previousId"),
        ({"type": "group", "userId": "u"}, "needs groupId"),
        (track("A", properties=[1]), "properties are no JSON object"),
        (track("A" * 301), "longer than 300"),
        (track("A", properties={"a": json.loads("[" * 80 + "]" * 80)}), "nested"),
    ],
)
def test_a_message_that_cannot_be_used_is_set_aside_and_the_rest_comes_in(message: Any, why: str) -> None:
    brought = batch(track("A"), message)
    assert [nth for nth, _ in brought.aside] == [1] and why in brought.aside[0][1]
    assert [bool(m.wrong) for m in brought.messages] == [False, True]


def test_alone_it_is_refused_with_the_reason() -> None:
    with pytest.raises(LiveRefused, match="neither userId nor anonymousId"):
        take_apart({"event": "A"}, "track", "key 1", NOON)


def test_limits_name_the_message_that_goes_over() -> None:
    with pytest.raises(LiveRefused, match=r"Message 100 .* first too many"):
        batch(*[track("A")] * 101)
    with pytest.raises(MessageTooLarge, match=r"Message 1 .* may be 32,768"):
        batch(track("A"), track("B", properties={"x": "é" * MOST_MESSAGE}))
    for nothing in ({}, {"batch": []}, {"batch": "x"}):
        with pytest.raises(LiveRefused, match="batch"):
            take_apart(nothing, "batch", "key 1", NOON)


def test_numbers_and_nulls_as_libraries_send_them_are_taken() -> None:
    brought = batch(
        {
            "type": "track",
            "userId": 12,
            "anonymousId": None,
            "event": "A",
            "properties": None,
            "context": None,
            "integrations": {},
            "timestamp": None,
        }
    )
    assert not brought.aside


def test_without_an_id_the_same_content_with_a_moment_is_the_same_message() -> None:
    one, other = track("A", timestamp="2026-11-23T11:00:00Z"), track("A", timestamp="2026-11-23T11:00:01Z")
    a, b, c = (batch(m).messages[0].message_id for m in (one, one, other))
    assert a == b != c
    assert batch(track("A")).messages[0].message_id != batch(track("A")).messages[0].message_id


def test_gzip_is_unpacked_as_far_as_a_request_may_go() -> None:
    assert unpacked(gzip.compress(b"{}"), "gzip") == b"{}" and unpacked(b"{}", "") == b"{}"
    with pytest.raises(MessageTooLarge):
        unpacked(gzip.compress(b"0" * 50_000_000), "gzip")
    with pytest.raises(LiveRefused, match="is not"):
        unpacked(b"{}", "gzip")
    with pytest.raises(LiveRefused, match="ends early"):
        unpacked(gzip.compress(b"{}" * 999)[:-20], "gzip")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(LiveRefused):
        parsed(body)


def test_text_that_is_no_unicode_is_kept_readable() -> None:
    (message,) = batch(track("A", properties={"x": json.loads('"\\ud800"')})).messages
    assert json.loads(message.line().split(b"\t")[-1])["properties"]["x"] == "?"
    assert message.received_at == datetime(2026, 11, 23, 12)


@pytest.mark.parametrize("odd", [{}, [], False, float("inf")])
def test_an_id_of_the_wrong_kind_beside_a_good_one_goes(odd: Any) -> None:
    brought = batch({**track("A", anonymousId="a"), "userId": odd}, {**track("A", "u"), "anonymousId": odd})
    said = [json.loads(m.body) for m in brought.messages]
    assert not brought.aside
    assert [(s["userId"], s["anonymousId"]) for s in said] == [(None, "a"), ("u", None)]


def test_ids_that_are_numbers_stay_exact() -> None:
    messages = batch(*[{**track("A"), "userId": n} for n in (10**30, 10**30 + 1, 0)]).messages
    said = [json.loads(m.body)["userId"] for m in messages]
    assert said == [str(10**30), str(10**30 + 1), "0"]
