"""The engine folds text as Python does, whichever of its two ways a text goes."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from regulars.engines.duckdb import fold as engines_fold
from regulars.rules import fold
from tests.rules.shops import stage

NOT_IN_TEXT = {0, *range(0xD800, 0xE000)}
# The store strips text, so that these never stand at its ends; inside it they stay as they are.
SPACES = {c for c in range(0x21) if chr(c).isspace()}


def folded_by_the_engine(texts: list[str]) -> list[str]:
    rows = stage(0).world.engine.rows("SELECT fold(t) FROM (SELECT unnest(?::VARCHAR[]) AS t)", [texts])
    return [row[0] for row in rows]


def test_every_character_alone_and_beside_a_letter() -> None:
    every = [chr(c) for c in range(1, sys.maxunicode + 1) if c not in NOT_IN_TEXT
             and c not in SPACES and (c < 0x3100 or c % 61 == 0) and unicodedata.category(chr(c)) != "Cn"]
    for texts in (every, [f"A{c}b" for c in every], [f"Ж{c}я" for c in every], [f"ك{c}" for c in every]):
        assert folded_by_the_engine(texts) == [fold(t) for t in texts]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), min_size=1, max_size=50))
def test_any_text(texts: list[str]) -> None:
    stored = [unicodedata.normalize("NFC", t.strip()).strip() for t in texts]
    assert folded_by_the_engine(stored) == [fold(t) for t in stored]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text) == engines_fold(text)
