"""How long it takes from a file to the report's page, and how much memory: the whole command, in a process of its own.

    python -m benchmarks.report [--file online_retail.parquet] [--rounds 1]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.realdata import FOLDER

TAKES = {"seconds": 60.0, "GiB": 4.0}
"""What it is to stay under, on two cores."""


def measured(file: Path) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of processor, and GiB at most, of one run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from regulars.cli import main; main()", "report", str(file), "-o",
                   str(Path(folder) / "report.html")]
        began = time.perf_counter()
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(running.pid, 0)
        took = time.perf_counter() - began
    if status:
        raise SystemExit("The report failed.")
    return took, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=FOLDER / "online_retail" / "online_retail.parquet")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    runs = [measured(options.file) for _ in range(options.rounds)]
    took, used, memory = (statistics.median(run[i] for run in runs) for i in range(3))
    print(f"From {options.file.name} to the page: {took:.1f} s ({used:.1f} s of processor), {memory:.2f} GiB; "
          f"to stay under {TAKES['seconds']:.0f} s and {TAKES['GiB']:.0f} GiB")


if __name__ == "__main__":
    main()
