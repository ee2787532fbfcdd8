"""Who the rows of a file speak of: e-mail addresses, phone numbers and ids, joined into customers.

The file's distinct combinations of hints, together with the identities the shop knows, are the edges of a graph; each
connected part is one person. Combinations nobody else shares a hint with are settled in the engine, only the entangled
ones are walked here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.intake import findings
from regulars.intake.apart import apart
from regulars.intake.incoming import LINKING, Incoming
from regulars.intake.prepared import Finding
from regulars.intake.rows import is_empty, make_temp
from regulars.intake.union import VISITOR, Component, Known, Link, join_up
from regulars.model.later import later
from regulars.model.settings import Settings

phonenumbers = later("phonenumbers")
SHARED_BY_TOO_MANY = 5
"""One address used with more ids than this is a till's or an office's, and says nothing of who it was."""

SHORTEST = 7
"""A number of fewer digits, its country aside, is an extension or a short code: many people have the same."""

ERASED = "erased:"
PREFIXES = {"email": "e-", "phone": "p-"}


@dataclass(frozen=True)
class Merge:
    """Two customers that proved to be one: ``reason`` is the identity both had."""

    kept: str
    absorbed: str
    reason: str


@dataclass(frozen=True)
class Who:
    """Temp table ``who``: hints -> ``customer``, ``weak`` (an id that was merged into another), ``gone`` (erased).

    ``hints`` are those it can be joined on; none of them: nobody is named. ``named``: the file gives nothing but names.
    """

    hints: tuple[str, ...]
    plain: bool
    named: bool
    matched: int
    new: int
    merges: tuple[Merge, ...]
    findings: tuple[Finding, ...]

    def join(self, incoming: Incoming, table: str, alias: str, name: str = "w") -> tuple[str, str]:
        """What to add to FROM, and the expression of the customer, for a relation with that table's hints."""
        usable = [h for h in incoming.hints(table) if h in self.hints]
        hints = [h for h in usable if h != "id_name" or self.named or table == "customers"]
        if not hints:
            return "", "NULL::VARCHAR"
        if self.plain:
            return "", f"{alias}.customer_id"
        if len(self.hints) == 1:
            return f"LEFT JOIN who {name} ON {name}.{hints[0]} = {alias}.{hints[0]}", f"{name}.customer"
        same = " AND ".join(f"{name}.{h} IS NOT DISTINCT FROM {alias}.{h}" if h in hints else f"{name}.{h} IS NULL"
                            for h in self.hints)
        return f"LEFT JOIN who {name} ON {same}", f"{name}.customer"


NOBODY = Who((), False, False, 0, 0, (), ())


def token(kind: str, value: str) -> str:
    """An identity that cannot be read back: what is kept of someone who was erased."""
    return hashlib.blake2b(f"{kind}:{value}".encode(), digest_size=16, person=b"regulars").hexdigest()


def made_id(kind: str, value: str) -> str:
    """The customer id of someone first known by this identity; the same identity always gives the same id."""
    if kind == "id":
        return value
    if kind in PREFIXES:
        return PREFIXES[kind] + hashlib.blake2b(value.encode()).hexdigest()[:12]
    if kind.startswith("name:"):
        return "n-" + hashlib.blake2b(value.encode()).hexdigest()[:12]
    return f"{kind}-{value}"


