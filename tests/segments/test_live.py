"""Memberships kept up by looking at few are those of a look at everybody, and date from when they became true."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.rules import Condition
from tests.rules.shops import SEGMENTS
from tests.rules.trees import rules
from tests.segments.moving_shop import MovingShop


@given(st.lists(rules, min_size=4, max_size=10), st.integers(0, 10_000))
@settings(max_examples=settings.default.max_examples // 40)  # type: ignore[union-attr]
def test_members_and_their_moments_are_the_models_after_every_step(many: list[Condition], seed: int) -> None:
    shop = MovingShop(seed)
    for name, rule in SEGMENTS.items():
        shop.save(name, rule)
    for rule in many[2:]:
        shop.add_segment(rule)
    shop.look()
    for step in range(12):
        if step == 4:
            shop.add_segment(many[0])
        if step == 7:
            shop.edit_segment(many[1])
        shop.wait()
        for _ in range(shop.random.randrange(3)):
            shop.happen()
        if shop.random.random() < 0.3:
            shop.wait()
        shop.look()

