"""Answers kept while what they were read from stands still."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from django.test import Client

from regulars.app import answers
from regulars.shop import Shop
from tests.app.test_segments import words

NOW = datetime(2026, 11, 22, 12)


def test_it_is_asked_again_when_facts_come_in(shop: Shop, tmp_path: Path) -> None:
    def count() -> int:
        return answers.while_facts_stand("people", shop.customers.count)
    assert count() == 5
    shop.engine.execute("INSERT INTO customers (customer_id, described) VALUES ('X', true)")
    assert count() == 5
    file = tmp_path / "customers.csv"
    file.write_text("customer_id,name\nNEW1,Somebody New\n")
    shop.import_file(file)
    assert count() == 7


def test_what_hangs_on_members_is_asked_again_after_each_look(shop: Shop, owner: Client) -> None:
    shop.segments.add("VIP", "count(orders) >= 10", now=NOW)
    shop.segments.refresh(NOW)
    assert "VIP" in words(owner.get("/segments/overlaps/"))
    shop.segments.add("Rare", "count(orders) < 10", now=NOW)
    shop.segments.refresh(NOW)
    assert "Rare" in words(owner.get("/segments/overlaps/"))


def test_several_who_ask_at_once_have_it_worked_out_once() -> None:
    asked, together = list[int](), threading.Barrier(4)

    def make() -> str:
        asked.append(1)
        time.sleep(0.1)
        return "it"

    def ask(_: int) -> str:
        together.wait()
        return answers.kept("test once", make)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == ["it"] * 4
    assert len(asked) == 1


def test_what_failed_is_tried_again() -> None:
    tries = list[int]()

    def make() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError
        return len(tries)
    for _ in range(2):
        try:
            found = answers.kept("test again", make)
        except ValueError:
            continue
    assert found == 2


def test_the_order_of_customers_is_that_of_their_last_orders(shop: Shop) -> None:
    ids = shop.customers.by_last_order(now=NOW).to_pylist()
    last = dict(shop.engine.rows('SELECT customer_id, max("at") FROM orders WHERE counted AND "at" <= ? GROUP BY 1',
                                 [NOW]))
    assert ids == sorted(ids, key=lambda i: (-last[i].timestamp() if i in last else 0, i))
    assert [p.customer_id for p in shop.customers.latest(now=NOW, skip=1, most=2)] == ids[1:3]