def e164(text: str, country: str) -> str | None:
    """A phone number as the world dials it, or None where it is none; one without a country code is of ``country``."""
    try:
        number = phonenumbers.parse(text, country.upper())
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    if not phonenumbers.is_possible_number(number) or len(national) < SHORTEST or _filler(national):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _filler(national: str) -> bool:
    """What people type where a form wants a number: one digit over and over, or digits counted up or down."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(national)}
    return len(set(national[-6:])) == 1 or steps in ({1}, {9})


def resolve(engine: DuckDBEngine, incoming: Incoming, settings: Settings, import_id: str) -> Who:
    """Find or make the customer of every combination of hints in the file, and note their identities."""
    hints, named = _hints_in_use(engine, incoming)
    engine.execute("CREATE OR REPLACE TEMP TABLE who_new (customer_id VARCHAR)")
    engine.execute("CREATE OR REPLACE TEMP TABLE who_links (n BIGINT, kind VARCHAR, value VARCHAR, strength INTEGER)")
    if not hints:
        return Who((), False, False, 0, 0, (), ())
    _gather(engine, incoming, hints, named)
    _link(engine, incoming, hints, settings)
    findings = _drop_shared(engine) if len(hints) > 1 else ()
    _forget_erased(engine)
    _know(engine, named)
    merges = _settle_entangled(engine) if len(hints) > 1 else ()
    _settle_simple(engine)
    matched, new = _note(engine, hints, import_id)
    return Who(hints, hints == ("customer_id",) and _is_plain(engine), named, matched, new, merges, findings)


def _hints_in_use(engine: DuckDBEngine, incoming: Incoming) -> tuple[tuple[str, ...], bool]:
    """The hints that link, and whether these are names only; else names serve people described by nothing else."""
    found = set()
    relations = _relations(incoming)
    for table, relation in relations.items():
        for hint in incoming.hints(table):
            if hint not in found and engine.rows(f"SELECT 1 FROM {quoted(relation)} WHERE {hint} IS NOT NULL LIMIT 1"):
                found.add(hint)
    linking = tuple(h for h in LINKING if h in found)
    if not linking:
        return (("id_name",) if "id_name" in found else ()), True
    nameless = "id_name" in incoming.hints("customers") and engine.rows(
        f"SELECT 1 FROM {quoted(relations['customers'])} WHERE id_name IS NOT NULL LIMIT 1")
    return (*linking, "id_name") if nameless else linking, False


def _relations(incoming: Incoming) -> Mapping[str, str]:
    """Where each table's hints are read: of lines, one row an order."""
    return {t: "lined" if t == "lines" else r for t, r in incoming.relations.items() if incoming.hints(t)}


def _gather(engine: DuckDBEngine, incoming: Incoming, hints: tuple[str, ...], named: bool) -> None:
    parts = []
    for table, relation in _relations(incoming).items():
        has = [h for h in incoming.hints(table) if h != "id_name" or named or table == "customers"]
        columns = ", ".join(h if h in has else f"NULL::VARCHAR AS {h}" for h in hints)
        parts.append(f"SELECT DISTINCT {columns} FROM {quoted(relation)}")
    given = " OR ".join(f"{h} IS NOT NULL" for h in hints)
    make_temp(engine, "who_seen", f"SELECT row_number() OVER () AS n, * FROM (SELECT DISTINCT * FROM "
              f"({' UNION ALL '.join(parts)}) WHERE {given})")


def _link(engine: DuckDBEngine, incoming: Incoming, hints: tuple[str, ...], settings: Settings) -> None:
    """``who_links``: each combination's identities, cleaned (n, kind, value, strength)."""
    parts = []
    if "customer_id" in hints:
        parts.append("SELECT n, 'id' AS kind, customer_id AS value, 0 AS strength FROM who_seen")
    if "id_platform" in hints:
        parts.append("SELECT n, lower(split_part(id_platform, ':', 1)), substr(id_platform, strpos(id_platform, "
                     "':') + 1), 1 "
                     "FROM who_seen WHERE contains(id_platform, ':')")
    if "id_email" in hints:
        parts.append("SELECT n, 'email', fold(id_email), 2 FROM who_seen WHERE contains(id_email, '@')")
    if "id_phone" in hints:
        _dial(engine, settings.country)
        parts.append("SELECT n, 'phone', e164, 3 FROM who_seen JOIN dialled USING (id_phone)")
    if "id_name" in hints:
        kind = literal(f"name:{incoming.prepared.platform or 'file'}")
        parts.append(f"SELECT n, {kind}, fold(id_name), 4 FROM who_seen")
    make_temp(engine, "who_links", f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS l(n, kind, value, strength) "
                                   f"WHERE value IS NOT NULL AND "
                                   f"value <> ''")


def _dial(engine: DuckDBEngine, country: str) -> None:
    raw = engine.query("SELECT DISTINCT id_phone FROM who_seen WHERE id_phone IS NOT NULL").column(0).to_pylist()
    dialled = [(r, e164(r, country)) for r in raw]
    _load(engine, "dialled", {"id_phone": [r for r, d in dialled if d], "e164": [d for _, d in dialled if d]})


def _load(engine: DuckDBEngine, name: str, columns: Mapping[str, Sequence[object]]) -> None:
    """A temp table out of Python values: text, or whole numbers where the first is one."""
    arrays = {k: pa.array(v, pa.int64() if k == "n" else pa.string()) for k, v in columns.items()}
    engine.register("loading", pa.table(arrays))
    try:
        make_temp(engine, name, "SELECT * FROM loading")
    finally:
        engine.unregister("loading")


