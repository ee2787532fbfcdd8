"""How long it takes from a message that is acknowledged to a membership that the API tells of.

    python -m benchmarks.live_latency [--customers 10000] [--messages 40]

A shop of ten orders, twenty lines and fifty messages a customer with the fifty rules of rules50.txt, served. An order
of somebody new is sent, and the changes are asked for until they tell that this somebody has entered a segment.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.bench_shop import NOW, fill
from benchmarks.evaluate import RULES
from benchmarks.live import MAIN, at, made_key, processor, wait_until_ready
from regulars.segments import changes

POLLED_EVERY = 0.12
"""Seconds: a key may ask 600 times a minute."""
REST = 4.0
RULE = "any(orders in last 1 hour)"


def main() -> None:
    """Make the shop, serve it, send, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "shop"
        with fill(folder, options.customers) as shop:
            now = shop.moment(NOW)
            for i, rule in enumerate([*RULES, RULE]):
                shop.segments.add(f"s{i}", rule, now=now)
            shop.segments.advance(shop.moment())
            seen = changes.last(shop.engine)
        measure(folder, options.messages, seen)


def measure(folder: Path, messages: int, seen: int) -> None:
    write, read = made_key(folder, "write"), made_key(folder, "changes:read")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen([sys.executable, "-c", MAIN, "serve", "--shop", str(folder), "--port", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        wait_until_at_rest(server.pid)
        seen, waits, began = newest(port, read, seen)[0], [], processor(server.pid)
        for number in range(messages):
            seen, waited = one(port, write, read, seen, number)
            waits.append(waited)
        used = processor(server.pid) - began
    finally:
        server.terminate()
        server.wait(30)
    waits.sort()
    print(f"processor, of each order: {used / messages:.2f} s of the server's")
    print(f"from acknowledged to told by the API, of {messages} orders, ms: median {waits[len(waits) // 2] * 1e3:.0f}, "
          f"95% {at(waits, 0.95):.0f}, longest {waits[-1] * 1e3:.0f}; load {os.getloadavg()[0]:.1f}")


def wait_until_at_rest(pid: int, most: float = 300) -> None:
    """What a server does by itself once it has been started takes a fifth of a processor at most from then on."""
    until = time.monotonic() + most
    while time.monotonic() < until:
        before = processor(pid)
        time.sleep(REST)
        if processor(pid) - before < REST / 5:
            return


def one(port: int, write: str, read: str, seen: int, number: int) -> tuple[int, float]:
    """Seconds until the order of somebody new is a membership; and the last change seen."""
    body = json.dumps({"type": "track", "event": "Order Completed", "userId": f"NEW{number}", "messageId": f"m{number}",
                       "properties": {"order_id": f"L{number}", "total": 20, "products": []}}).encode()
    basic = base64.b64encode(f"{write}:".encode()).decode()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/track", body, {
        "Content-Type": "application/json", "Authorization": f"Basic {basic}"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        answer.read()
    began = time.perf_counter()
    while time.perf_counter() - began < 60:
        seen, names = newest(port, read, seen)
        if f"s{len(RULES)}" in names:
            return seen, time.perf_counter() - began
        time.sleep(POLLED_EVERY)
    raise AssertionError("a minute passed, and nobody was told")


def newest(port: int, key: str, seen: int) -> tuple[int, set[str]]:
    """The number of the last change, and the segments entered since ``seen``."""
    entered: set[str] = set()
    while True:
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/changes?since={seen}&limit=500",
                                       headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            page = json.load(answer)
        entered |= {item["segment"] for item in page["items"] if item["what"] == "entered"}
        if page["next"] == seen:
            return seen, entered
        seen = page["next"]


if __name__ == "__main__":
    main()
