"""How much speaks for two customers being one person: a sum of weights, a field each.

After I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage", JASA 64 (1969), 1183-1210: a field in which two
agree weighs log2(m / u), where m is how often two rows of one person agree in it and u how often two people do. How
often two people agree is counted in the shop, value by value, so that a rare name weighs more than a common one (W. E.
Winkler's frequency weights; https://moj-analytical-services.github.io/splink/topic_guides/comparisons/term-frequency.html).
The m are set, not learned: a shop of 300 has too few pairs to learn them from.
"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.engines.duckdb import DuckDBEngine, literal
from regulars.intake.rows import make_temp

TOWN = 10_000
"""A shop is looked at as a part of a town of so many people: among fifty customers every name is rare."""
TWICE = 0.1
"""So many of the customers are taken to be there twice, before anything is looked at."""
POSSIBLE, LIKELY, SURE = 0.0, 3.3, 10.0
"""From these sums on it is more likely than not, ten to one, a thousand to one."""
AGAINST = -3.0
"""A field that weighs less says clearly that they are two."""


@dataclass(frozen=True)
class Level:
    """``holds`` and ``bits`` are SQL over two cards ``a`` and ``b``, and how many have what they have in common."""

    code: str
    holds: str
    bits: str


@dataclass(frozen=True)
class Field:
    """The first level that holds counts; where none does, the field is not known of both and weighs nothing."""

    name: str
    levels: tuple[Level, ...]

    def sql(self, column: str) -> str:
        """The code or the bits of the level that holds."""
        cases = " ".join(f"WHEN {x.holds} THEN {literal(x.code) if column == 'code' else x.bits}" for x in self.levels)
        return f"CASE {cases} {'' if column == 'code' else 'ELSE 0'} END"


def rarity(m: float, having: str, least: float) -> str:
    """log2(m / u), where u is the part of the town that has it: ``having`` others do, ``least`` at the least."""
    return f"log2({m} * everybody / greatest({having} - 1, {least}))"


def by_sharing(m: float, sharing: str) -> str:
    """The same of what `make_candidates` counted; nothing of what more have than are compared."""
    return f"CASE WHEN {sharing} IS NULL THEN 0 ELSE {rarity(m, sharing, 1)} END"


ALIKE = "jaro_winkler_similarity({a}, {b}) >= {least}"
FAMILY = f"({ALIKE.format(a='a.family', b='b.family', least=.9)})"
GIVEN = f"({ALIKE.format(a='a.given', b='b.given', least=.9)})"
INITIAL = "(least(length(a.given), length(b.given)) = 1 AND left(a.given, 1) = left(b.given, 1))"
SAME_PHONE = ("len(list_filter(a.phones, x -> len(list_filter(b.phones, y -> ends_with(x, y) OR ends_with(y, x))) "
              "> 0)) > 0")
SAME_STREET = "(a.street = b.street AND coalesce(a.postcode = b.postcode, a.city = b.city, true))"

NAMES_ALIKE = f"(a.name = b.name OR {FAMILY} AND ({GIVEN} OR {INITIAL}))"
STREET_BITS = rarity(.6, "3", 3)

FIELDS = (
    Field("name", (
        Level("same", "a.name = b.name", rarity(.8, "p.having_name", 1)),
        Level("near", f"{FAMILY} AND {GIVEN} OR {ALIKE.format(a='a.name', b='b.name', least=.95)}",
              rarity(.1, "greatest(p.having_name, 2)", 10)),
        Level("initial", f"a.family = b.family AND {INITIAL}", rarity(.75, "p.having_family", 2)),
        Level("relative", f"{FAMILY}", "-4"),
        Level("other", "a.name IS NOT NULL AND b.name IS NOT NULL", "-5"))),
    Field("mail", (
        # A mailbox is one person's: that two people write one of the shop's customers' addresses is a thousand times
        # rarer than that they have a thing in common by chance.
        Level("same", "list_has_any(a.boxes, b.boxes)", by_sharing(900, "p.sharing_mailbox")),
        Level("namesake", "list_has_any(a.mail_names, b.mail_names)", "4"),
        Level("other", "a.boxes IS NOT NULL AND b.boxes IS NOT NULL", "-1"))),
    Field("phone", (
        # Twenty times rarer than chance; half of those who share one live together.
        Level("same", SAME_PHONE, by_sharing(12, "p.sharing_phone")),
        Level("other", "a.phones IS NOT NULL AND b.phones IS NOT NULL", "-1"))),
    Field("address", (
        Level("street", SAME_STREET, STREET_BITS),
        Level("postcode", "a.postcode = b.postcode", rarity(.8, "p.having_postcode", 20)),
        Level("moved", "a.postcode <> b.postcode", "-2"),
        Level("town", "a.city = b.city", "2"),
        Level("elsewhere", "a.city <> b.city", "-2"))),
    Field("birth", (
        Level("same", "a.birth = b.birth", "least(14, log2(.95 * everybody / greatest(p.having_birth - 2, .5)))"),
        Level("other", "a.birth <> b.birth", "-6"))),
    # Who live together share both: with another name the one says nothing that the other did not.
    Field("household", (Level("household", f"NOT {NAMES_ALIKE} AND ({SAME_STREET} OR a.postcode = b.postcode) AND "
                              f"{SAME_PHONE}", f"-({STREET_BITS})"),)),
    Field("bare", (Level("bare", "a.bare OR b.bare", "5"),)),
)


def weigh(engine: DuckDBEngine, customers: int) -> None:
    """Temp table ``same_weighed`` out of ``same_tried``: one, other (ids, the smaller first), a code and bits for each
    field, and their sum ``bits`` with what was likely before; pairs that are less likely than not are left out."""
    for column in ("name", "family", "postcode", "birth"):
        make_temp(engine, f"same_having_{column}", f"SELECT {column}, count(*) AS having_{column} FROM same_cards "
                                                   f"WHERE {column} IS NOT NULL GROUP BY 1")
    make_temp(engine, "same_compared", """
        SELECT p.*, hn.having_name, hf.having_family, hp.having_postcode, hb.having_birth FROM same_tried p
        JOIN same_cards a ON a.n = p.one JOIN same_cards b ON b.n = p.other
        LEFT JOIN same_having_name hn ON hn.name = a.name LEFT JOIN same_having_family hf ON hf.family = a.family
        LEFT JOIN same_having_postcode hp ON hp.postcode = a.postcode LEFT JOIN same_having_birth hb ON
        hb.birth = a.birth WHERE p.by_more OR a.bare OR b.bare""")
    fields = ", ".join(f"{f.sql('code')} AS {f.name}, {f.sql('bits')} AS {f.name}_bits" for f in FIELDS)
    everybody = customers + TOWN
    total = " + ".join(f"{f.name}_bits" for f in FIELDS)
    make_temp(engine, "same_weighed", f"""
        SELECT *, {total} + log2({TWICE} / {everybody}.0) AS bits FROM (
            SELECT least(a.customer_id, b.customer_id) AS one, greatest(a.customer_id, b.customer_id) AS other, {fields}
            FROM same_compared p JOIN same_cards a ON a.n = p.one JOIN same_cards b ON b.n = p.other,
                (SELECT {everybody}.0 AS everybody)) WHERE bits >= {POSSIBLE}""")
