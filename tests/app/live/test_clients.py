"""Client libraries as their makers publish them, sending to the server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from tests.app.live.serving import Served

NODE_MODULES = Path(__file__).resolve().parents[3] / ".ci" / "clients" / "node_modules"
ORDER = {"order_id": "O1", "total": 30.5, "products": [{"sku": "S1", "price": 10, "quantity": 3},
                                                       {"sku": "S2", "price": 0.5, "quantity": 1}]}  # fmt: skip
NODE = """
const {Analytics} = require(process.argv[2] + '/@segment/analytics-node');
const a = new Analytics({writeKey: process.argv[3], host: process.argv[4], flushAt: 5});
a.on('error', e => { console.error(e); process.exit(1); });
a.identify({userId: 'U1', anonymousId: 'A1', traits: {email: 'u@x.example', plan: 'pro'}});
a.page({anonymousId: 'A1', name: 'Home', properties: {url: 'http://s/'}});
a.screen({userId: 'U1', name: 'Start'});
a.track({userId: 'U1', event: 'Order Completed', properties: JSON.parse(process.argv[5])});
a.track({userId: 'U1', event: 'Trial Started', properties: {seats: 3}});
a.group({userId: 'U1', groupId: 'G1', traits: {name: 'ACME'}});
a.alias({userId: 'U1', previousId: 'old'});
a.closeAndFlush().then(() => console.log('sent'));
"""


def send_all(client: Any) -> None:
    """One of each, as both Python libraries have them."""
    client.identify("U1", {"email": "u@x.example", "plan": "pro"}, anonymous_id="A1")
    client.page("U1", "Docs", "Home", {"url": "http://s/"})
    client.screen("U1", "App", "Start")
    client.track("U1", "Order Completed", ORDER)
    client.track("U1", "Trial Started", {"seats": 3})
    client.group("U1", "G1", {"name": "ACME"})
    client.alias("old", "U1")
    client.flush()
    client.join()


def check(served: Served) -> None:
    served.settled(7)
    with served.facts() as shop:
        rows = shop.engine.rows
        assert rows("SELECT email, plan, account_id FROM customers WHERE customer_id = 'U1'") == [
            ("u@x.example", "pro", "G1")
        ]
        assert rows("SELECT total, items FROM orders WHERE customer_id = 'U1'") == [(30.5, 4)]
        assert rows("SELECT count(*) FROM visits WHERE customer_id = 'U1'") == [(2,)]
        assert rows("SELECT name, properties->>'seats' FROM events") == [("Trial Started", "3")]
        assert rows("SELECT customer_id FROM identities WHERE value = 'old'") == [("U1",)]
        assert not rows("FROM set_aside") and shop.check().consistent


@pytest.fixture
def errors() -> Iterator[list[Any]]:
    """What a client reports; nothing, in the end."""
    found: list[Any] = []
    yield found
    assert not found


@pytest.mark.parametrize("packed", [False, True])
def test_segments_library_for_python(served: Served, errors: list[Any], packed: bool) -> None:
    send_all(SegmentClient(served.key, host=served.url, gzip=packed, on_error=lambda e, _: errors.append(e)))
    check(served)


@pytest.mark.parametrize("packed", [False, True])
def test_rudderstacks_library_for_python(served: Served, errors: list[Any], packed: bool) -> None:
    send_all(RudderClient(served.key, host=served.url, gzip=packed, on_error=lambda e, _: errors.append(e)))
    check(served)


@pytest.mark.skipif(not shutil.which("node") or not NODE_MODULES.exists(), reason="not installed: sh .ci/servers")
def test_segments_library_for_node(served: Served, tmp_path: Path) -> None:
    script = tmp_path / "send.cjs"
    script.write_text(NODE)
    order = '{"order_id":"O1","total":30.5,"products":[{"sku":"S1","price":10,"quantity":3},{"sku":"S2","price":0.5}]}'
    done = subprocess.run(
        ["node", str(script), str(NODE_MODULES), served.key, served.url, order],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "sent", done.stderr
    check(served)