def _drop_shared(engine: DuckDBEngine) -> tuple[Finding, ...]:
    """An address that goes with many ids, or a phone number with many addresses, says nothing of who it was."""
    make_temp(engine, "who_shared", "SELECT a.kind, a.value, count(DISTINCT b.value) AS others FROM who_links a "
              "JOIN who_links b ON a.n = b.n AND b.strength < a.strength WHERE a.kind IN ('email', 'phone') "
              f"GROUP BY a.kind, a.value, b.kind HAVING count(DISTINCT b.value) > {SHARED_BY_TOO_MANY}")
    shared = engine.rows("SELECT kind, value, max(others) FROM who_shared GROUP BY ALL ORDER BY 3 DESC, 2")
    if not shared:
        return ()
    engine.execute("DELETE FROM who_links l USING who_shared s WHERE s.kind = l.kind AND s.value = l.value")
    kind, value, others = shared[0]
    return (findings.shared_contact(len(shared), kind, value, others),)


def _forget_erased(engine: DuckDBEngine) -> None:
    """Whoever was erased is not brought back by an old file."""
    make_temp(engine, "who_erased", "SELECT NULL::BIGINT AS n WHERE false")
    keys = engine.rows("SELECT key FROM meta WHERE starts_with(key, ?)", [ERASED])
    if not keys:
        return
    erased = {k.removeprefix(ERASED) for (k,) in keys}
    links = engine.rows("SELECT DISTINCT kind, value FROM who_links")
    gone = [(k, v) for k, v in links if token(k, v) in erased]
    _load(engine, "who_gone", {"kind": [k for k, _ in gone], "value": [v for _, v in gone]})
    make_temp(engine, "who_erased", "SELECT DISTINCT n FROM who_links JOIN who_gone USING (kind, value)")
    engine.execute("DELETE FROM who_links WHERE n IN (SELECT n FROM who_erased)")


def _know(engine: DuckDBEngine, named: bool) -> None:
    """``who_known``: for each identity in the file, in how many combinations it is, and whose it is already."""
    owner = "i.customer_id"
    names = ""
    if named:
        owner = "coalesce(i.customer_id, c.customer_id)"
        names = ("LEFT JOIN (SELECT fold(name) AS value, min(customer_id) AS customer_id FROM customers "
                 "WHERE name IS NOT NULL GROUP BY 1 HAVING count(*) = 1) c ON c.value = l.value")
    known = "LEFT JOIN identities i ON i.kind = l.kind AND i.value = l.value"
    if is_empty(engine, "identities"):
        known, owner = "", "c.customer_id" if named else "NULL::VARCHAR"
    make_temp(engine, "who_known", f"SELECT l.kind, l.value, l.strength, l.combinations, {owner} AS customer "
                                   f"FROM (SELECT "
              f"kind, value, min(strength) AS strength, count(*) AS combinations FROM who_links GROUP BY kind, "
              f"value) l {known} {names}")
    make_temp(engine, "who_is", "SELECT NULL::BIGINT AS n, NULL::VARCHAR AS customer WHERE false")


def _settle_entangled(engine: DuckDBEngine) -> tuple[Merge, ...]:
    """Combinations that share an identity, bring two known customers together, say who a visitor is, or give another
    number of the shop's own to somebody who has one: then two were one, and can be taken apart again."""
    make_temp(engine, "entangled", "SELECT l.n FROM who_links l JOIN who_known k USING (kind, value) GROUP BY l.n "
              "HAVING max(k.combinations) > 1 OR count(DISTINCT k.customer) > 1 OR "
              f"(bool_and(k.customer IS NULL OR starts_with(k.customer, {literal(VISITOR)})) "
              f"AND bool_or(starts_with(k.customer, {literal(VISITOR)})) AND bool_or(l.kind <> 'anonymous')) OR "
              "(bool_or(l.kind = 'id' AND k.customer IS NULL) AND max(k.customer) IN (SELECT customer_id FROM "
              "identities WHERE kind = 'id'))")
    rows = engine.rows("SELECT l.n, l.kind, l.value, l.strength, k.customer FROM who_links l SEMI JOIN "
                       "entangled USING (n) "
                       "JOIN who_known k USING (kind, value) ORDER BY l.n, l.strength, l.kind, l.value")
    if not rows:
        return ()
    links = [Link(n, kind, value, strength, customer) for n, kind, value, strength, customer in rows]
    found = join_up(links, described(engine, {x.customer for x in links if x.customer}), apart(engine), made_id)
    _load(engine, "who_joined", {"n": list(found.customers), "customer": list(found.customers.values())})
    engine.execute("INSERT INTO who_is SELECT * FROM who_joined")
    return tuple(_merges(found.components))


def _merges(components: Iterable[Component]) -> Iterable[Merge]:
    for part in components:
        for absorbed in part.atoms[1:]:
            yield Merge(part.atoms[0], absorbed, part.reasons[absorbed])


