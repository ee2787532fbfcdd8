"""MySQL and MariaDB as sources, asked for real."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pymysql
import pytest
from pymysql.cursors import Cursor

from regulars.errors import SourceUnreachable
from regulars.intake.databases import Query, prepare_query
from regulars.shop import Shop
from tests.intake.test_databases import ask
from tests.postgres import free_port

pytestmark = pytest.mark.mysql
INSTALL, SERVER = ("mariadb-install-db", "mysql_install_db"), ("mariadbd", "mysqld")


def found(names: tuple[str, ...]) -> str | None:
    return next((path for n in names if (path := shutil.which(n, path=f"{os.environ.get('PATH', '')}:/usr/sbin"))),
                None)


@pytest.fixture(scope="module")
def mysql() -> Iterator[str]:
    """A MariaDB server of its own; set REGULARS_MYSQL to the address of a database of another."""
    if "REGULARS_MYSQL" in os.environ:
        yield os.environ["REGULARS_MYSQL"]
        return
    server, install = found(SERVER), found(INSTALL)
    if not server or not install:
        pytest.skip("no MariaDB server at hand")
    with tempfile.TemporaryDirectory(prefix="regulars-my-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        who = ["--user=mysql"] if os.geteuid() == 0 else []
        if who:
            shutil.chown(folder, "mysql")
        made = subprocess.run([install, "--no-defaults", f"--datadir={folder / 'data'}", "--skip-test-db",
                               "--auth-root-authentication-method=normal", *who], capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"MariaDB does not start here: {made.stderr.strip()[-200:]}")
        running = subprocess.Popen(
            [server, "--no-defaults", f"--datadir={folder / 'data'}", f"--socket={folder / 'socket'}", f"--port={port}",
             "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--default-time-zone=+05:00", *who],
            stderr=subprocess.DEVNULL)
        try:
            yield with_a_reader(folder / "socket", port)
        finally:
            running.terminate()
            running.wait(30)


def with_a_reader(socket: Path, port: int) -> str:
    """The address of a user with a password, on a server that has come up."""
    for _ in range(300):
        try:
            root = pymysql.connect(unix_socket=str(socket), user="root", autocommit=True)
            break
        except pymysql.OperationalError:
            time.sleep(0.1)
    else:
        pytest.skip("the MariaDB server does not answer")
    with root, root.cursor() as cursor:
        cursor.execute("CREATE DATABASE till CHARACTER SET utf8mb4")
        cursor.execute("CREATE USER me@'127.0.0.1' IDENTIFIED BY 'hunter2/@'")
        cursor.execute("GRANT ALL ON till.* TO me@'127.0.0.1'")
    return f"mysql://me:hunter2%2F%40@127.0.0.1:{port}/till"


@pytest.fixture
def till(mysql: str) -> Iterator[Cursor]:
    parts = urlsplit(mysql)
    with pymysql.connect(host=parts.hostname, port=parts.port or 3306, user=parts.username, autocommit=True,
                         password=unquote(parts.password or ""), database=parts.path[1:]) as connection:
        yield connection.cursor()


def test_every_type_comes_as_what_it_is(mysql: str, till: Cursor) -> None:
    till.execute("DROP TABLE IF EXISTS sales")
    till.execute("CREATE TABLE sales (order_id BIGINT UNSIGNED, customer_id VARCHAR(20), at TIMESTAMP NULL, "
                 "till_time DATETIME(3), total DECIMAL(12,2), share DOUBLE, paid TINYINT(1), size ENUM('S', 'L'), "
                 "note JSON, marked BIT(1), closes TIME, day DATE)")
    till.execute("SET time_zone = '+05:00'")
    till.execute("INSERT INTO sales VALUES (18446744073709551615, 'ж %s', '2026-01-02 10:00:00', "
                 "'2026-01-02 10:00:00.125', 1234567890.12, 0.5, 1, 'L', '{\"a\": \"й\"}', b'1', '21:30:00', "
                 "'2026-02-28')")
    till.execute("SET sql_mode = ''")
    till.execute("INSERT INTO sales (order_id, customer_id, at, till_time, day) VALUES (2, NULL, NULL, "
                 "'0000-00-00 00:00:00', '0000-00-00')")
    got = ask(Query(mysql, "SELECT * FROM sales ORDER BY day DESC", "sales"), as_="orders")
    assert got.column("orders", "order_id") == ["18446744073709551615", "2"]
    assert got.column("orders", "customer_id") == ["ж %s", None]
    assert got.column("orders", "at")[0] == datetime(2026, 1, 2, 5)
    assert got.column("orders", "total") == [Decimal("1234567890.12"), None]
    own = ask(Query(mysql, "SELECT customer_id, till_time, share, paid, size, note, marked, closes, day FROM sales "
                           "WHERE paid = 1", "people"), as_="customers").one("customers")
    assert {k: str(own[k]) for k in ("till_time", "share", "size", "closes", "day")} == {
        "till_time": "2026-01-02 10:00:00.125", "share": "0.5", "size": "L", "closes": "21:30:00",
        "day": "2026-02-28"}
    assert (own["paid"], own["marked"], own["note"]) == (1, 1, '{"a": "й"}')


def test_only_new_rows_are_asked_for_by_a_watermark(mysql: str, till: Cursor, tmp_path: Path) -> None:
    till.execute("DROP TABLE IF EXISTS visits_paid")
    till.execute("CREATE TABLE visits_paid (id INT, buyer TEXT, changed TIMESTAMP(6), total DECIMAL(12,2))")
    till.execute("INSERT INTO visits_paid SELECT seq, concat('c', seq % 100), '2026-01-01 10:00:00' + INTERVAL seq "
                 "MINUTE, seq + 0.25 FROM seq_1_to_120000")
    query = Query(mysql, "SELECT id AS order_id, buyer AS customer_id, changed AS at, total FROM visits_paid "
                         "WHERE buyer LIKE 'c%' ;", "sales", "at")
    with Shop.create(tmp_path / "shop") as shop:
        assert shop.import_query(query, now="2026-11-22")[0].rows.taken == 120_000
        assert shop.engine.value("SELECT sum(total) FROM orders") == Decimal("7200090000.00")
        till.execute("INSERT INTO visits_paid VALUES (120001, 'c1', '2027-01-01', 5)")
        again = shop.import_query(query, now="2026-11-22")[0]
        assert (again.rows.read, again.tables["orders"].added, again.tables["orders"].unchanged) == (2, 1, 1)
        assert shop.import_query(query, now="2026-11-22", whole=True)[0].rows.read == 120_001


def test_many_rows_are_streamed_not_gathered(mysql: str, tmp_path: Path) -> None:
    wide = "SELECT seq AS order_id, repeat('x', 500) AS note, seq AS total FROM seq_1_to_{}"
    with Shop.create(tmp_path / "shop") as shop:
        shop.engine.execute("SET memory_limit = '200MB'")
        next(prepare_query(shop.engine, Query(mysql, wide.format(1_000), "few"), shop.settings, as_="orders"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        read = [p.rows_read for p in prepare_query(shop.engine, Query(mysql, wide.format(600_000), "many"),
                                                   shop.settings, as_="orders")]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert read == [600_000]
    assert grown < 600, f"{grown:.0f} MiB more; gathered in Python the rows alone take 760"


@pytest.mark.parametrize(("sql", "says"), [
    ("SELECT * FROM nowhere", "nowhere' doesn't exist"), ("DELETE FROM gone", "READ ONLY"), ("SELEC 1", "syntax")])
def test_what_it_refuses_is_told_without_the_password(mysql: str, till: Cursor, sql: str, says: str) -> None:
    till.execute("CREATE TABLE IF NOT EXISTS gone (id INT)")
    with pytest.raises(SourceUnreachable, match=says) as told:
        ask(Query(mysql, sql, "sales"))
    assert "hunter2" not in str(told.value)


def test_a_wrong_password_is_told_without_it(mysql: str) -> None:
    with pytest.raises(SourceUnreachable, match="Access denied") as told:
        ask(Query(mysql.replace("hunter2", "hunter3"), "SELECT 1 AS order_id", "sales"))
    assert "hunter" not in str(told.value)
