"""Client libraries as their makers publish them, each sending of a person of its own to one server."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from regulars.shop import Shop
from tests.app.live.serving import Served

NODE_MODULES = Path(__file__).resolve().parents[3] / ".ci" / "clients" / "node_modules"
HAS_NODE = bool(shutil.which("node")) and NODE_MODULES.exists()
PRODUCTS = [{"sku": "S1", "price": 10, "quantity": 3}, {"sku": "S2", "price": 0.5}]
NODE = """
const {Analytics} = require(process.argv[2] + '/@segment/analytics-node');
const a = new Analytics({writeKey: process.argv[3], host: process.argv[4], flushAt: 5});
const [userId, order] = [process.argv[5], JSON.parse(process.argv[6])];
a.on('error', e => { console.error(e); process.exit(1); });
a.identify({userId, anonymousId: 'A ' + userId, traits: {email: userId + '@x.example', plan: 'pro'}});
a.page({anonymousId: 'A ' + userId, name: 'Home', properties: {url: 'http://s/'}});
a.screen({userId, name: 'Start'});
a.track({userId, event: 'Order Completed', properties: order});
a.track({userId, event: 'Trial Started', properties: {seats: 3}});
a.group({userId, groupId: 'G1', traits: {name: 'ACME'}});
a.alias({userId, previousId: 'old ' + userId});
a.closeAndFlush().then(() => console.log('sent'));
"""


def order(user: str) -> dict[str, Any]:
    return {"order_id": f"O {user}", "total": 30.5, "products": PRODUCTS}


def by_python(client: Any, user: str) -> None:
    """One of each, as both Python libraries have them."""
    client.identify(user, {"email": f"{user}@x.example", "plan": "pro"}, anonymous_id=f"A {user}")
    client.page(user, "Docs", "Home", {"url": "http://s/"})
    client.screen(user, "App", "Start")
    client.track(user, "Order Completed", order(user))
    client.track(user, "Trial Started", {"seats": 3})
    client.group(user, "G1", {"name": "ACME"})
    client.alias(f"old {user}", user)
    client.flush()
    client.join()


def by_segment(served: Served, user: str) -> None:
    errors: list[Any] = []
    by_python(
        SegmentClient(served.key, host=served.url, gzip=user.endswith("gzip"), on_error=lambda e, _: errors.append(e)),
        user,
    )
    assert not errors


def by_rudderstack(served: Served, user: str) -> None:
    errors: list[Any] = []
    by_python(
        RudderClient(served.key, host=served.url, gzip=user.endswith("gzip"), on_error=lambda e, _: errors.append(e)),
        user,
    )
    assert not errors


def by_node(served: Served, user: str) -> None:
    script = served.folder / "send.cjs"
    script.write_text(NODE)
    done = subprocess.run(
        ["node", str(script), str(NODE_MODULES), served.key, served.url, user, json.dumps(order(user))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "sent", done.stderr


LIBRARIES: dict[str, Callable[[Served, str], None]] = {
    "segment": by_segment,
    "segment-gzip": by_segment,
    "rudderstack": by_rudderstack,
    "rudderstack-gzip": by_rudderstack,
    "node": by_node,
}


@pytest.fixture(scope="module")
def facts(keyed_shop: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """What a served shop knows once every library has sent to it."""
    folder, key = keyed_shop
    served = Served(Path(shutil.copytree(folder, tmp_path_factory.mktemp("sent") / "shop")), key)
    served.start()
    try:
        used = [name for name in LIBRARIES if name != "node" or HAS_NODE]
        for name in used:
            LIBRARIES[name](served, name)
        served.settled(7 * len(used))
        with served.facts() as shop:
            yield shop
    finally:
        served.kill()


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(
            name, marks=pytest.mark.skipif(name == "node" and not HAS_NODE, reason="not installed: sh .ci/servers")
        )
        for name in LIBRARIES
    ],
)
def test_what_a_library_sends_is_known_of_its_person(facts: Shop, user: str) -> None:
    rows = facts.engine.rows
    assert rows("SELECT email, plan, account_id FROM customers WHERE customer_id = ?", [user]) == [
        (f"{user}@x.example", "pro", "G1")
    ]
    assert rows("SELECT total, items FROM orders WHERE customer_id = ?", [user]) == [(30.5, 4)]
    assert rows("SELECT count(*) FROM visits WHERE customer_id = ?", [user]) == [(2,)]
    assert rows("SELECT name, properties->>'seats' FROM events WHERE customer_id = ?", [user]) == [
        ("Trial Started", "3")
    ]
    assert rows("SELECT DISTINCT customer_id FROM identities WHERE value = ?", [f"old {user}"]) == [(user,)]


def test_nothing_that_the_libraries_send_is_set_aside(facts: Shop) -> None:
    assert not facts.engine.rows("FROM set_aside") and facts.check().consistent
