"""A saved segment that cannot be used any more is left out and named; asked for by name, it is an error of its rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from regulars.errors import RuleError
from regulars.insight.common.finding import analysis, names
from regulars.model.figures import Figures
from regulars.model.settings import LANGUAGES
from regulars.shop import Shop
from tests.insight.conftest import NOW

HERE = NOW.replace(tzinfo=None)
BROKEN = "Shoe size known"
ALL: dict[str, dict[str, Any]] = {
    "basket": {}, "certificate": {}, "channels": {}, "movement": {}, "overlap": {}, "profit": {"segments": True},
    "seasons": {}}
"""Every analysis that looks at all saved segments."""
NAMED = [n for n in names() if "segments" in analysis(n).__dataclass_fields__ and n != "profit"]
"""Every one that can be told which."""


@pytest.fixture(scope="module")
def shop(small_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """300 customers; of its segments one speaks of a column that is gone, and another of that segment."""
    with Shop.open(copytree(small_shop_made, tmp_path_factory.mktemp("saved") / "shop")) as shop:
        shop.engine.execute("INSERT INTO fields (table_name, name, type, label, source) VALUES "
                            "('customers', 'shoe_size', 'number', 'shoe size', 'a file')")
        shop.engine.execute("ALTER TABLE customers ADD COLUMN shoe_size DOUBLE")
        shop.segments.add(BROKEN, "shoe_size is known", now=HERE)
        shop.segments.add("Leaning", f"in segment '{BROKEN}' and any(orders)", now=HERE)
        shop.engine.execute("DELETE FROM fields WHERE name = 'shoe_size'")
        yield shop


@pytest.mark.parametrize("name", ALL)
def test_it_is_left_out_and_named_in_every_language(shop: Shop, name: str) -> None:
    found = shop.insight(name, NOW, **ALL[name])
    for language in LANGUAGES:
        said = [c.say(Figures(shop.settings, language)) for c in found.caveats]
        assert sum(BROKEN in each and "Leaning" in each for each in said) == 1
    others = [s.name for s in shop.segments.list() if s.name not in (BROKEN, "Leaning")]
    told = str(found.rows.to_pylist()) + str(found.numbers)
    assert any(f"'{other}'" in told for other in others)


@pytest.mark.parametrize("name", NAMED)
def test_asked_for_by_name_it_is_an_error_that_names_it(shop: Shop, name: str) -> None:
    with pytest.raises(RuleError, match=f"Segment '{BROKEN}' cannot be used: .*shoe_size"):
        shop.insight(name, NOW, segments=(BROKEN,))


def test_every_analysis_of_segments_is_held_to_this() -> None:
    assert set(NAMED) - {"personas"} <= set(ALL)  # personas looks at buckets unless segments are named


def test_the_report_is_made_all_the_same(shop: Shop) -> None:
    page = shop.report(NOW, "en")
    assert BROKEN in page and "not there any more" in page
