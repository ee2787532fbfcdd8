"""A region of the grid is a rule that is true of just its cells."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.insight.rfm.region import Cell, grid, holds, rule_of
from regulars.rules import parse
from regulars.shop import Shop
from tests.insight.conftest import NOW

CELLS = list(product(range(1, 6), range(1, 6)))
MOMENT = NOW.replace(tzinfo=None)


@pytest.mark.parametrize(
    "cells, rule",
    [
        ([], ""),
        ([(5, 5)], "rfm.recency = 5 and rfm.frequency = 5"),
        ([(4, 4), (4, 5), (5, 4), (5, 5)], "rfm.recency >= 4 and rfm.frequency >= 4"),
        ([(2, f) for f in range(1, 6)], "rfm.recency = 2"),
        (CELLS, "rfm.recency is known"),
        ([(3, 2), (3, 4)], "rfm.recency = 3 and rfm.frequency in (2, 4)"),
        ([(1, 1), (5, 5)], "(rfm.recency = 1 and rfm.frequency = 1) or (rfm.recency = 5 and rfm.frequency = 5)"),
        ([(9, 9)], ""),
    ],
)
def test_it_is_said_as_briefly_as_it_can_be(cells: list[Cell], rule: str) -> None:
    assert rule_of(cells) == rule


def plainly(rule: str, cell: Cell) -> bool:
    """The rule as Python, whose words are the same but for those of its lists and bounds."""
    text = rule.replace("rfm.recency is known", "True").replace(" = ", " == ")
    for name, value in zip(("rfm.recency", "rfm.frequency"), cell, strict=True):
        text = (
            text.replace(f"{name} between 2 and 4", f"2 <= {value} <= 4")
            .replace(f"{name} between 2 and 3", f"2 <= {value} <= 3")
            .replace(f"{name} between 3 and 4", f"3 <= {value} <= 4")
            .replace(name, str(value))
        )
    return bool(eval(text, {}))


@given(st.sets(st.sampled_from(CELLS), min_size=1))
def test_it_is_true_of_its_cells_alone(cells: set[Cell]) -> None:
    rule = rule_of(cells)
    assert parse(rule).text()
    assert {cell for cell in CELLS if plainly(rule, cell)} == cells


def test_the_grid_is_what_rules_see(small_shop: Shop) -> None:
    assert grid(small_shop.engine, MOMENT) == []
    small_shop.keep(small_shop.insight("rfm", NOW))
    fields = grid(small_shop.engine, MOMENT)
    assert [f.cell for f in fields[:2]] == [(5, 1), (5, 2)] and len(fields) == 25
    chosen = {(5, 5), (4, 1), (1, 3)}
    people, paid = holds(chosen, fields)
    assert people == small_shop.count(rule_of(chosen), NOW) > 0
    by_order = small_shop.engine.value(
        "SELECT sum(total - coalesce(refunded, 0)) FROM orders JOIN scores USING (customer_id) WHERE counted AND"
        ' ("rfm.recency", "rfm.frequency") IN ((5, 5), (4, 1), (1, 3))'
    )
    assert paid == by_order > Decimal(0)
