"""What is judged of all customers: ranks, samples, segments in segments, places."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import md5

import pytest

from regulars.errors import RuleTooLarge, SegmentCircle
from regulars.rules import check, parse
from tests.rules.world import NOON, World

DAY = timedelta(days=1)


def spenders(world: World, **totals: int) -> None:
    world.people(*totals)
    world.orders(*((who, NOON, Decimal(total)) for who, total in totals.items()))


def test_the_top_is_as_many_as_the_percentage_rounded_up(world: World) -> None:
    spenders(world, a=10, b=20, c=30, d=40, e=50, f=60, g=70)
    assert world.who("top 10% by sum(orders.total)") == "g"
    assert world.who("top 14% by sum(orders.total)") == "g"
    assert world.who("top 15% by sum(orders.total)") == "f g"
    assert world.who("bottom 15% by sum(orders.total)") == "a b"
    assert world.who("top 0% by sum(orders.total)") == ""
    assert world.who("top 0.000001% by sum(orders.total)") == "g"
    assert world.who("top 100% by sum(orders.total)") == "a b c d e f g"


def test_a_percentage_that_comes_out_even_is_not_rounded_up(world: World) -> None:
    spenders(world, **{f"c{i:02}": i for i in range(1, 31)})
    assert world.who("top 10% by sum(orders.total)") == "c28 c29 c30"
    assert world.who("top 3.333333% by sum(orders.total)") == "c30"
    assert world.who("top 3.333334% by sum(orders.total)") == "c29 c30"


def test_those_who_tie_share_the_better_rank(world: World) -> None:
    spenders(world, a=50, b=50, c=50, d=10, e=10)
    assert world.who("top 20% by sum(orders.total)") == "a b c"
    assert world.who("top 60% by sum(orders.total)") == "a b c"
    assert world.who("top 61% by sum(orders.total)") == "a b c d e"
    assert world.who("bottom 20% by sum(orders.total)") == "d e"


def test_a_rank_is_among_those_of_whom_the_value_is_known(world: World) -> None:
    spenders(world, a=1, b=2)
    world.people("nothing", "too")
    assert world.who("top 50% by avg(orders.total)") == "b"
    assert world.who("bottom 50% by avg(orders.total)") == "a"
    assert world.who("top 50% by sum(orders.total)") == "a b"
    assert world.who("bottom 50% by sum(orders.total)") == "nothing too"


def test_those_who_do_not_exist_yet_are_not_counted(world: World) -> None:
    spenders(world, a=1, b=2)
    world.put("customers", *({"customer_id": f"late{i}", "signed_up_at": NOON + DAY, "household_size": 9}
                             for i in range(9)))
    world.put("customers", {"customer_id": "c", "household_size": 1}, {"customer_id": "d", "household_size": 2})
    assert world.who("top 50% by household_size") == "d"


def test_a_rank_by_moments_and_dates(world: World) -> None:
    world.put("customers", {"customer_id": "old", "birth_date": date(1950, 1, 1), "signed_up_at": datetime(2020, 1, 1)},
              {"customer_id": "young", "birth_date": date(2000, 1, 1), "signed_up_at": datetime(2019, 1, 1)})
    world.orders(("old", NOON))
    assert world.who("top 50% by birth_date") == "young"
    assert world.who("bottom 50% by signed_up_at") == "young"
    assert world.who("top 1% by last(orders)") == "old"
    assert world.who("top 50% by age") == "old"
    assert world.who("top 50% by since(orders)") == "old"


def test_two_ranks_in_one_rule(world: World) -> None:
    spenders(world, a=10, b=20, c=30, d=40)
    assert world.who("top 75% by sum(orders.total) and bottom 75% by sum(orders.total)") == "b c"
    assert world.who("not top 25% by sum(orders.total) and not bottom 25% by sum(orders.total)") == "b c"


def test_a_rank_of_nobody(world: World) -> None:
    assert world.who("top 10% by sum(orders.total)") == ""
    world.people("1")
    assert world.who("top 10% by avg(orders.total)") == ""


@pytest.mark.parametrize(("rule", "who"), [
    ("sample 40.1%", ""), ("sample 40.2%", "a"), ("sample 49%", "a ж"), ("sample 68%", "a e-0123456789ab ж"),
    ("sample 30% of 'spring'", ""), ("sample 31% of 'spring'", "a"), ("sample 43% of 'spring'", "a b"),
    ("sample 79% of 'spring'", "a b c shopify-5798"), ("sample 45% of \"ü 'q'\"", "b c shopify-5798 ж"),
    ("sample 0%", ""), ("sample 100%", "a b c e-0123456789ab shopify-5798 ж"),
    ("not sample 99.999999%", "")])
def test_who_is_in_a_sample_never_changes(world: World, rule: str, who: str) -> None:
    """By hand: the first eight digits of md5('salt:id'), as a fraction of 16^8, lie below the percentage."""
    world.people("a", "b", "c", "shopify-5798", "e-0123456789ab", "ж")
    assert world.who(rule) == who


def test_a_sample_is_about_as_large_as_it_says_and_grows_with_the_percentage(world: World) -> None:
    world.people(*(f"c{i}" for i in range(2000)))
    tenth, fifth = (set(world.who(f"sample {p}% of 'x'").split()) for p in (10, 20))
    assert 150 < len(tenth) < 250 and 340 < len(fifth) < 460
    assert tenth < fifth
    other = set(world.who("sample 10% of 'y'").split())
    assert len(tenth & other) < 50


def test_segments_in_segments_to_any_depth(world: World) -> None:
    spenders(world, a=10, b=20, c=30)
    world.people("d")
    world.segment("VIP", "sum(orders.total) >= 20")
    world.segment("Bought", "any(orders)")
    world.segment("Middle", "in segment 'bought' and not in segment ' vip '")
    world.segment("Rest", "not in segment 'Middle'")
    assert world.who("in segment 'VIP'") == "b c"
    assert world.who("in segment 'vıp' or in segment 'middle'" .replace("ı", "i")) == "a b c"
    assert world.who("in segment 'Rest'") == "b c d"
    assert world.who("not in segment 'Rest' or in segment 'VIP' and top 25% by sum(orders.total)") == "a c"


def test_a_chain_of_200_segments(world: World) -> None:
    spenders(world, a=10, b=20)
    world.segment("s0", "sum(orders.total) = 20")
    for i in range(1, 200):
        world.segment(f"s{i}", f"not in segment 's{i - 1}'")
    assert world.who("in segment 's199'") == "a"


def test_a_chain_of_more_is_refused(world: World) -> None:
    world.segment("s0", "everyone")
    for i in range(1, 300):
        world.segment(f"s{i}", f"in segment 's{i - 1}'")
    with pytest.raises(RuleTooLarge, match="200 deep"):
        world.who("in segment 's299'")


def test_segments_that_lean_on_two_others_each_30_deep(world: World) -> None:
    world.people("a", "b", gender="f")
    world.segment("l0", "customer_id = 'a'")
    world.segment("r0", "gender = 'f'")
    for i in range(1, 31):
        for name, joint in (("l", "and"), ("r", "or")):
            world.segment(f"{name}{i}", f"in segment 'l{i - 1}' {joint} in segment 'r{i - 1}'")
    assert world.who("in segment 'l30'") == "a"
    assert world.who("in segment 'r30'") == "a b"


@pytest.mark.parametrize(("segments", "rule", "circle"), [
    ({"A": "in segment 'A'"}, "in segment 'A'", "A → A"),
    ({"A": "in segment 'a'"}, "everyone and in segment 'A'", "A → a"),
    ({"A": "in segment 'B'", "B": "not in segment 'C'", "C": "everyone or in segment 'a'"}, "in segment 'B'",
     "B → C → a → B"),
    ({"Fine": "everyone", "A": "in segment 'Fine' and in segment 'B'", "B": "in segment 'Fine' or in segment 'A'"},
     "in segment 'Fine' and in segment 'A'", "A → B → A")])
def test_a_circle_is_refused_by_name(world: World, segments: dict[str, str], rule: str, circle: str) -> None:
    world.people("1")
    for name, text in segments.items():
        world.segment(name, text)
    with pytest.raises(SegmentCircle, match=circle):
        world.who(rule)


def test_a_segment_that_would_lean_on_itself_is_refused_before_it_is_saved(world: World) -> None:
    world.segment("A", "in segment 'B'")
    world.segment("B", "everyone")
    with pytest.raises(SegmentCircle, match="B → A → B"):
        check(parse("in segment 'A'"), world.vocabulary, name="B")
    check(parse("in segment 'A'"), world.vocabulary, name="C")


def test_two_ways_to_one_segment_are_no_circle(world: World) -> None:
    world.people("1")
    world.segment("Base", "everyone")
    world.segment("Left", "in segment 'Base'")
    world.segment("Right", "in segment 'Base'")
    assert world.who("in segment 'Left' and in segment 'Right' and in segment 'Base'") == "1"


def test_distances_are_great_circles(world: World) -> None:
    """A degree on the equator of a sphere of 6,371.0088 km is 111.195 km; Bandung to Jakarta are 115 km."""
    for who, latitude, longitude in (("origin", 0.0, 0.0), ("east", 0.0, 1.0), ("date line", 0.0, 180.0),
                                     ("jakarta", -6.21462, 106.84513), ("half", 0.0, None), ("pole", 90.0, 77.0)):
        world.put("customers", {"customer_id": who, "latitude": latitude, "longitude": longitude})
    world.people("nowhere")
    assert world.who("within 111.195 km of (0, 0)") == "origin"
    assert world.who("within 111.196 km of (0, 0)") == "east origin"
    assert world.who("within 69.09 mi of (0, 0)") == "origin"
    assert world.who("within 69.10 mi of (0, 0)") == "east origin"
    assert world.who("within 0 km of (0, 0)") == "origin"
    assert world.who("within 1 km of (0, -180)") == "date line"
    assert world.who("within 1 km of 'North Pole'") == "pole"
    assert world.who("within 114 km of 'BANDUNG'") == ""
    assert world.who("within 116 km of 'Bandung'") == "jakarta"
    assert world.who("within 20100 km of (0, 0)") == "date line east jakarta origin pole"
    assert world.who("not within 20100 km of (0, 0)") == "half nowhere"


def test_samples_agree_with_the_hash_of_any_id(world: World) -> None:
    ids = ["a", "B", "ü", "0", "a b", "'", "ж" * 40]
    world.people(*ids)
    inside = [i for i in ids if int(md5(f"q:{i}".encode(), usedforsecurity=False).hexdigest()[:8], 16) < 16**8 // 2]
    assert world.members("sample 50% of 'q'") == sorted(inside)
