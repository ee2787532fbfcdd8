"""Amounts in another currency: converted by the shop's dated rates, or refused with that reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regulars.engines.duckdb import DuckDBEngine, literal, quoted
from regulars.errors import UnreadableFile
from regulars.intake import findings, reasons, values_words
from regulars.intake.prepared import Finding
from regulars.intake.refusals import why
from regulars.model.settings import Settings
from regulars.model.tables import TABLES
from regulars.model.types import Type

FILE = "rates.csv"
RATES = "in_rates"
COLUMNS = ("currency", "day", "rate")
FOLLOW = ("lines", "returns")
"""Tables whose rows may take their currency from the order they stand on."""


def convert(engine: DuckDBEngine, tables: Sequence[str], settings: Settings, rates: Path | None) -> list[Finding]:
    """Bring all amounts of ``in_<table>`` into the shop's currency; rows that cannot be go to ``in_refused``.

    A row's rate is that of its day in the shop's time zone.
    """
    shop = settings.currency
    foreign = [t for t in tables if _has_foreign(engine, t, shop)]
    if not foreign:
        _forget_currency(engine, tables)
        return []
    _load_rates(engine, rates, shop)
    ordered = [t for t in tables if t == "orders"] + [t for t in tables if t != "orders"]
    found = [f for t in ordered if t in foreign or (t in FOLLOW and "orders" in foreign)
             for f in _convert(engine, t, settings, "orders" in tables)]
    _forget_currency(engine, tables)
    engine.execute(f"DROP TABLE {RATES}")
    return found


def _code(cell: str, shop: str) -> str:
    """A currency as a code, whatever it is called by; as it stands where it is no known name."""
    whens = " ".join(f"WHEN {literal(sign)} THEN {literal(values_words.sign_means(sign, shop))}"
                     for sign in values_words.SIGNS if len(sign) != 3 or not sign.isalpha())
    return f"CASE lower({cell}) {whens} ELSE upper({cell}) END"


def _has_foreign(engine: DuckDBEngine, table: str, shop: str) -> bool:
    if "currency" not in engine.columns(f"in_{table}"):
        return False
    said = engine.rows(f"SELECT DISTINCT currency FROM {quoted('in_' + table)} WHERE currency IS NOT NULL")
    return any(_meant(code, shop) != shop for (code,) in said)


def _meant(said: str, shop: str) -> str:
    sign = said.lower()
    return values_words.sign_means(sign, shop) if sign in values_words.SIGNS else said.upper()


def _load_rates(engine: DuckDBEngine, rates: Path | None, shop: str) -> None:
    engine.execute(f"CREATE TEMP TABLE {RATES} (currency VARCHAR, day DATE, rate DECIMAL(38,12))")
    if rates is None or not rates.exists():
        return
    lines = f"read_csv({literal(str(rates))}, header=true, auto_detect=true, all_varchar=true)"
    hint = why("A line is USD,2026-01-31,0.92: what one unit is worth in {shop} from that day on.", shop=shop)
    heads = {name.strip().lower() for (name,) in engine.rows(f"SELECT column_name FROM (DESCRIBE FROM {lines})")}
    if not heads >= set(COLUMNS):
        raise UnreadableFile(why("{rates} does not begin with a line {columns}.", rates=rates.name,
                                 columns=",".join(COLUMNS)), hint=hint)
    engine.execute(
        f"INSERT INTO {RATES} SELECT upper(trim(currency)), try_cast(trim(day) AS DATE), "
        f"try_cast(replace(trim(rate), ',', '.') AS DECIMAL(38,12)) FROM {lines}")
    wrong = engine.value(f"SELECT count(*) FROM {RATES} WHERE currency IS NULL OR day IS NULL OR rate IS NULL "
                         f"OR rate <= 0")
    if wrong:
        raise UnreadableFile(why("{rates} has {wrong} lines that are no currency, day and rate.", rates=rates.name,
                                 wrong=wrong), hint=hint)


def _convert(engine: DuckDBEngine, table: str, settings: Settings, with_orders: bool) -> list[Finding]:
    shop = settings.currency
    day = ("(coalesce(t.since, TIMESTAMP '9999-01-01') AT TIME ZONE 'UTC'"
           f" AT TIME ZONE {literal(settings.timezone)})::DATE")
    columns = engine.columns(f"in_{table}")
    follows = table in FOLLOW and with_orders and "order_id" in columns
    said = [*(["t.currency"] if "currency" in columns else []), *(["o.currency"] if follows else [])]
    since = [*(['t."at"'] if "at" in columns else []), *(['o."at"'] if follows else [])]
    order = ('LEFT JOIN (SELECT order_id, any_value(currency) AS currency, any_value("at") AS "at" '
             "FROM in_orders_said GROUP BY order_id) o USING (order_id)") if follows else ""
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE in_converting AS SELECT t.*, {_code('t.money', shop)} AS said, r.rate FROM "
        f"(SELECT t.*, coalesce({', '.join([*said, 'NULL'])}) AS money, "
        f"coalesce({', '.join([*since, 'NULL::TIMESTAMP'])}) AS since FROM {quoted('in_' + table)} t {order}) t "
        f"ASOF LEFT JOIN {RATES} r ON r.currency = {_code('t.money', shop)} "
        f"AND r.day <= {day}")
    found = _settle(engine, table, columns, shop)
    engine.execute("DROP TABLE in_converting")
    return found


def _settle(engine: DuckDBEngine, table: str, columns: dict[str, str], shop: str) -> list[Finding]:
    """Replace the table by its converted rows, and refuse those there is no rate for."""
    abroad = f"said <> {literal(shop)}"
    engine.execute("INSERT INTO in_refused SELECT _row, "
                   f"{reasons.all_of([reasons.as_sql('no-rate', 'said')])}, "
                   f"to_json(struct_pack({', '.join(quoted(c) for c in columns)})) FROM in_converting "
                   f"WHERE {abroad} AND rate IS NULL")
    money = {c.name for c in TABLES[table].columns if c.type is Type.MONEY} & set(columns)
    body = ", ".join(f"CASE WHEN {abroad} THEN ({quoted(c)} * rate)::DECIMAL(18,4) ELSE {quoted(c)} END AS {quoted(c)}"
                     if c in money else "said AS currency" if c == "currency" else quoted(c) for c in columns)
    if table == "orders":
        moment = '"at"' if "at" in columns else "NULL::TIMESTAMP"
        engine.execute("CREATE OR REPLACE TEMP TABLE in_orders_said AS SELECT order_id, said AS currency, "
                       f'{moment} AS "at" FROM in_converting')
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {quoted('in_' + table)} AS SELECT {body} FROM in_converting "
                   f"WHERE said IS NULL OR said = {literal(shop)} OR rate IS NOT NULL")
    converted = engine.rows(f"SELECT said, count(*) FROM in_converting WHERE {abroad} AND rate IS NOT NULL "
                            "GROUP BY 1 ORDER BY 1")
    return [findings.foreign_money(code, rows, shop) for code, rows in converted] if table != "lines" else []


def _forget_currency(engine: DuckDBEngine, tables: Sequence[str]) -> None:
    """Only orders keep the currency they were paid in."""
    for table in tables:
        if TABLES[table].column("currency") is None and "currency" in engine.columns(f"in_{table}"):
            engine.execute(f"ALTER TABLE {quoted('in_' + table)} DROP COLUMN currency")
    engine.execute("DROP TABLE IF EXISTS in_orders_said")
