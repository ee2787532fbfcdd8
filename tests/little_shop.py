"""A shop of five people, small enough to count by hand.

| who | city | orders that count | spent | last |
|---|---|---|---|---|
| C1 Ada Bloem | Utrecht | ten of 20.00, on the 10th of January to October 2026 | 200.00 | 2026-10-10 |
| C2 Bram de Wit | Utrecht | one of 35.50 on 2026-11-15 in the store | 35.50 | 2026-11-15 |
| C3 Çiğdem Ünal | Amsterdam | one of 10.00 on 2026-05-01; one of 999.00 was cancelled | 10.00 | 2026-05-01 |
| C4 宮崎 花 | (not known) | one of 12.34 on 2025-01-05 | 12.34 | 2025-01-05 |
| C5 Eva Smit | Amsterdam | none: a subscriber | 0 | |
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from regulars.model.settings import Settings
from regulars.shop import Shop

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""13:00 in the shop."""
SETTINGS = Settings(name="Little shop", currency="EUR", timezone="Europe/Amsterdam", country="NL")
FILES = Path(__file__).resolve().parents[1] / "data" / "little_shop"


def write_files(folder: Path) -> tuple[Path, Path]:
    """The shop as two files, copied."""
    folder.mkdir(parents=True, exist_ok=True)
    customers, orders = (Path(shutil.copy(FILES / f"{name}.csv", folder)) for name in ("customers", "orders"))
    return customers, orders


def make_shop(folder: Path) -> Path:
    """The shop at ``folder / "shop"``, its files in ``folder / "in"``."""
    with Shop.create(folder / "shop", SETTINGS) as shop:
        for path in write_files(folder / "in"):
            shop.import_file(path, now=NOW)
    return folder / "shop"
