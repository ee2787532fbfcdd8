"""The fixed cast: whom a rule is true of, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from regulars.demo import cast
from regulars.model.settings import Settings
from regulars.shop import Shop
from regulars.shop.check import check

WHO = {
    "any(orders in last 30 days)": "ben dora ivan jin kara liam ruth sven willa xena",
    "any(orders in last 1 month)": "ben cleo dora ivan jin kara liam ruth sven willa xena",
    "any(orders today)": "ben willa",
    "any(orders yesterday)": "willa",
    "any(orders last year)": "hana willa",
    "count(orders this year) = 3": "kara sven willa",
    "count(orders) = 3": "kara sven",
    "count(orders from 2026-10-25 to 2026-10-25) = 2": "kara",
    "any(orders from 2026-03-29 to 2026-03-29)": "kara",
    "first(orders) more than 70 days ago": "hana kara ruth sven uma willa",
    "sum(orders.total) = 100": "liam",
    "median(orders.total) = 2.5": "willa",
    "any(orders where returned)": "liam mona",
    "any(orders where margin is known)": "ivan tara",
    "any(orders where promo_code = 'GRATIS')": "xena",
    "sum(lines.margin) = 4": "mona",
    "favourite(lines.category) = 'Sand'": "tara",
    "sequence(lines where category = 'Bricks' then lines where category = 'Sand' within 7 days)": "tara",
    "sequence(lines where category = 'Bricks' then lines where category = 'Sand' within 6 days)": "",
    "any(lines where category = 'Bricks' in last 60 days) and no(lines where category = 'Sand' in last 30 days)":
        "tara",
    "stopped(orders for 90 days)": "hana",
    "restarted(orders after 100 days)": "sven",
    "regularly(orders every 30 days, 6 of 6)": "ruth",
    "last(engagements) between 60 and 90 days ago": "olga",
    "gender = 'female'": "cleo dora hana kara mona olga parveen ruth tara willa",
    "gender != 'female'": "ben emil ivan liam nils sven viktor",
    "not gender = 'female'": "ada ben emil gus ivan jin liam nils quinn sven uma viktor xena",
    "gender is not known": "ada gus jin quinn uma xena",
    "age = 40": "ben",
    "age = 39": "cleo",
    "anniversary(birth_date) in next 14 days": "ben cleo",
    "anniversary(birth_date) from 2027-02-28 to 2027-02-28": "gus hana",
    "signed_up_at in last 10 days": "",
    "signed_up_at in last 11 days": "ben",
    "within 30 km of 'Berlin'": "cleo dora",
    "within 25 km of 'Berlin'": "cleo",
    "tags contains 'beta tester'": "xena",
    "tags contains 'beta'": "",
    "city starts with 'straß'": "xena",
    "name starts with 'ольга'": "olga",
    "answer.nps >= 9": "viktor",
    "answer.nps <= 3": "",
    "any(events where name = 'trial started' and days = 14)": "viktor",
    "any(tickets where effort = 10 in last 31 days)": "",
    "any(tickets where effort = 10 in last 32 days)": "quinn",
    "any(checkouts where completed = false)": "viktor",
    "account.employees between 12 and 12": "tara",
    "plan = 'garden club' and plan_status = 'active'": "ruth",
    "referred_by = 'ruth'": "sven",
    "everyone and signed_up_at is not known": "uma",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = Settings("Cast", timezone=cast.ZONE.key, country="DE")
    with Shop.create(tmp_path_factory.mktemp("cast") / "shop", settings) as found:
        cast.load(found.engine)
        yield found


@pytest.mark.parametrize("rule", WHO)
def test_a_rule_is_true_of_whom_a_person_would_count(shop: Shop, rule: str) -> None:
    assert shop.members(rule, f"{cast.NOW.isoformat()}+00:00")["customer_id"].to_pylist() == WHO[rule].split()


def test_whoever_signs_up_after_now_is_not_there_yet(shop: Shop) -> None:
    assert shop.count("everyone", f"{cast.NOW.isoformat()}+00:00") == len(cast.CUSTOMERS) - 1 == 23


def test_what_was_worked_out_by_hand_is_what_the_shop_works_out(shop: Shop) -> None:
    assert check(shop.engine).problems == ()
