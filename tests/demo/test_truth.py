"""What the truth says was planted is there to be found."""

from __future__ import annotations

from collections import Counter
from math import comb

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2

from regulars.demo import make_demo
from regulars.demo.archetypes import PLAIN
from tests.demo.conftest import NOW, Made, look_at

FEATURES = """
    SELECT t.customer_id, t.behaviour, ln(1 + o.n / greatest(date_diff('day', o.oldest, o.newest), 90) * 365),
           ln(o.paid), o.store, o.phone, o.promo, l.back, l.gifts, l.records, l.small, l.building,
           ln(1 + coalesce(k.n, 0)), coalesce(m.opened, 0)
    FROM truth t
    JOIN (SELECT customer_id, count(*) n, min("at") oldest, max("at") newest, avg(total)::DOUBLE paid,
                 avg((channel = 'store')::INT) store, avg((channel = 'phone')::INT) phone,
                 avg((promo_code IS NOT NULL)::INT) promo FROM orders GROUP BY ALL) o USING (customer_id)
    JOIN (SELECT customer_id, avg((returned_quantity > 0)::INT) back, avg((category = 'Gifts')::INT) gifts,
                 avg((category = 'Records')::INT) records, avg((category = 'Stationery & trinkets')::INT) small,
                 avg((category IN ('Bricks', 'Sand', 'Cement', 'Timber'))::INT) building
          FROM lines JOIN products USING (product_id) GROUP BY ALL) l USING (customer_id)
    LEFT JOIN (SELECT customer_id, count(*) n FROM tickets GROUP BY ALL) k USING (customer_id)
    LEFT JOIN (SELECT customer_id,
                      count(*) FILTER (type = 'opened' AND NOT machine) / count(*) FILTER (type = 'sent') opened
               FROM messages WHERE channel = 'email' GROUP BY ALL) m USING (customer_id)
    ORDER BY ALL"""


def rand_index(one: list[str], other: list[int]) -> float:
    """Adjusted for chance (Hubert & Arabie 1985)."""
    both = sum(comb(n, 2) for n in Counter(zip(one, other, strict=True)).values())
    rows, columns = (sum(comb(n, 2) for n in Counter(x).values()) for x in (one, other))
    expected = rows * columns / comb(len(one), 2)
    return (both - expected) / ((rows + columns) / 2 - expected)


def test_every_customer_has_one_row_of_truth(made: Made) -> None:
    assert made.value("SELECT count(DISTINCT customer_id) FROM truth JOIN customers USING (customer_id)") == 3000
    assert made.truth["made"]["rows"] == dict(made.demo.rows)
    assert {b for (b,) in made.rows("SELECT DISTINCT behaviour FROM truth")} == set(made.truth["behaviours"])


def test_archetypes_come_in_the_shares_that_are_written(made: Made) -> None:
    counted = dict(made.rows("SELECT archetype, count(*) / 3000 FROM truth GROUP BY ALL"))
    assert sum(a["share"] for a in made.truth["archetypes"]) == pytest.approx(1)
    for archetype in made.truth["archetypes"]:
        assert counted[archetype["name"]] == pytest.approx(archetype["share"], abs=0.02)


def test_the_truth_counts_the_orders_there_are(made: Made) -> None:
    assert made.value("""SELECT count(*) FROM truth t LEFT JOIN (
            SELECT customer_id, count(*) n, min("at") oldest FROM orders GROUP BY ALL) o USING (customer_id)
        WHERE t.orders != coalesce(o.n, 0) OR t.first_order_at IS DISTINCT FROM o.oldest""") == 0


def test_behaviour_alone_tells_the_groups_apart(made: Made) -> None:
    rows = made.rows(FEATURES)
    values = np.array([r[2:] for r in rows], float)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    tries = [kmeans2(scaled, 7, minit="++", rng=s) for s in range(10)]
    _, found = min(tries, key=lambda t: float(((scaled - t[0][t[1]]) ** 2).sum()))
    assert rand_index([r[1] for r in rows], found.tolist()) > 0.7


def test_complements_stand_above_all_other_pairs(made: Made) -> None:
    planted = {frozenset((c["product_id"], c["complement_id"])) for c in made.truth["complements"]}
    orders = made.demo.rows["orders"]
    pairs = made.rows(f"""
        WITH l AS (SELECT DISTINCT order_id, product_id FROM lines),
             s AS (SELECT product_id, count(*) n FROM l GROUP BY ALL)
        SELECT a.product_id, b.product_id FROM l a JOIN l b ON a.order_id = b.order_id AND a.product_id < b.product_id
        JOIN s sa ON sa.product_id = a.product_id JOIN s sb ON sb.product_id = b.product_id
        GROUP BY ALL HAVING count(*) >= {orders * 0.001}
        ORDER BY count(*) / (any_value(sa.n) * any_value(sb.n)) DESC LIMIT 20""")
    assert sum(frozenset(p) in planted for p in pairs) >= 19


def test_bricks_are_mostly_bought_with_sand_but_not_always(made: Made) -> None:
    share = made.value("""
        SELECT avg((order_id IN (SELECT order_id FROM lines WHERE product_name = 'Mason sand 25 kg'))::INT)
        FROM (SELECT DISTINCT order_id FROM lines JOIN products USING (product_id) WHERE category = 'Bricks')""")
    assert 0.66 < share < 0.80


