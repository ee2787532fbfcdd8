"""Who live messages speak of: what `identify`, `group`, `alias` and words of consent say of customers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from regulars.engines.duckdb import SQL_TYPES, DuckDBEngine, literal, quoted
from regulars.intake import reasons
from regulars.intake.identities import Merge
from regulars.intake.live import values
from regulars.intake.live.standard import Consent, Standard
from regulars.intake.people import CONSENTS
from regulars.intake.prepared import OwnField
from regulars.intake.rows import make_temp
from regulars.intake.sources.own import SPOKEN_FOR, slug
from regulars.model.tables import ACCOUNTS, CUSTOMERS, Table
from regulars.model.types import Type

MOST_OWN = 200
"""Columns and properties of the shop's own that live messages may bring to a table: what is beyond them is left out."""
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "street": ("traits.address.street",),
    "city": ("traits.address.city",),
    "region": ("traits.address.state", "traits.state"),
    "country": ("traits.address.country",),
    "postcode": ("traits.address.postalCode", "traits.address.postal_code", "traits.zip"),
    "birth_date": ("traits.birthday", "traits.dateOfBirth"),
    "signed_up_at": ("traits.createdAt", "traits.created_at"),
    "account_id": ("traits.company.id",),
    "language": ("traits.locale", "context.locale"),
    "email_consent": ("traits.email_opt_in", "traits.accepts_marketing", "traits.newsletter"),
    "sms_consent": ("traits.sms_opt_in",),
    "phone": ("traits.phone_number",),
}
OF_ACCOUNTS: Mapping[str, tuple[str, ...]] = {"employees": ("traits.employee_count",), "stage": ("traits.stage",)}
CAMEL = re.compile(r"([a-z0-9])([A-Z])")
UNASKED = frozenset({"customer_id", "at", "kind", "referred_by"})
NO_FIELDS = frozenset({"id", "avatar", "address", "company", "userId", "anonymousId"})
GENDERS = "CASE lower({x}) WHEN 'f' THEN 'female' WHEN 'm' THEN 'male' ELSE {x} END"


def camel(name: str) -> str:
    """``first_name`` as ``firstName``."""
    return re.sub(r"_(\w)", lambda m: m[1].upper(), name)


def make_new_hints(engine: DuckDBEngine) -> None:
    """Give ``live_new`` the hint of who: the shop's own id, and the browser's where it is not another person's.

    A browser belongs to whoever was the first to name themselves on it; somebody else who does so later is not them.
    """
    make_temp(
        engine,
        "live_browsers",
        "SELECT m._row, m.anonymous_id, m.user_id, a.customer_id AS owner, u.customer_id AS person, "
        "EXISTS (FROM identities o WHERE o.customer_id = a.customer_id AND o.kind = 'id') AS named, "
        "first(m.user_id) OVER (PARTITION BY m.anonymous_id ORDER BY m.user_id IS NULL, m._row) AS first_user "
        "FROM live_said m LEFT JOIN identities a ON a.kind = 'anonymous' AND a.value = m.anonymous_id "
        "LEFT JOIN identities u ON u.kind = 'id' AND u.value = m.user_id WHERE m.anonymous_id IS NOT NULL",
    )
    used = (
        "b.user_id IS NULL OR (b.owner IS NULL AND b.first_user = b.user_id) OR "
        "(b.owner IS NOT NULL AND NOT b.named AND b.first_user = b.user_id AND b.owner IS DISTINCT FROM b.person)"
    )
    make_temp(
        engine,
        "live_new",
        "SELECT m.*, m.user_id AS customer_id, CASE WHEN b._row IS NOT NULL THEN "
        f"'anonymous:' || b.anonymous_id END AS id_platform FROM live_said m "
        f"LEFT JOIN (FROM live_browsers b WHERE {used}) b "
        "USING (_row) ORDER BY m._row",
    )


def customers(own: tuple[OwnField, ...]) -> list[tuple[str, str]]:
    """SELECTs for ``in_customers``, each with the type of message it is of: identify has traits, group an account."""
    texts = values.Texts()
    columns = {c.name: _read(c.name, c.type, ELSEWHERE, texts.at) for c in CUSTOMERS.stated if c.name not in UNASKED}
    columns["gender"] = GENDERS.format(x=f"({columns['gender']})")
    for channel in CONSENTS:
        said = columns[f"{channel}_consent"]
        columns[f"{channel}_consent_at"] = (
            f'coalesce({columns[f"{channel}_consent_at"]}, CASE WHEN ({said}) IS NOT NULL THEN m."at" END)'
        )
        columns[f"{channel}_consent_origin"] = (
            f"coalesce({columns[f'{channel}_consent_origin']}, CASE WHEN ({said}) IS NOT NULL THEN 'live' END)"
        )
    columns |= {f.name: _own(f) for f in own if f.table == "customers"}
    listed = ", ".join(f"CAST({sql} AS {_type(CUSTOMERS, c, own)}) AS {quoted(c)}" for c, sql in columns.items())
    group = "json_extract_string(m.body, '$.groupId')"
    who = "SELECT m._row, m.customer_id, m.id_platform"
    return [
        ("identify", f"{who}, {listed} FROM (SELECT {texts.columns()} FROM live_new m WHERE m.type = 'identify') m"),
        ("group", f"{who}, {group} AS account_id FROM live_new m WHERE m.type = 'group'"),
        ("alias", f"{who} FROM live_new m WHERE m.type = 'alias'"),
    ]


