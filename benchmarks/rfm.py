"""How fast customers are scored: RFM of a shop's orders, beside the summary ``lifetimes`` makes of the same orders.

    python -m benchmarks.rfm [--orders 10000000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data

from benchmarks.value import timed
from regulars import Shop
from regulars.model.settings import Settings

NOW = "2026-11-22T14:30"


def fill(folder: Path, orders: int) -> Shop:
    """A tenth as many customers as orders, over three years, clustered by customer as an import leaves them."""
    shop = Shop.create(folder, Settings(name="Benchmark", currency="EUR", timezone="UTC", country="NL"))
    shop.engine.execute(f"""INSERT INTO orders (order_id, customer_id, "at", status, total, counted) SELECT 'O' || i,
        'C' || lpad((hash(i) % {orders // 10})::VARCHAR, 8, '0') AS c,
        TIMESTAMP '2023-11-22' + to_seconds((hash(i * 7) % 94608000)::BIGINT) AS t, 'paid',
        5 + (hash(i * 31) % 20000) / 100.0, true FROM range({orders}) t(i) ORDER BY c, t""")
    shop.engine.execute("INSERT INTO customers (customer_id, described, kind) SELECT DISTINCT customer_id, true, "
                        "'customer' FROM orders")
    shop.engine.execute("CHECKPOINT")
    return shop


def summary(orders: pd.DataFrame) -> pd.DataFrame:
    return summary_data_from_transaction_data(orders, "customer_id", "at", "total", observation_period_end="2026-11-22")


def main() -> None:
    """Print seconds of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp()) / "shop"
    shop = fill(folder, options.orders)
    frame = shop.engine.query('SELECT customer_id, "at", total::DOUBLE AS total FROM orders').to_pandas()
    pairs = [(timed(lambda: shop.insight("rfm", NOW)), timed(lambda: summary(frame))) for _ in range(options.rounds)]
    own, other = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    print(f"RFM of {options.orders:,} orders: {own:.2f} s, lifetimes {other:.2f} s: {other / own:.1f} times as fast")
    shop.close()
    shutil.rmtree(folder.parent)


if __name__ == "__main__":
    main()
