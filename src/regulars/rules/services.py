"""What stands on orders and is no product: postage, fees, corrections, known by what they are called.

Analyses and messages leave it out of what people like; the rule language does not, for there a line is a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.rules.subjects import fold

SERVICES = re.compile(
    r"\b(postage|shipping|bank charges|ongkir|ongkos kirim|biaya kirim|доставка|ڈاک خرچ|ترسیل کا خرچ)\b"
    r"|^((next day )?carriage|delivery( (fee|charge|cost)s?)?|manual|(amazon|service|handling|small order) fees?"
    r"|biaya layanan|сервисный сбор|adjust(ment)?( .*)?|discount|diskon|скидка|رعایت|samples?)$")
"""By the folded name."""
NAME = "coalesce({products}.name, {lines}.product_name, {lines}.product_id)"


def is_service(name: str) -> bool:
    return bool(SERVICES.search(fold(name)))


def products_only(engine: DuckDBEngine, lines: str, products: str) -> str:
    """Whether a line is of a product, in SQL, of these aliases of the two tables."""
    names = engine.rows(f"SELECT DISTINCT {NAME.format(lines='l', products='p')} FROM lines l LEFT JOIN products p "
                        "USING (product_id)")
    return products_among((name for (name,) in names), lines, products)


def products_among(names: Iterable[str | None], lines: str, products: str) -> str:
    """The same, where these are all the `NAME` that the lines have.

    Names are looked through here: the engine's own patterns know no words but those of Latin letters.
    """
    none = sorted(name for name in names if name and is_service(name))
    if not none:
        return "true"
    listed = ", ".join(literal(name) for name in none)
    return f"coalesce({NAME.format(lines=lines, products=products)} NOT IN ({listed}), true)"
