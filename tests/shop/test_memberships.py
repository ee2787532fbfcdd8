"""Whatever happens to a shop, by whatever door: who is in is who the rules are true of, and the changes say so too.

With ``--long``: twenty shops of eighty steps each.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from regulars.segments import kept_values
from tests.shop.walking_shop import SHORT, WalkingShop


def test_memberships_and_changes_are_true_after_every_step(little_shop_folder: Path, monkeypatch: pytest.MonkeyPatch) \
        -> None:
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 0)
    walk(WalkingShop(little_shop_folder, seed=1, rules=SHORT), steps=10)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_memberships_and_changes_are_true_for_long(little_shop_folder: Path, seed: int,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_values, "FEW_CUSTOMERS", 0)
    walk(WalkingShop(little_shop_folder, seed), steps=80)


def walk(shop: WalkingShop, steps: int) -> None:
    shop.look()
    for _ in range(steps):
        shop.step()
    shop.rebuild()
    shop.close()
