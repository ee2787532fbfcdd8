"""The demo shop adds up, keeps to time, and is the same for the same seed."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.demo import make_demo
from regulars.demo.make import CHUNK, ORDER
from regulars.errors import Refused
from regulars.model.settings import Settings
from regulars.model.tables import TABLES
from tests.demo.conftest import NOW, Made, look_at

MOMENTS = [("orders", "at"), ("lines", "at"), ("messages", "at"), ("visits", "at"), ("checkouts", "at"),
           ("tickets", "at"), ("tickets", "closed"), ("events", "at"), ("answers", "at"), ("costs", "at"),
           ("customers", "signed_up_at"), ("accounts", "at"), ("products", "released_at")]


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


@pytest.mark.parametrize("table", ORDER)
def test_every_table_is_filled(made: Made, table: str) -> None:
    assert made.demo.rows[table] == made.value(f"SELECT count(*) FROM {table}") > 50


@pytest.mark.parametrize("table", ORDER)
def test_columns_bear_the_names_of_the_model(made: Made, table: str) -> None:
    columns = {c for (c,) in made.rows(f"SELECT column_name FROM (DESCRIBE {table})")}
    assert columns <= {c.name for c in TABLES[table].columns}


@pytest.mark.parametrize("table", ORDER)
def test_every_row_has_its_key_and_no_other_row_has_it(made: Made, table: str) -> None:
    key = ", ".join(TABLES[table].key)
    known = " AND ".join(f"{c} IS NOT NULL" for c in TABLES[table].key)
    assert made.value(f"SELECT count(DISTINCT ({key})) FROM {table} WHERE {known}") == made.demo.rows[table]


@pytest.mark.parametrize(("table", "column"), MOMENTS)
def test_nothing_happens_after_now(made: Made, table: str, column: str) -> None:
    assert made.value(f'SELECT max("{column}") FROM {table}') <= NOW


@pytest.mark.parametrize("now", [datetime(2026, 11, 22), datetime(2026, 11, 22, 23), datetime(2024, 2, 29, 23, 59, 59)])
def test_nothing_happens_after_any_now(tmp_path: Path, now: datetime) -> None:
    settings = Settings(timezone="Asia/Jakarta", country="ID", currency="IDR")
    found = look_at(make_demo(tmp_path, 400, 3, now=now, settings=settings))
    for table, column in MOMENTS:
        assert found.value(f'SELECT max("{column}") FROM {table}') <= now, (table, column)


def test_an_order_comes_to_its_lines_less_discount_plus_shipping(made: Made) -> None:
    assert made.demo.rows["orders"] == made.value("""
        SELECT count(*) FROM orders o JOIN (
            SELECT order_id, sum(quantity * unit_price) AS gross, sum(discount) AS off FROM lines GROUP BY ALL
        ) l USING (order_id)
        WHERE o.subtotal = l.gross AND o.discount = l.off AND o.total = l.gross - l.off + o.shipping""")


def test_what_came_back_is_what_was_refunded(made: Made) -> None:
    wrong = made.rows("""
        SELECT o.order_id, o.refunded, l.back FROM orders o JOIN (
            SELECT order_id, sum(returned_quantity) < sum(quantity) AS some_kept,
                   sum(CASE WHEN returned_quantity > 0 THEN quantity * unit_price - discount ELSE 0 END) AS back
            FROM lines GROUP BY ALL) l USING (order_id)
        WHERE coalesce(o.refunded, 0) != (CASE WHEN some_kept THEN l.back ELSE o.total END)
           OR (o.status = 'refunded') = some_kept OR o.refunded > o.total""")
    assert wrong == []


def test_every_fact_is_of_a_known_customer(made: Made) -> None:
    for table in ("orders", "lines", "messages", "visits", "checkouts", "tickets", "events", "answers", "truth"):
        assert made.value(f"SELECT count(*) FROM {table} ANTI JOIN customers USING (customer_id)") == 0, table
    assert made.value("SELECT count(*) FROM lines ANTI JOIN products USING (product_id)") == 0
    assert made.value("SELECT count(account_id) FROM customers ANTI JOIN accounts USING (account_id)") == 0


def test_whoever_was_referred_came_after_a_customer_who_is_someone_else(made: Made) -> None:
    assert made.value("SELECT count(*) FROM customers WHERE referred_by IS NOT NULL") > 50
    assert made.value("""SELECT count(*) FROM customers c JOIN customers f ON f.customer_id = c.referred_by
                         WHERE f.signed_up_at > c.signed_up_at OR f.customer_id = c.customer_id""") == 0


def test_addresses_and_numbers_belong_to_nobody(made: Made) -> None:
    assert made.rows("""SELECT email FROM customers WHERE NOT regexp_full_match(email,
        '[a-z]+\\.[a-z]+\\.[0-9]+@[a-z]+\\.example')""") == []
    assert made.value("SELECT count(email) - count(DISTINCT email) FROM customers") == 0
    assert made.value("SELECT count(phone) - count(DISTINCT phone) FROM customers") == 0
    assert made.value("SELECT bool_and(phone LIKE '+319701%') FROM customers WHERE phone IS NOT NULL")


def test_people_write_in_several_scripts(made: Made) -> None:
    for script in ("Cyrillic", "Arabic", "Latin"):
        assert made.value(f"SELECT count(*) FROM customers WHERE regexp_matches(name, '\\p{{{script}}}')") > 80, script


def test_opens_come_after_their_sending_and_clicks_after_an_open(made: Made) -> None:
    base = "split_part(message_id, '-', 1)"
    assert made.value("""SELECT count(*) FROM messages r LEFT JOIN messages s
        ON s.message_id = split_part(r.message_id, '-', 1) AND s.type = 'sent' AND s.customer_id = r.customer_id
        AND s.campaign = r.campaign WHERE r.type != 'sent' AND (s.at IS NULL OR s.at >= r.at)""") == 0
    assert made.value(f"""SELECT count(*) FROM (FROM messages WHERE type = 'clicked' AND channel = 'email') c LEFT JOIN
                          (SELECT {base} AS base, "at" FROM messages WHERE type = 'opened' AND NOT machine) o
                          ON o.base = split_part(c.message_id, '-', 1) WHERE o.at IS NULL OR o.at >= c.at""") == 0


def test_every_kind_of_response_is_there(made: Made) -> None:
    assert {t for (t,) in made.rows("SELECT DISTINCT type FROM messages")} == {
        "sent", "opened", "clicked", "bounced", "complained", "unsubscribed", "replied"}
    assert made.value("SELECT count(*) FROM messages WHERE machine") > 1000


def test_nobody_is_mailed_after_they_unsubscribed_nor_keeps_their_consent(made: Made) -> None:
    assert made.value("""SELECT count(*) FROM messages u JOIN messages s USING (customer_id)
        WHERE u.type = 'unsubscribed' AND s.type = 'sent' AND s.channel = 'email' AND s.at > u.at""") == 0
    left = "(SELECT customer_id FROM messages WHERE type = 'unsubscribed')"
    assert made.value(f"SELECT bool_or(email_consent) FROM customers SEMI JOIN {left} USING (customer_id)") is False


def test_nobody_is_mailed_without_consent(made: Made) -> None:
    assert made.value("""SELECT count(*) FROM messages JOIN customers USING (customer_id) WHERE channel = 'email'
        AND NOT coalesce(email_consent, false)
        AND customer_id NOT IN (SELECT customer_id FROM messages WHERE type = 'unsubscribed')""") == 0


def test_margins_are_those_of_such_a_shop(made: Made) -> None:
    def margin(category: str) -> float:
        return float(made.value(f"""SELECT 1 - sum(quantity * l.unit_cost) / sum(quantity * unit_price - discount)
            FROM lines l JOIN products USING (product_id)
            WHERE l.unit_cost IS NOT NULL AND category LIKE '{category}'"""))

    assert 0.30 < margin("%") < 0.42
    assert 0.20 < margin("Bricks") < 0.30
    assert 0.45 < margin("Gifts") < 0.58
    assert 0.30 < margin("Records") < 0.40
    unknown = made.value("SELECT count(*) FILTER (unit_cost IS NULL) / count(*) FROM lines")
    assert 0.01 < unknown < 0.10


def test_customers_buy_six_to_ten_times_in_three_channels(made: Made) -> None:
    assert 5.5 < made.demo.rows["orders"] / 3000 < 10
    assert 2 <= made.demo.rows["lines"] / made.demo.rows["orders"] < 3
    shares = dict(made.rows("SELECT channel, count(*) / (SELECT count(*) FROM orders) FROM orders GROUP BY ALL"))
    assert set(shares) == {"online", "store", "phone"} and min(shares.values()) > 0.08


def test_the_store_sells_while_it_is_open(made: Made) -> None:
    hours = made.rows("""SELECT min(hour(local)), max(hour(local)) FROM (
        SELECT timezone('Europe/Amsterdam', timezone('UTC', "at")) AS local FROM orders WHERE channel = 'store')""")
    assert hours == [(9, 17)]


def test_the_same_seed_gives_the_same_files_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        make_demo(tmp_path / name, 300, seed, now=NOW)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "again")
    assert hashes(tmp_path / "one")["orders.parquet"] != hashes(tmp_path / "other")["orders.parquet"]


def test_ids_go_on_from_chunk_to_chunk(tmp_path: Path) -> None:
    found = look_at(make_demo(tmp_path, CHUNK + 500, 1, now=NOW))
    assert pq.ParquetFile(found.demo.files["orders"]).num_row_groups == 2
    for table in ORDER:
        key = ", ".join(TABLES[table].key)
        assert found.value(f"SELECT count(DISTINCT ({key})) FROM {table}") == found.demo.rows[table], table


@pytest.mark.parametrize(("settings", "whole"), [
    (Settings(currency="IDR", timezone="Asia/Jakarta", country="ID"), True),
    (Settings(currency="USD", timezone="America/New_York", country="US"), False),
    (Settings(currency="PKR", timezone="Asia/Karachi", country="PK"), True)])
def test_it_stands_in_any_country(tmp_path: Path, settings: Settings, whole: bool) -> None:
    found = look_at(make_demo(tmp_path, 300, 1, now=NOW, settings=settings))
    assert found.rows("SELECT DISTINCT currency FROM orders") == [(settings.currency,)]
    assert found.rows("SELECT DISTINCT country FROM customers") == [(settings.country,)]
    assert found.value("SELECT bool_and(total = floor(total)) FROM orders") is whole
    assert found.value("SELECT count(DISTINCT city) FROM customers") > 10


def test_one_customer_is_a_shop_and_none_is_refused(tmp_path: Path) -> None:
    assert make_demo(tmp_path / "one", 1, now=NOW).rows["customers"] == 1
    with pytest.raises(Refused, match="at least one customer"):
        make_demo(tmp_path / "none", 0, now=NOW)
    with pytest.raises(Refused, match="No city"):
        make_demo(tmp_path / "nowhere", 10, now=NOW, settings=Settings(country="AQ"))
