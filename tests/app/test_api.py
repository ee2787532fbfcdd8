"""The HTTP API: keys and scopes, what it answers, and that it answers nothing it does not document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from regulars.app.api import keys
from regulars.app.api.scopes import SCOPES
from regulars.app.jobs import running
from regulars.app.wsgi import application
from regulars.errors import Refused
from regulars.shop import Shop

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NOW = datetime(2026, 11, 22, 12)
V1 = "/api/v1"
Asking = Callable[..., Client]


@pytest.fixture
def asking(shop: Shop) -> Asking:
    """Somebody with a key that has these scopes (all, unless said)."""
    def made(*scopes: str) -> Client:
        _, token = keys.make("test", scopes or SCOPES)
        return Client(headers={"authorization": f"Bearer {token}"})
    return made


def test_without_a_key_there_is_nothing(shop: Shop, owner: Client) -> None:
    for client in (Client(), Client(headers={"authorization": "Bearer rk_guessed"}), owner):
        answer = client.get(f"{V1}/segments")
        assert answer.status_code == 401
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_key_does_what_its_scopes_say_and_is_kept_as_a_hash(asking: Asking) -> None:
    reader = asking("segments:read")
    assert reader.get(f"{V1}/segments").status_code == 200
    for answer in (reader.get(f"{V1}/customers"), reader.post(f"{V1}/segments", {"name": "x", "rule": "everyone"},
                                                              content_type="application/json")):
        assert answer.status_code == 403 and "needs the scope" in answer.json()["detail"]
    key, token = keys.make("other", ["segments:read"])
    assert token not in str(key.__dict__)
    keys.withdraw(key)
    assert Client(headers={"authorization": f"Bearer {token}"}).get(f"{V1}/segments").status_code == 401
    with pytest.raises(Refused):
        keys.make("x", ["segments:fly"])


def test_a_segment_is_saved_once_however_often_it_is_sent(shop: Shop, asking: Asking) -> None:
    client, body = asking(), {"name": "VIP", "rule": "count(orders)>=10", "note": "n"}
    def send(key: str, said: dict[str, str]) -> Any:
        return client.post(f"{V1}/segments", said, content_type="application/json", headers={"idempotency-key": key})
    first, again = send("k1", body), send("k1", body)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert (first.status_code, first.json()["rule"]) == (201, "count(orders) >= 10")
    assert send("k1", body | {"name": "Other"}).status_code == 422
    assert send("k2", body).status_code == 409
    assert [s.name for s in shop.segments.list()] == ["VIP"]
    assert (first.json()["state"], first.json()["reason"]) == ("updating", "never")
    running.drive()
    assert client.get(f"{V1}/members/VIP").json()["items"][0]["customer_id"] == "C1"
    assert client.get(f"{V1}/segments/VIP").json()["state"] == "fresh"


def test_a_wrong_rule_is_a_problem_with_its_code(asking: Asking) -> None:
    answer = asking().post(f"{V1}/count", {"rule": "gendre = 'x'"}, content_type="application/json")
    assert (answer.status_code, answer.json()["type"]) == (422, "rule.unknown_name")
    assert "gender" in answer.json()["detail"]


def test_counting_gives_what_the_shop_counts(asking: Asking) -> None:
    said = asking().post(f"{V1}/count", {"rule": "city='Utrecht'"}, content_type="application/json").json()
    assert (said["count"], said["share"], said["rule"]) == (2, 0.4, "city = 'Utrecht'")


def test_pages_by_cursor_have_everybody_once(asking: Asking) -> None:
    client, seen, cursor = asking(), [], ""
    while True:
        page = client.get(f"{V1}/customers?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [c["customer_id"] for c in page["items"]]
        if not page["next"]:
            break
        cursor = page["next"]
    assert seen == ["C1", "C2", "C3", "C4", "C5"]
    assert client.get(f"{V1}/customers?cursor=made-up!").status_code == 400


def test_a_customer_whole(shop: Shop, asking: Asking) -> None:
    said = asking().get(f"{V1}/customers/C1").json()
    assert (said["name"], said["orders"], said["spent"]) == ("Ada Bloem", 10, "200.0000")
    assert said["values"]["city"] == "Utrecht"
    assert said["last_order_at"].endswith("Z")
    assert asking().get(f"{V1}/timeline/C1").json()[0]["kind"] == "orders"
    assert asking().get(f"{V1}/customers/C99").status_code == 404


def test_a_file_comes_in_by_a_job_and_is_taken_back(shop: Shop, asking: Asking) -> None:
    client = asking()
    file = SimpleUploadedFile("o.csv", b"order_id,customer_id,at,status,total\nZ1,C1,2026-11-20 10:00,paid,40.00\n")
    job = client.post(f"{V1}/imports", {"file": file})
    assert job.status_code == 202
    running.drive()
    done = client.get(f"{V1}/jobs/{job.json()['id']}").json()
    assert done["state"] == "done"
    receipt = client.get(f"{V1}/imports/{done['result']['imports'][0]}").json()
    assert (receipt["file_name"], receipt["added"]) == ("o.csv", 1)
    assert client.delete(f"{V1}/imports/{receipt['import_id']}").status_code == 202
    running.drive()
    assert client.get(f"{V1}/imports/{receipt['import_id']}").json()["undone_at"]


def test_an_analysis_is_worked_out_then_said(asking: Asking) -> None:
    client = asking()
    assert "rfm" in client.get(f"{V1}/insight").json()
    assert client.get(f"{V1}/insight/profit").status_code == 202
    running.drive()
    assert client.get(f"{V1}/insight/profit").json()["findings"]
    assert client.get(f"{V1}/insight/profits").status_code == 404


def test_too_many_requests_are_told_to_wait(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars.app.api.service import api  # noqa: PLC0415  # once Django is set up
    throttle = api.throttle[0] if isinstance(api.throttle, list) else api.throttle
    monkeypatch.setattr(throttle, "num_requests", 2)
    client = asking()
    answers = [client.get(f"{V1}/segments") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


def test_watching_the_process(shop: Shop, client: Client) -> None:
    assert client.get("/health/").json() == {"status": "ok"}
    assert client.get("/ready/").json() == {"status": "ready"}
    client.get("/customers/show/C1/")
    told = client.get("/metrics/").content.decode()
    assert "regulars_customers 5.0" in told and 'page="customers:one"' in told and "C1" not in told
    assert client.get("/metrics/", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403


@pytest.fixture
def schema(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    cache.clear()
    yield schemathesis.openapi.from_wsgi(f"{V1}/openapi.json", app=application)


def test_no_answer_is_undocumented_and_nothing_breaks(schema: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from regulars.app.api.service import api  # noqa: PLC0415
    monkeypatch.setattr(api.throttle[0] if isinstance(api.throttle, list) else api.throttle, "num_requests", 10**6)
    _, token = keys.make("all", SCOPES)
    shop.segments.add("VIP", "count(orders) >= 10", now=NOW)
    tried = 0
    for operation in (o.ok() for o in schema.get_all_operations()):
        @given(case=operation.as_strategy(), odd=st.sampled_from(["", "VIP", "C1", "i000001"]))
        @settings(max_examples=7, phases=[Phase.generate], derandomize=True, database=None,
                  suppress_health_check=list(HealthCheck), deadline=None)
        def answers(case: Any, odd: str) -> None:
            nonlocal tried
            tried += 1
            if odd and case.path_parameters:
                case.path_parameters = dict.fromkeys(case.path_parameters, odd)
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"},
                                   checks=CHECKS)
        answers()
    assert tried > 100