def described(engine: DuckDBEngine, customers: Collection[str]) -> dict[str, Known]:
    """How long each of these is known: of two that are one, the older stays."""
    if not customers:
        return {}
    engine.register("asked", pa.table({"customer_id": pa.array(sorted(customers), pa.string())}))
    try:
        rows = engine.rows('SELECT customer_id, described, coalesce("at", signed_up_at, first_seen) FROM customers '
                           "SEMI JOIN asked USING (customer_id)")
    finally:
        engine.unregister("asked")
    return {customer: Known(bool(said), since) for customer, said, since in rows}


def _settle_simple(engine: DuckDBEngine) -> None:
    """Combinations nothing else in the file touches: the known customer, else a new one by the strongest identity."""
    make_temp(engine, "who_simple", "SELECT l.n, max(k.customer) AS customer, arg_min(struct_pack(kind := l.kind, "
              "value := l.value), struct_pack(s := l.strength, k := l.kind, v := l.value)) AS strongest FROM "
              "who_links l "
              "JOIN who_known k USING (kind, value) WHERE l.n NOT IN (SELECT n FROM who_is) GROUP BY l.n")
    engine.execute("INSERT INTO who_is SELECT n, coalesce(customer, CASE WHEN strongest.kind = 'id' THEN "
                   "strongest.value "
                   "ELSE strongest.kind || '-' || strongest.value END) FROM who_simple WHERE customer IS NOT NULL OR "
                   "NOT (strongest.kind IN ('email', 'phone') OR starts_with(strongest.kind, 'name:'))")
    rest = engine.query("SELECT n, strongest.kind AS kind, strongest.value AS value FROM who_simple "
                        "WHERE n NOT IN (SELECT n FROM who_is)")
    pairs = zip(rest.column(1).to_pylist(), rest.column(2).to_pylist(), strict=True)
    _load(engine, "who_made", {"n": rest.column(0).to_pylist(), "customer": [made_id(k, v) for k, v in pairs]})
    engine.execute("INSERT INTO who_is SELECT * FROM who_made")


def _note(engine: DuckDBEngine, hints: Sequence[str], import_id: str) -> tuple[int, int]:
    """Write new customers and identities, and ``who``; returns how many customers were matched, how many are new."""
    strong = [("customer_id", "customer_id"), ("id_platform", "replace(id_platform, ':', '-')")]
    absorbed = " OR ".join(f"{sql} IN (SELECT absorbed FROM merges WHERE undone_at IS NULL)"
                           for hint, sql in strong if hint in hints) or "false"
    make_temp(engine, "who", f"SELECT {', '.join(hints)}, customer, coalesce({absorbed}, false) AS weak, "
              "n IN (SELECT n FROM who_erased) AS gone FROM who_seen LEFT JOIN who_is USING (n)")
    make_temp(engine, "who_people", "SELECT DISTINCT customer AS customer_id FROM who_is")
    make_temp(engine, "who_new", "SELECT customer_id FROM who_people ANTI JOIN customers USING (customer_id) "
                                 "ORDER BY 1")
    new = int(engine.value("SELECT count(*) FROM who_new"))
    matched = int(engine.value("SELECT count(*) FROM who_people")) - new
    _add(engine, "id_name" in hints, import_id)
    make_temp(engine, "who_noted", "SELECT kind, value, min(customer) AS customer FROM who_links JOIN who_is USING (n) "
              "ANTI JOIN identities USING (kind, value) GROUP BY kind, value ORDER BY kind, value")
    engine.execute("INSERT INTO identities SELECT kind, value, customer, ? FROM who_noted", [import_id])
    return matched, new


def _add(engine: DuckDBEngine, named: bool, import_id: str) -> None:
    """The new customers; by the name an order gave, of whom nothing else is told."""
    names = ("LEFT JOIN (SELECT w.customer AS customer_id, min(s.id_name) AS name FROM who_is w JOIN who_seen s USING "
             "(n) GROUP BY 1) USING (customer_id)") if named else ""
    engine.execute(f"INSERT INTO customers (customer_id, described, {'name, ' if named else ''}source) SELECT "
                   f"customer_id, false, {'name, ' if named else ''}? FROM who_new {names} ORDER BY customer_id",
                   [import_id])


def _is_plain(engine: DuckDBEngine) -> bool:
    """The shop's own id is the customer's, for everyone in the file."""
    return not engine.rows("SELECT 1 FROM who WHERE customer <> customer_id LIMIT 1") and not engine.rows(
        "SELECT 1 FROM who_seen WHERE n NOT IN (SELECT n FROM who_is) LIMIT 1")
