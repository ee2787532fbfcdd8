"""The CDNOW sample of Fader and Hardie as a shop: the data of the papers whose figures are reproduced."""

from __future__ import annotations

import gzip
from pathlib import Path

from regulars.model.settings import Settings
from regulars.shop import Shop
from tests.realdata import realdata


def make_cdnow(folder: Path) -> Shop:
    """2,357 customers of early 1997 with their orders until 1998-06-30."""
    lines = ["order_id,customer_id,at,status,total"]
    with gzip.open(realdata("cdnow/CDNOW_sample.txt.gz"), "rt", encoding="ascii") as file:
        for number, line in enumerate(file):
            _, customer, day, _, paid = line.split()
            lines.append(f"S{number},{customer},{day[:4]}-{day[4:6]}-{day[6:]},paid,{paid}")
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="ascii")
    shop = Shop.create(folder / "shop", Settings(currency="USD", timezone="America/New_York", country="US"))
    shop.import_file(folder / "orders.csv", as_="orders", now="1998-07-01")
    return shop
