"""How many messages a second are acknowledged over HTTP, by how many clients at once, and what it does to the rest.

    python -m benchmarks.live [--seconds 30] [--clients 32] [--batch 20] [--customers 10000]

Server and clients share the machine; each batch is of its own messages, of a few kinds as a web shop sends them, over
kept connections. Meanwhile somebody reads a page every quarter of a second. Memory is the server's, every few seconds.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

MAIN = "from regulars.cli import main; main()"
PROCESSES = 2


def main() -> None:
    """Serve an empty shop, load it, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--customers", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch) / "shop", options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    run("init", str(folder), "--name", "Load", "--currency", "EUR")
    write, read = made_key(folder, "write"), made_key(folder, "segments:read")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-c", MAIN, "serve", "--shop", str(folder), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        under_load(server.pid, port, write, read, options)
    finally:
        server.terminate()
        server.wait(30)


def under_load(pid: int, port: int, write: str, read: str, options: argparse.Namespace) -> None:
    found: Queue[list[float]] = Queue()
    ending = threading.Event()
    watching = ThreadPoolExecutor(2)
    memory, pages = watching.submit(watch_memory, pid, ending), watching.submit(read_pages, port, read, ending)
    began, busy = time.perf_counter(), processor(pid)
    each = options.clients // PROCESSES
    workers = [Process(target=send_all, args=(port, write, each, options, n, found)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    waits = sorted(w for _ in workers for w in found.get())
    for worker in workers:
        worker.join()
    took, used = time.perf_counter() - began, processor(pid) - busy
    behind = ready(port)["waiting"]
    caught_up = time.perf_counter()
    while ready(port)["waiting"]:
        time.sleep(0.05)
    caught_up = time.perf_counter() - caught_up
    ending.set()
    events = len(waits) * options.batch
    print(f"{events:,} messages acknowledged in {took:.1f} s: {events / took:,.0f} a second, {options.clients} "
          f"clients, batches of {options.batch}")
    print(f"until acknowledged, ms: median {waits[len(waits) // 2] * 1e3:.0f}, 95% {at(waits, 0.95):.0f}, "
          f"99% {at(waits, 0.99):.0f}, longest {waits[-1] * 1e3:.0f}")
    seen = sorted(pages.result())
    print(f"pages meanwhile, ms: median {statistics.median(seen) * 1e3:.0f}, 95% {at(seen, 0.95):.0f} "
          f"({len(seen)} asked)")
    print(f"server's memory, MB: {' '.join(str(m) for m in memory.result())}")
    clients = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    print(f"processor: the server's {used:.1f} s, the clients' {clients:.1f} s; load {os.getloadavg()[0]:.1f}")
    print(f"behind when the clients stopped: {behind:,} messages, settled {caught_up:.1f} s later")


def at(waits: list[float], part: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * part))] * 1e3


def send_all(port: int, key: str, clients: int, options: argparse.Namespace, nth: int,
             found: Queue[list[float]]) -> None:
    """One process of several clients."""
    with ThreadPoolExecutor(clients) as pool:
        waits = list(pool.map(lambda n: send(port, key, options, nth * 1000 + n), range(clients)))
    found.put([w for each in waits for w in each])


def send(port: int, key: str, options: argparse.Namespace, client: int) -> list[float]:
    """One client: how long each of its batches took."""
    chance = random.Random(client)
    basic = base64.b64encode(f"{key}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    waits, until, number = [], time.perf_counter() + options.seconds, 0
    while time.perf_counter() < until:
        batch = [message(f"{client}-{number + k}", chance, options.customers) for k in range(options.batch)]
        number += options.batch
        body = ('{"batch":[' + ",".join(batch) + "]}").encode()
        began = time.perf_counter()
        connection.request("POST", "/v1/batch", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 429:
            time.sleep(float(answer.headers["Retry-After"]))
            continue
        assert answer.status == 200, answer.status
        waits.append(time.perf_counter() - began)
    return waits


def message(number: str, chance: random.Random, customers: int) -> str:
    """A page, a product, an event of the shop's own, or an order."""
    who, kind = chance.randrange(customers), chance.random()
    if kind < 0.45:
        said = '"type":"page","name":"Home","properties":{"url":"https://shop.example/home"}'
    elif kind < 0.75:
        thing = f'"sku":"S{who % 300}","name":"Thing {who % 300}"'
        said = f'"type":"track","event":"Product Viewed","properties":{{{thing}}}'
    elif kind < 0.95:
        said = f'"type":"track","event":"Video Watched","properties":{{"seconds":{who % 100},"title":"How to"}}'
    else:
        said = (f'"type":"track","event":"Order Completed","properties":{{"order_id":"O{number}","total":20,"products":'
                f'[{{"sku":"S{who % 300}","price":10,"quantity":2}}]}}')
    library = '"context":{"library":{"name":"bench","version":"1"}}'
    return f'{{{said},"userId":"U{who}","messageId":"m{number}",{library}}}'


def read_pages(port: int, key: str, ending: threading.Event) -> list[float]:
    waits = []
    while not ending.wait(0.25):
        began = time.perf_counter()
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/segments",
                                       headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
        waits.append(time.perf_counter() - began)
    return waits


def watch_memory(pid: int, ending: threading.Event) -> list[int]:
    found = [resident(pid)]
    while not ending.wait(5):
        found.append(resident(pid))
    return found


def resident(pid: int) -> int:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def processor(pid: int) -> float:
    """Seconds that a process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def ready(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready/", timeout=60) as answer:
        said: dict[str, Any] = json.load(answer)["live"]
    return said


def wait_until_ready(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            ready(port)
            return
        except OSError:
            time.sleep(0.1)


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", MAIN, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def made_key(folder: Path, scope: str) -> str:
    return str(json.loads(run("keys", "add", "load", "--scope", scope, "--shop", str(folder), "--json"))["key"])


if __name__ == "__main__":
    main()
