"""What goes wrong without being foreseen: answered as JSON and noted without what was sent; and pauses of settling."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest

from regulars.app.facts import OpenFacts
from regulars.app.live import front, opened, write_keys
from regulars.app.logs import Lines
from regulars.errors import ShopError
from regulars.intake.live.settling import MARK
from regulars.shop import Shop


def post(body: bytes = b"") -> front.Environ:
    return {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}


def test_what_was_not_foreseen_is_500_and_quotes_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def work(environ: front.Environ, name: str) -> front.Answer:
        raise ArithmeticError("ada@example.com")

    status, said, _ = front.answered(post(), "batch", work)
    assert (status, said["success"], said["code"]) == (500, False, "live.failed")
    line = Lines().format(caplog.records[-1])
    assert "ArithmeticError" in line and " work" in line
    assert "ada@" not in line and "ada@" not in str(said)


@pytest.mark.parametrize("key", ["\\ud800", "\u00e9", "\u0663"])
def test_a_write_key_that_cannot_be_one_is_not_known(key: str) -> None:
    body = f'{{"writeKey": "{key}", "batch": []}}'.encode()
    assert front.answered(post(body), "batch", front._messages)[0] == 401
    assert write_keys.known("\ud800") is None


def test_a_browser_may_send_from_the_pages_of_a_shop_and_nothing_else() -> None:
    """https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS"""
    told: list[tuple[str, dict[str, str]]] = []

    def ask(method: str, path: str) -> tuple[str, dict[str, str]]:
        pages: front.Application = lambda environ, start: [start("200 OK", []) or b""]  # noqa: E731
        start = lambda status, headers: told.append((status, dict(headers)))  # noqa: E731
        front.Front(pages)({**post(b"{}"), "REQUEST_METHOD": method, "PATH_INFO": path}, start)
        return told[-1]

    status, headers = ask("OPTIONS", "/v1/t")
    assert status.startswith("204") and "Authorization" in headers["Access-Control-Allow-Headers"]
    status, headers = ask("POST", "/v1/t")
    assert status.startswith("401") and headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in ask("POST", "/hooks/x")[1] | ask("OPTIONS", "/api/v1/segments")[1]


def test_the_pause_grows_only_while_nothing_is_settled(little_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr(opened, "after_settling", [lambda: told.append(True)])
    facts: Any = SimpleNamespace(shop=lambda: little_shop, folder=little_shop.folder)
    live = opened.Live(cast(OpenFacts, facts))
    live.close()
    assert [live._put_off(ShopError("no"), pause) for pause in (0.0, 8.0, 50.0)] == [1.0, 16.0, 60.0]
    little_shop.engine.execute("INSERT INTO meta VALUES (?, '5')", [MARK])
    assert (live._put_off(ShopError("no"), 8.0), live.settled, told) == (1.0, 5, [True])
    assert live._put_off(ShopError("no"), 8.0) == 16.0