def accounts() -> str:
    """The SELECT for ``in_accounts``: group with its traits."""
    listed = ", ".join(
        f"CAST({_read(c.name, c.type, OF_ACCOUNTS)} AS {SQL_TYPES[c.type.value]}) AS {quoted(c.name)}"
        for c in ACCOUNTS.stated
        if c.name not in ("account_id", "at")
    )
    return (
        f"SELECT m._row, json_extract_string(m.body, '$.groupId') AS account_id, m.\"at\", {listed} "
        "FROM live_new m WHERE m.type = 'group'"
    )


def consents(said: Consent) -> list[str]:
    """SELECTs for ``in_customers``: events that say yes or no to messages by a channel."""
    answer = f"m.event IN ({', '.join(map(literal, said.yes))})"
    return [
        f'SELECT m._row, m.customer_id, m.id_platform, {answer} AS {c}_consent, m."at" AS {c}_consent_at, '
        f"m.name AS {c}_consent_origin FROM live_new m WHERE {_consents(said)} "
        f"AND list_contains({_channels(said)}, {literal(c)})"
        for c in CONSENTS
    ]


def consent_faults(said: Consent) -> str:
    """A query of (_row, reason): words of consent by channels of which none is known."""
    known = ", ".join(map(literal, CONSENTS))
    channels = f"array_to_string({_channels(said)}, ', ')"
    reason = reasons.all_of([reasons.as_sql("unknown-channel", f"left({channels}, 40)", literal(", ".join(CONSENTS)))])
    return (
        f"SELECT m._row, {reason} AS reason FROM live_new m WHERE {_consents(said)} "
        f"AND NOT list_has_any({_channels(said)}, [{known}])"
    )


def _consents(said: Consent) -> str:
    return f"m.type = 'track' AND m.event IN ({', '.join(map(literal, (*said.yes, *said.no)))})"


def _channels(said: Consent) -> str:
    """The channel of an event that is named after one, else those that it says, one or a list; else e-mail."""
    named = values.raw(said.channel)
    listed = f"CASE json_type({named}) WHEN 'ARRAY' THEN from_json({named}, '[\"VARCHAR\"]') ELSE [{named} ->> '$'] END"
    folded = f"list_transform({listed}, x -> lower(trim(x)))"
    email = f"starts_with(m.event, 'email ') OR coalesce(json_type({named}), 'NULL') = 'NULL'"
    return f"CASE WHEN starts_with(m.event, 'sms ') THEN ['sms'] WHEN {email} THEN ['email'] ELSE {folded} END"


def aliases(engine: DuckDBEngine, import_id: str) -> list[Merge]:
    """Who ``alias`` says to be one: the customer of the new id stays. Of an id nobody knew, note whose it is."""
    rows = engine.rows(
        "SELECT json_extract_string(body, '$.previousId'), user_id FROM live_new WHERE type = 'alias' "
        "AND user_id IS NOT NULL ORDER BY _row"
    )
    apart = {frozenset(p) for p in engine.rows("SELECT kept, absorbed FROM merges WHERE undone_at IS NOT NULL")}
    found: list[Merge] = []
    into: dict[str, str] = {}
    for before, now in rows:
        kept, absorbed = _owner(engine, now, into), _owner(engine, before, into)
        if absorbed is None:
            engine.execute(
                "INSERT INTO identities SELECT k, $1, $2, $3 FROM (VALUES ('id'), ('anonymous')) v(k) WHERE NOT EXISTS "
                "(FROM identities WHERE kind IN ('id', 'anonymous') AND value = $1)",
                [before, kept, import_id],
            )
        elif kept is not None and kept != absorbed and frozenset((kept, absorbed)) not in apart:
            into[absorbed] = kept
            found.append(Merge(kept, absorbed, f"alias {before}"))
    return found


def _owner(engine: DuckDBEngine, value: str, into: Mapping[str, str]) -> str | None:
    owner = engine.value(
        "SELECT customer_id FROM identities WHERE value = ? AND kind IN ('id', 'anonymous') "
        "ORDER BY kind = 'anonymous' LIMIT 1",
        [value],
    )
    while owner in into:
        owner = into[owner]
    return str(owner) if owner is not None else None


