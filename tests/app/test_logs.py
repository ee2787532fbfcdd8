"""What is written down while the pages run: enough to find what went wrong, and nothing about anybody."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client

from regulars.app import logs
from regulars.app.customers import views
from regulars.app.doors.models import Person
from regulars.shop import Shop


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(logs.Lines().format(record)) for record in caplog.records]


def test_an_answer_is_a_line_without_address_or_words(shop: Shop, owner: Client, people: dict[str, Person],
                                                      caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "regulars")
    answer = owner.get("/customers/show/C1/?q=Ada", headers={"x-request-id": "from-the-proxy-1"})
    line = lines(caplog)[-1]
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    assert {name: line[name] for name in ("event", "page", "method", "status", "person")} == {
        "event": "answered", "page": "customers:one", "method": "GET", "status": 200, "person": people["owner"].pk}
    assert line["ms"] > 0
    assert not any(word in json.dumps(line) for word in ("Ada", "C1", "owner@", "?"))


def test_a_request_without_an_id_is_given_one(shop: Shop, owner: Client) -> None:
    first, second = (owner.get("/health/", headers={"x-request-id": "no id\" at all"}) for _ in range(2))
    ids = {first.headers["X-Request-ID"], second.headers["X-Request-ID"]}
    assert len(ids) == 2 and all(len(each) == 16 for each in ids)


def test_what_goes_wrong_says_where_and_not_about_whom(shop: Shop, owner: Client, caplog: pytest.LogCaptureFixture,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("Ada Bloem has no orders")
    monkeypatch.setattr(views.telling, "consents", fails)
    owner.raise_request_exception = False
    assert owner.get("/customers/show/C1/").status_code == 500
    line = next(line for line in lines(caplog) if "error" in line)
    assert (line["error"], line["status"]) == ("ValueError", 500)
    assert any(" fails" in where for where in line["where"])
    assert "Ada" not in json.dumps(line) and "C1" not in json.dumps(line)


def test_other_libraries_are_quoted_without_what_they_fill_in() -> None:
    def said(message: str, *arguments: object) -> Any:
        record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, arguments, None, "answer")
        return json.loads(logs.Lines().format(record))["event"]
    assert said("Not Found: %s", "/customers/show/ada@shop.example/") == "Not Found: %s"
    assert said("ada@shop.example was not found") == "test_logs.answer"


def test_a_file_takes_the_place_of_the_terminal() -> None:
    config = logs.settings("/var/log/regulars.log")
    assert config["handlers"]["written"]["filename"] == "/var/log/regulars.log"
    assert config["formatters"]["said"]["()"] == "regulars.app.logs.Lines"


def test_at_a_terminal_only_warnings_are_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.sys.stderr, "isatty", lambda: True, raising=False)
    config = logs.settings("")
    assert config["formatters"]["said"]["()"] == "regulars.app.logs.Plain"
    assert config["loggers"]["regulars"]["level"] == "WARNING"
    record = logging.LogRecord("regulars.app", logging.ERROR, __file__, 1, "refused", (), None)
    record.code = "disk-full"
    assert logs.Plain().format(record).endswith("error regulars.app: event=refused code=disk-full")