def second_orders(made: Made) -> list[tuple[object, ...]]:
    """One row a repeat buyer by nature whose time for a second order is over: outcome, drivers, decoys."""
    days = made.truth["drivers"]["outcome_days"]
    return made.rows(f"""
        SELECT coalesce(min(o.at) FILTER (o.at > t.first_order_at) <= t.first_order_at + INTERVAL {days} DAY, false),
               t.first_channel = 'store', t.clicked_welcome, t.welcome, c.browser, c.email_consent_origin
        FROM truth t JOIN orders o USING (customer_id) JOIN customers c USING (customer_id)
        WHERE t.first_order_at < TIMESTAMP '{NOW}' - INTERVAL 95 DAY AND t.archetype != 'christmas_gift_buyer'
        GROUP BY t.customer_id, t.first_order_at, t.first_channel, t.clicked_welcome, t.welcome, c.browser,
                 c.email_consent_origin""")


def share(rows: list[tuple[object, ...]]) -> float:
    return sum(bool(r[0]) for r in rows) / len(rows)


def test_drivers_add_what_is_written(made: Made) -> None:
    rows, drivers = second_orders(made), made.truth["drivers"]
    adds = {d["attribute"]: d["adds"] for d in drivers["planted"]}
    for store in (False, True):
        for clicked in (False, True):
            expected = drivers["base_chance"] + store * adds["first_channel"] + clicked * adds["clicked_welcome"]
            assert share([r for r in rows if r[1:3] == (store, clicked)]) == pytest.approx(expected, abs=0.07)


@pytest.mark.parametrize("column", [3, 4, 5])
def test_decoys_add_nothing(made: Made, column: int) -> None:
    rows = [r for r in second_orders(made) if r[column] is not None]
    for value in {r[column] for r in rows}:
        own, other = ([r for r in rows if (r[column] == value) is is_own] for is_own in (True, False))
        error = (0.25 / len(own) + 0.25 / len(other)) ** 0.5
        assert abs(share(own) - share(other)) < 3.5 * error, value


def test_a_click_of_the_welcome_mail_is_a_message(made: Made) -> None:
    clicked = "SELECT DISTINCT customer_id FROM messages WHERE type = 'clicked' AND campaign LIKE 'Welcome%'"
    assert made.value(f"SELECT count(*) FROM truth WHERE clicked_welcome != (customer_id IN ({clicked}))") == 0


def test_joe_researches_on_a_desktop_and_buys_gifts_in_the_store(made: Made) -> None:
    joe = f"(SELECT customer_id FROM truth WHERE archetype = '{made.truth['personas']['Joe']}')"
    of_joe = f"SEMI JOIN {joe} USING (customer_id)"
    assert made.value(f"SELECT bool_and(channel = 'store' AND occasion IS NOT NULL) FROM orders {of_joe}")
    assert made.value(f"SELECT avg((device = 'desktop')::INT) FROM visits {of_joe}") > 0.9
    assert made.value(f"""SELECT count(*) FILTER (type = 'opened' AND NOT machine) / count(*) FILTER (type = 'sent')
                          FROM messages {of_joe}""") < 0.08
    age = made.value(f"SELECT median(date_diff('year', birth_date, DATE '{NOW:%Y-%m-%d}')) FROM customers {of_joe}")
    assert 34 <= age <= 40


def test_sarah_buys_small_things_each_month_on_her_phone_and_talks(made: Made) -> None:
    sarah = f"(SELECT customer_id FROM truth WHERE archetype = '{made.truth['personas']['Sarah']}')"
    assert made.value(f"SELECT median(total) FROM orders SEMI JOIN {sarah} USING (customer_id)") < 20
    assert made.value(f"SELECT avg((device = 'phone')::INT) FROM visits SEMI JOIN {sarah} USING (customer_id)") > 0.9
    others = "(SELECT customer_id FROM truth WHERE archetype = 'loyal_regular')"
    brought = "SELECT count(*) FROM customers c SEMI JOIN {} f ON f.customer_id = c.referred_by"
    assert made.value(brought.format(sarah)) > made.value(brought.format(others))
    shared = f"SELECT count(*) FROM events SEMI JOIN {sarah} USING (customer_id) WHERE name = 'Shared Product'"
    assert made.value(shared) > 500
    assert made.value(f"SELECT median(social_followers) FROM customers SEMI JOIN {sarah} USING (customer_id)") > 800


def test_bargain_hunters_never_pay_in_full_and_never_buyers_never_buy(made: Made) -> None:
    bargain = "(SELECT customer_id FROM truth WHERE behaviour = 'bargain')"
    assert made.value(f"SELECT bool_and(promo_code IS NOT NULL) FROM orders SEMI JOIN {bargain} USING (customer_id)")
    assert made.value("SELECT sum(orders) FROM truth WHERE behaviour = 'never_bought'") == 0


def test_a_shop_of_people_alike_has_one_behaviour(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = look_at(make_demo(tmp_path_factory.mktemp("plain"), 300, 1, now=NOW, archetypes=PLAIN))
    assert found.rows("SELECT DISTINCT behaviour FROM truth") == [("anybody",)]