def date_new(engine: DuckDBEngine) -> None:
    """Customers of whom no fact is known are the shop's since the message that named them."""
    make_temp(
        engine,
        "live_undated",
        "SELECT i.* FROM identities i SEMI JOIN (SELECT customer_id FROM customers SEMI JOIN who_new USING "
        '(customer_id) WHERE first_seen IS NULL AND "at" IS NULL) USING (customer_id)',
    )
    if not engine.rows("SELECT 1 FROM live_undated LIMIT 1"):
        return
    named = " UNION ALL ".join(
        f'SELECT i.customer_id, m."at" FROM live_new m JOIN live_undated i ON i.kind = {literal(kind)} AND '
        f"i.value = m.{said}"
        for kind, said in (("id", "user_id"), ("anonymous", "anonymous_id"))
    )
    engine.execute(
        f'UPDATE customers c SET "at" = n."at" FROM (SELECT customer_id, min("at") AS "at" FROM ({named}) '
        "GROUP BY 1) n WHERE n.customer_id = c.customer_id"
    )


def own_fields(engine: DuckDBEngine, maps: Standard, seen: Set[str]) -> tuple[OwnField, ...]:
    """Traits and properties that are the shop's own, those that are known already among them.

    ``seen`` are the types of the messages, and the tables whose properties theirs are.
    """
    traits = {n for c in CUSTOMERS.columns for n in (c.name, camel(c.name))} | NO_FIELDS
    traits |= {p.split(".")[1] for paths in ELSEWHERE.values() for p in paths if p.startswith("traits.")}
    found = _found(engine, "customers", "traits", "m.type = 'identify'", traits) if "identify" in seen else []
    for table in [t for t in ("events", "visits", "checkouts") if t in seen]:
        found += _found(engine, table, "properties", f"m.kept_as = {literal(table)}", maps.read_of(table))
    return tuple(found)


def _found(engine: DuckDBEngine, table: str, holder: str, which: str, known: Set[str]) -> list[OwnField]:
    """Those of a holder's keys that a path can name: the engine takes ``*`` for every key, quoted or not."""
    rows = engine.rows(
        "SELECT k, CASE WHEN bool_and(t IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT')) THEN 'number' WHEN "
        "bool_and(t = 'BOOLEAN') THEN 'yes/no' ELSE 'text' END FROM (SELECT k, json_type(h, '$.\"' || k || '\"') AS t "
        f"FROM (SELECT m.{holder} AS h, unnest(json_keys(m.{holder})) AS k FROM live_new m WHERE {which}) "
        "WHERE NOT contains(k, '\"') AND NOT contains(k, '\\') AND NOT contains(k, chr(0)) AND k <> '*' AND "
        "length(k) BETWEEN 1 AND 100) "
        "WHERE t NOT IN ('NULL', 'OBJECT', 'ARRAY') GROUP BY k ORDER BY k"
    )
    if not rows:
        return []
    kept = engine.rows("SELECT name, type, label FROM fields WHERE table_name = ?", [table])
    by_label, names = {label: (name, kind) for name, kind, label in kept}, {n for n, _, _ in kept}
    fields = []
    for key, kind in rows:
        if key in known:
            continue
        if key in by_label:
            name, kind = by_label[key]
        elif len(names) >= MOST_OWN:
            continue
        else:
            name = _free(slug(CAMEL.sub(r"\1_\2", key)), table, names)
        names.add(name)
        fields.append(OwnField(table, name, Type(kind), key))
    return fields


def _free(name: str, table: str, taken: set[str]) -> str:
    reserved = {c.name for c in CUSTOMERS.columns} if table == "customers" else frozenset()
    if name in SPOKEN_FOR or name in reserved:
        name = f"{name}_live"
    nth, found = 2, name
    while found in taken:
        found, nth = f"{name}_{nth}", nth + 1
    return found


def _read(name: str, kind: Type, elsewhere: Mapping[str, tuple[str, ...]], read: values.Read = values.path) -> str:
    paths = dict.fromkeys((f"traits.{name}", f"traits.{camel(name)}", *elsewhere.get(name, ())))
    return values.column(tuple(paths), kind, read)


def _own(each: OwnField) -> str:
    text = f"json_extract_string(m.traits, {literal(chr(36) + '.' + chr(34) + (each.label or each.name) + chr(34))})"
    return values.as_type(f"nullif(trim({text}), '')", each.type)


def _type(table: Table, column: str, own: tuple[OwnField, ...]) -> str:
    found = table.column(column)
    return SQL_TYPES[(found or next(f for f in own if f.name == column)).type.value]
