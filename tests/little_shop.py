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

from datetime import UTC, datetime
from pathlib import Path

from regulars.model.settings import Settings
from regulars.shop import Shop

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""13:00 in the shop."""
SETTINGS = Settings(name="Little shop", currency="EUR", timezone="Europe/Amsterdam", country="NL")
CUSTOMERS = """customer_id,name,email,phone,gender,birth_date,city,country,kind,email_consent
C1,Ada Bloem,ada@example.com,+31 30 234 5678,female,1990-03-01,Utrecht,NL,customer,yes
C2,Bram de Wit,bram@example.com,,male,1985-11-25,Utrecht,NL,customer,no
C3,Çiğdem Ünal,cigdem@example.org,,female,,Amsterdam,NL,customer,yes
C4,宮崎 花,hana@example.net,,,,,JP,customer,
C5,Eva Smit,eva@example.com,,female,2001-07-07,Amsterdam,NL,subscriber,yes
"""
ORDERS = "order_id,customer_id,at,status,channel,total\n" + "".join(
    f"A{month},C1,2026-{month:02}-10 10:00,paid,online,20.00\n" for month in range(1, 11)) + """\
B1,C2,2026-11-15 15:30,paid,store,35.50
D1,C3,2026-05-01 09:00,paid,online,10.00
D2,C3,2026-06-01 09:00,cancelled,online,999.00
E1,C4,2025-01-05 09:00,paid,phone,12.34
"""


def write_files(folder: Path) -> tuple[Path, Path]:
    """The shop as two files."""
    folder.mkdir(parents=True, exist_ok=True)
    customers, orders = folder / "customers.csv", folder / "orders.csv"
    customers.write_text(CUSTOMERS, encoding="utf-8")
    orders.write_text(ORDERS, encoding="utf-8")
    return customers, orders


def make_shop(folder: Path) -> Path:
    """The shop at ``folder / "shop"``, its files in ``folder / "in"``."""
    with Shop.create(folder / "shop", SETTINGS) as shop:
        for path in write_files(folder / "in"):
            shop.import_file(path, now=NOW)
    return folder / "shop"
