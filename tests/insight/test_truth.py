"""Buckets, complements and drivers against what was planted in the demo shop, seed by seed.

Seed 1 is the demo shop that every test looks at; with ``--long`` there are four more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from regulars.demo import make_demo
from regulars.demo.archetypes import PLAIN
from regulars.shop import Shop
from regulars.shop.demo import make_demo_shop
from tests.insight.conftest import NOW

HERE = NOW.replace(tzinfo=None)
MORE = [pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3, 4, 5)]
PLANTED = {"clicked_welcome": ("clicked_early", "yes"), "first_channel": ("first_channel", "store")}
DECOYS = {"welcome": "first_message", "browser": "browser", "email_consent_origin": "email_consent_origin",
          "city": "city"}
"""What the truth calls them, and what they are called by the analysis."""


@pytest.fixture(scope="module", params=[1, *MORE])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """3,000 customers."""
    if request.param == 1:
        yield request.getfixturevalue("demo_shop")
        return
    folder = tmp_path_factory.mktemp("seed") / "shop"
    with make_demo_shop(folder, now=HERE, customers=3000, seed=request.param) as made:
        yield made


def truth(shop: Shop) -> Any:
    return json.loads((shop.folder / "demo" / "ground_truth.json").read_text(encoding="utf-8"))


def test_buckets_are_the_behaviours_that_made_the_shop(shop: Shop) -> None:
    scores = shop.insight("buckets", NOW).scores
    assert scores is not None
    found = scores.table.sort_by("customer_id").column("bucket.name").to_pylist()
    made = pq.read_table(shop.folder / "demo" / "ground_truth.parquet").sort_by("customer_id")
    index = adjusted_rand_score(made.column("behaviour").to_pylist(), found)
    assert index >= 0.6, "issue 3: adjusted Rand index of at least .6"


def test_of_the_top_twenty_pairs_eighteen_are_planted_complements(shop: Shop) -> None:
    planted = {frozenset((c["name"], c["complement"])) for c in truth(shop)["complements"]}
    rows = shop.insight("basket", NOW, rules_only=True).rows.to_pylist()
    pairs = dict.fromkeys(frozenset((*r["antecedents"], *r["consequents"])) for r in rows
                          if len(r["antecedents"]) == len(r["consequents"]) == 1)
    assert sum(p in planted for p in list(pairs)[:20]) >= 18, "issue 3: precision of at least .9"


def test_planted_drivers_are_found_with_their_size_and_decoys_are_not(shop: Shop) -> None:
    found = {(r["attribute"], r["level"]): r for r in shop.insight("drivers", NOW).rows.to_pylist()}

    def verdicts(attribute: str) -> set[str]:
        return {r["verdict"] for (name, _), r in found.items() if name == attribute}

    for planted in truth(shop)["drivers"]["planted"]:
        row = found[PLANTED[planted["attribute"]]]
        assert row["verdict"] == "driver" and row["adjusted_q"] < 0.001
        assert row["adjusted_low"] - 0.01 <= planted["adds"] <= row["adjusted_high"] + 0.01
    assert [verdicts(DECOYS[d["attribute"]]) for d in truth(shop)["drivers"]["decoys"]] == [{"nothing"}] * 4
    assert all(verdicts(c["attribute"]) <= {"nothing", "confounded"} for c in truth(shop)["drivers"]["confounded"])


@pytest.mark.parametrize("seed", [1, *MORE])
def test_a_shop_of_one_kind_has_no_buckets_worth_having(tmp_path: Path, seed: int) -> None:
    demo = make_demo(tmp_path / "files", 800, seed, now=HERE, archetypes=PLAIN)
    with Shop.create(tmp_path / "shop") as shop:
        for table, path in demo.files.items():
            shop.import_file(path, as_=table, now=NOW)
        found = shop.insight("buckets", NOW)
    assert found.rows.num_rows == 0 and str(found.findings[0]).startswith("There are no buckets worth having")
