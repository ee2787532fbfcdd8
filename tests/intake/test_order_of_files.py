"""Whatever order files come in, and whatever was taken back in between: the same returns undo the same purchases."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.intake.hand import Hand, at

PEOPLE, PRODUCTS = "abc", "pq"
ROUNDS, MANY = 2, 150
PLACED = {
    "returns": "SELECT return_id, document, order_id, line, customer_id FROM returns ORDER BY ALL",
    "orders": "SELECT order_id, customer_id, total, refunded, returned FROM orders ORDER BY ALL",
    "lines": "SELECT order_id, line, customer_id, returned_quantity, amount, returned FROM lines ORDER BY ALL",
}


def some_files(dice: random.Random) -> list[dict[str, Any]]:
    """Three files of few people who buy the same few things; returns name orders of their own, of others, or none."""
    orders = [str(n) for n in range(9)]
    files = []
    for i in range(3):
        own = orders[3 * i:3 * i + 3]
        lines = [{"order_id": o, "customer_id": buyer, "at": day, "product_id": dice.choice(PRODUCTS),
                  "quantity": dice.randint(1, 3), "unit_price": 5}
                 for o in own for buyer, day in [(dice.choice(PEOPLE), at(dice.randint(1, 20)))]
                 for _ in range(dice.randint(1, 2))]
        returns = [{"document": f"C{i}{n}", "customer_id": dice.choice(PEOPLE), "at": at(dice.randint(3, 28)),
                    "product_id": dice.choice(PRODUCTS), "quantity": dice.randint(1, 3), "amount": 5,
                    "of_order": dice.choice([None, None, *orders])} for n in range(4)]
        files.append({"lines": lines, "returns": returns})
    return files


def placed(hand: Hand) -> dict[str, Any]:
    assert hand.consistent()
    return {name: hand.rows(sql) for name, sql in PLACED.items()}


def brought(folder: Path, files: list[dict[str, Any]]) -> Hand:
    """A shop that knows everybody, and got the files in turn."""
    hand = Hand(folder)
    hand.bring(customers=[{"customer_id": c} for c in PEOPLE])
    for file in files:
        hand.bring(**file)
    return hand


def seeds(request: pytest.FixtureRequest) -> range:
    return range(MANY if request.config.getoption("--long") else ROUNDS)


def test_files_in_any_order_match_the_same_returns(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for seed in seeds(request):
        dice = random.Random(seed)
        files = some_files(dice)
        one = placed(brought(tmp_path / f"{seed}", files))
        dice.shuffle(files)
        assert placed(brought(tmp_path / f"{seed} shuffled", files)) == one, f"seed {seed}"


def test_a_file_taken_back_leaves_the_others_as_they_would_be(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for seed in seeds(request):
        dice = random.Random(seed)
        files = some_files(dice)
        hand = brought(tmp_path / f"{seed}", files)
        gone = dice.randrange(3)
        hand.imports.undo(f"i{gone + 2:06d}", now=at(1, month=2))
        left = [f for i, f in enumerate(files) if i != gone]
        assert placed(hand) == placed(brought(tmp_path / f"{seed} without", left)), f"seed {seed}"


def test_a_merge_matches_the_same_whenever_it_is_done(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for seed in seeds(request):
        dice = random.Random(seed)
        files = some_files(dice)
        late = brought(tmp_path / f"{seed}", files)
        apart = placed(late)
        late.by_hand.merge("a", "b", now=at(1, month=2))
        early = brought(tmp_path / f"{seed} early", files[:1])
        early.by_hand.merge("a", "b", now=at(1, month=2))
        for file in files[1:]:
            early.bring(**file)
        assert placed(early) == placed(late), f"seed {seed}"
        late.by_hand.unmerge("b", now=at(2, month=2))
        assert placed(late) == apart, f"seed {seed}"
