"""Which pairs are looked at: those with something in common that few others have, never everybody with everybody."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.intake.rows import make_temp

MOST_ALIKE = 20
"""What more customers than this have in common says nothing of two of them."""
ENDING = 8
"""Of two numbers that are one, so many last digits are the same, whether or not the country's code is there."""
KEYS: Mapping[str, str] = {
    "mailbox": "unnest(boxes)",
    "phone": f"right(unnest(phones), {ENDING})",
    "name and postcode": "name || ' ' || postcode",
    "name and street": "name || ' ' || street",
    "name and birth date": "name || ' ' || birth",
    "family name and birth date": "family || ' ' || birth",
    "family name and street": "family || ' ' || street",
    "postcode and birth date": "postcode || ' ' || birth",
    "name and mail name": "name || ' ' || unnest(mail_names)",
}
"""What two have to have in common to be compared: an expression over ``same_cards``. Several, since one may be
misspelt: https://moj-analytical-services.github.io/splink/topic_guides/blocking/blocking_rules.html."""
NAME = "name"
"""The name alone proposes a pair only where of one of them nothing else is known."""


def make_candidates(engine: DuckDBEngine) -> int:
    """Temp table ``same_tried`` (one, other: numbers of cards; ``sharing``: how many have the telephone number or
    mailbox that they have in common). Returns in how many groups more have something in common than are compared."""
    selects = [f"SELECT {literal(kind)} AS kind, n, hash({sql}) AS key FROM same_cards" for kind, sql in KEYS.items()]
    named = "SELECT name FROM same_cards WHERE bare"
    selects.append(f"SELECT {literal(NAME)}, n, hash(name) FROM same_cards WHERE name IN ({named})")
    make_temp(engine, "same_keys", f"SELECT DISTINCT * FROM ({' UNION ALL '.join(selects)}) WHERE key IS NOT NULL "
                                   f"AND key <> hash(NULL::VARCHAR)")
    make_temp(engine, "same_groups", "SELECT kind, key, count(*) AS size FROM same_keys GROUP BY ALL "
                                     "HAVING count(*) > 1")
    make_temp(engine, "same_kept_keys", "SELECT kind, key, size, n FROM same_keys JOIN same_groups USING (kind, key) "
                                        f"WHERE size <= {MOST_ALIKE}")
    make_temp(engine, "same_tried", f"""
        SELECT a.n AS one, b.n AS other, min(a.size) FILTER (a.kind = 'phone') AS sharing_phone,
            min(a.size) FILTER (a.kind = 'mailbox') AS sharing_mailbox,
            bool_or(a.kind <> {literal(NAME)}) AS by_more
        FROM same_kept_keys a JOIN same_kept_keys b ON a.kind = b.kind AND a.key = b.key AND a.n < b.n GROUP BY 1, 2""")
    return int(engine.value(f"SELECT count(*) FROM same_groups WHERE size > {MOST_ALIKE}"))
