"""The address that libraries send to: what is answered, and what a person may rely on when it is 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.app.live.serving import Served, made_key, run

PAYLOADS = Path(__file__).parents[2] / "intake" / "live" / "payloads.json"
SHOPIFY_ORDER = json.loads(PAYLOADS.read_text())["shopify_order"]


def track(event: str, **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "userId": "U1", **more}


def test_each_answer_says_what_it_means(served: Served) -> None:
    batch = {"batch": [track("A")], "sentAt": "2026-11-23T12:00:00Z"}
    assert served.post("/v1/batch", batch) == (200, {"success": True})
    assert served.post("/v1/track/", {"event": "B", "userId": "U1"}, packed=True)[0] == 200
    assert served.post("/v1/batch", {**batch, "writeKey": served.key}, key="")[0] == 200
    for key in ("", "rk_guessed", made_key(served.folder, "segments:read")):
        status, said = served.post("/v1/batch", batch, key=key)
        assert (status, said["code"]) == (401, "live.key") and "--scope write" in said["message"]
    status, said = served.post("/v1/batch", {"batch": [track("A"), track("B", properties={"x": "y" * 40_000})]})
    assert (status, said["code"]) == (413, "live.too_large") and said["message"].startswith("Message 1")
    assert served.post("/v1/batch", b" " * 600_000)[0] == 413
    assert served.post("/v1/batch", {"batch": [track("A")] * 101})[0] == 400
    assert served.post("/v1/batch", b"{")[0] == 400
    assert served.post("/v1/track", {"userId": "U1"})[1]["message"] == "This cannot be taken in: a track needs event."
    assert served.post("/v1/walk", {})[0] == 404
    status, said = served.post("/v1/batch", {"batch": [track("C"), {"type": "track", "event": "D"}]})
    assert (status, said["set_aside"][0]["message"]) == (200, 1)
    served.settled(5)
    with served.facts() as shop:
        assert shop.engine.rows("SELECT name FROM events ORDER BY 1") == [("A",), ("A",), ("B",), ("C",)]
        assert shop.engine.rows("SELECT count(*) FROM set_aside") == [(1,)]


def test_many_at_once_share_the_disk_and_lose_nothing(served: Served) -> None:
    statuses: list[int] = []

    def send(client: int) -> None:
        for nth in range(5):
            batch = [track(f"E{client}-{nth}-{k}") for k in range(20)]
            statuses.append(served.post("/v1/batch", {"batch": batch})[0])

    threads = [threading.Thread(target=send, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 80
    served.settled(1600)
    with served.facts() as shop:
        assert shop.engine.rows("SELECT count(*), count(DISTINCT name) FROM events") == [(1600, 1600)]


def test_it_is_seen_over_the_api_within_a_second_or_so(served: Served) -> None:
    served.post("/v1/identify", {"userId": "U1", "traits": {"email": "u@x.example"}})
    served.settled(1, seconds=10)
    key = made_key(served.folder, "customers:read")
    request = urllib.request.Request(f"{served.url}/api/v1/customers/U1", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["email"] == "u@x.example"


def test_a_platforms_webhook_comes_in_by_its_signature(served: Served) -> None:
    made = json.loads(run("hooks", "receive", "shopify", "--secret", "hush", "--shop", str(served.folder), "--json"))
    body = json.dumps({**SHOPIFY_ORDER, "note": "x" * 800_000}).encode()
    signed = base64.b64encode(hmac.new(b"hush", body, hashlib.sha256).digest()).decode()
    heads = {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "w1", "X-Shopify-Hmac-Sha256": signed}

    def post(**more: str) -> int:
        request = urllib.request.Request(f"{served.url}{made['path']}", body, {**heads, **more})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert [post(), post(), post(**{"X-Shopify-Hmac-Sha256": "bad"})] == [200, 200, 401]
    assert served.post(made["path"], b"webhook_id=7")[0] == 200 and served.post(made["path"], b" {}")[0] == 401
    assert served.post("/hooks/guessed", {})[0] == 404
    served.settled(2)
    with served.facts() as shop:
        assert shop.engine.rows("SELECT count(*), sum(total) FROM orders WHERE order_id = 'shopify:#1001'") == [
            (1, 37.5)
        ]


def test_an_order_that_comes_in_moves_its_customer_and_others_are_told(served: Served) -> None:
    key = made_key(served.folder, "segments:write", "segments:read", "changes:read")

    def ask(path: str, said: Any = None) -> Any:
        body = json.dumps(said).encode() if said else None
        heads = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{served.url}/api/v1{path}", body, heads)) as answer:
            return json.load(answer)

    ask("/segments", {"name": "Big", "rule": "sum(orders.total) >= 500"})
    until = time.monotonic() + 60
    while ask("/segments/Big")["refreshed_at"] is None and time.monotonic() < until:
        time.sleep(0.2)
    order = {"event": "Order Completed", "userId": "C5", "properties": {"order_id": "N1", "total": 700}}
    assert served.post("/v1/track", order)[0] == 200
    while not (found := ask("/changes")["items"]) and time.monotonic() < until:
        time.sleep(0.1)
    assert [(c["segment"], c["customer_id"], c["what"]) for c in found] == [("Big", "C5", "entered")]
