"""How fast a large order file comes in, beside the engine's own typed load of the same file.

    python benchmarks/intake.py --lines 10000000 [--rounds 3] [--folder FOLDER]

The file has a line a record: order, customer, moment, product, quantity, price. Each round loads it with the engine's
own CSV reader into typed columns, and imports it whole into a new shop (recognised, checked, keyed, settled, with its
receipt), in turn, each in a process of its own; the medians of time and the highest memory of the imports are printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from regulars import Shop
from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.model.settings import Settings

NOW = datetime(2026, 11, 22, 12)
MIB = 1024


def write_file(path: Path, lines: int) -> None:
    """Orders of three lines on average, of one customer in ten orders, over two years."""
    engine = DuckDBEngine.open(":memory:")
    engine.execute(
        "COPY (SELECT 'A' || (100000 + i // 3) AS order_id, "
        "'C' || hash(i // 3) % greatest($1 // 30, 1) AS customer_id, "
        "strftime(TIMESTAMP '2024-11-01' + INTERVAL 6 SECOND * (i // 3), '%Y-%m-%d %H:%M:%S') AS order_date, "
        "'SKU-' || hash(i) % 2000 AS product_id, 1 + hash(i * 7) % 5 AS quantity, "
        f"printf('%.2f', 1 + (hash(i * 3) % 10000) / 100.0) AS unit_price FROM range($1) r(i)) TO {literal(str(path))} "
        "(HEADER)".replace("$1", str(lines)))
    engine.close()


def load_typed(file: Path, folder: Path) -> None:
    """The engine's own way: types found by itself, columns kept, nothing else."""
    engine = DuckDBEngine.open(folder / "typed.duckdb", memory_limit="3GB", temp=folder / "tmp")
    engine.execute("RESET disabled_compression_methods")
    engine.execute(f"CREATE TABLE typed AS FROM read_csv({literal(str(file))})")
    engine.close()


def bring_in(file: Path, folder: Path) -> None:
    """Ours: into a new shop, receipt and all."""
    with Shop.create(folder / "shop", Settings(currency="GBP", country="GB")) as shop:
        [receipt] = shop.imports.run(file, now=NOW)
    if receipt.rows.taken != receipt.rows.read:
        raise SystemExit(f"not all rows came in: {receipt.rows}")


def _measured(work: Callable[[Path, Path], None], file: Path, folder: Path, told: Connection) -> None:
    began = time.perf_counter()
    work(file, folder)
    told.send((time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB))


def measure(work: Callable[[Path, Path], None], file: Path, folder: Path) -> tuple[float, float]:
    """Seconds and MiB at most, of one run in a process of its own and an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe()
    process = processes.Process(target=_measured, args=(work, file, folder, there))
    process.start()
    there.close()
    try:
        seconds, memory = here.recv()
    except EOFError:
        raise SystemExit("the run failed") from None
    process.join()
    return seconds, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=said.folder) as scratch:
        file, folder = Path(scratch) / "orders.csv", Path(scratch) / "run"
        write_file(file, said.lines)
        print(f"{said.lines:,} lines, {file.stat().st_size / 1e6:,.0f} MB")
        typed, ours, memory = [], [], []
        for i in range(said.rounds):
            typed.append(measure(load_typed, file, folder)[0])
            seconds, peak = measure(bring_in, file, folder)
            ours.append(seconds)
            memory.append(peak)
            print(f"round {i + 1}: typed load {typed[-1]:.1f} s, import {seconds:.1f} s, {peak:,.0f} MiB at most")
    ratio = statistics.median(typed) / statistics.median(ours)
    print(f"medians: typed load {statistics.median(typed):.1f} s, import {statistics.median(ours):.1f} s: "
          f"{ratio:.0%} of its speed, {max(memory):,.0f} MiB at most")


if __name__ == "__main__":
    main()
