"""How many messages a second are acknowledged over HTTP, by how many clients at once, and what it does to the rest.

    python -m benchmarks.live [--seconds 30] [--clients 32] [--batch 20] [--customers 10000] [--most 0]

Server and clients share the machine; each batch is of its own messages, of a few kinds as a web shop sends them, over
kept connections. Meanwhile somebody reads a page every quarter of a second. Memory is what is resident, every five
seconds: of each process at the beginning, in the middle and at the end, and how the server's grows by a straight line
through the second half; beside it by the engine's own account what it keeps of the facts that were read lately (up to
REGULARS_MEMORY), and its other buffers. ``--most`` holds the clients to so many messages a second together (0: as fast
as they can).
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
ENGINE = "regulars_engine_memory_bytes{"
WATCHED_EVERY = 5.0


def main() -> None:
    """Serve an empty shop, load it, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--most", type=int, default=0)
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
    each = options.clients // PROCESSES
    workers = [Process(target=send_all, args=(port, write, each, options, n, found)) for n in range(PROCESSES)]
    for worker in workers:
        worker.start()
    ids = [pid, *(w.pid for w in workers if w.pid)]
    memory, pages = watching.submit(watch_memory, ids, port, ending), watching.submit(read_pages, port, read, ending)
    began, busy, before = time.perf_counter(), processor(pid), ready(port)["settled"]
    waits = sorted(w for _ in workers for w in found.get())
    for worker in workers:
        worker.join()
    took, used = time.perf_counter() - began, processor(pid) - busy
    standing = ready(port)
    behind = standing["waiting"]
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
    tell_memory(memory.result())
    clients = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    print(f"processor: the server's {used:.1f} s, the clients' {clients:.1f} s; load {os.getloadavg()[0]:.1f}")
    print(f"settled meanwhile: {(standing['settled'] - before) / took:,.0f} a second; behind when the clients stopped: "
          f"{behind:,} messages, settled {caught_up:.1f} s later")


def tell_memory(found: list[tuple[int, ...]]) -> None:
    """Of the server and each process of clients, megabytes."""
    for name, seen in zip(["server", *(f"clients {n}" for n in range(PROCESSES))], zip(*found, strict=True),
                          strict=False):
        seen = tuple(m for m in seen if m)
        print(f"memory of {name}, MB: {seen[0]} at the beginning, {seen[len(seen) // 2]} in the middle, {seen[-1]} at "
              f"the end, {max(seen)} at most")
    for name, nth in (("server's memory", 0), ("facts that its engine keeps", -2), ("its engine's other buffers", -1)):
        series = [each[nth] for each in found]
        half = series[len(series) // 2:]
        slope = statistics.linear_regression(range(len(half)), half).slope * 60 / WATCHED_EVERY if half[1:] else 0.0
        print(f"{name}, MB: {' '.join(map(str, series))}; in the second half {slope:+.1f} a minute")


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
    pause, due = options.batch * options.clients / options.most if options.most else 0.0, time.perf_counter()
    while time.perf_counter() < until:
        time.sleep(max(0.0, due - time.perf_counter()))
        due += pause
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


def watch_memory(ids: list[int], port: int, ending: threading.Event) -> list[tuple[int, ...]]:
    """Megabytes of each process, and of the engine: the facts it keeps, and its other buffers."""
    found = [(*map(resident, ids), *engines(port))]
    while not ending.wait(WATCHED_EVERY):
        found.append((*map(resident, ids), *engines(port)))
    return found


def engines(port: int) -> tuple[int, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics/", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    used = {line.split('"')[1]: float(line.split()[-1]) for line in lines if line.startswith(ENGINE)}
    kept = used.pop("BASE_TABLE", 0.0)
    return int(kept) >> 20, int(sum(used.values())) >> 20


def resident(pid: int) -> int:
    """Megabytes; 0 of a process that has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
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
