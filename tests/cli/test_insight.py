"""Analyses on the command line: their options come from their parameters, and a person reads findings first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.insight.conftest import small_shop_made

__all__ = ["small_shop_made"]
AS_OF = ("--as-of", "2026-11-22T14:30")


@pytest.fixture
def small(line: Line, small_shop_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv("REGULARS_SHOP", str(shutil.copytree(small_shop_made, tmp_path / "small")))
    return line


def test_what_there_is(line: Line) -> None:
    listed = line("insight").lines
    assert any(each.split()[0] == "rfm" for each in listed if each)
    assert "rfm" in line("insight", "--help").out


def test_findings_first_then_the_table_then_how(small: Line) -> None:
    lines = small("insight", "rfm", *AS_OF).lines
    assert "of those who have bought" in lines[0]
    head = next(i for i, each in enumerate(lines) if each.startswith("group"))
    assert lines[head + 1].split()[0] == "champions"
    assert lines[-1].endswith("as of 22 Nov 2026 14:30.")


def test_the_same_in_another_language(small: Line) -> None:
    assert "покупавших" in small("insight", "rfm", *AS_OF, "--lang", "ru").out


def test_json_has_everything(small: Line) -> None:
    told = small("insight", "rfm", *AS_OF, "--json", "--segment", "count(orders) >= 2").json
    assert told["analysis"] == "rfm"
    assert told["now"] == "2026-11-22T13:30:00Z"
    assert told["parameters"]["segment"] == "count(orders) >= 2"
    assert told["n"] == sum(row["customers"] for row in told["rows"])
    assert len(told["grid"]) == 25
    assert {"method", "source", "findings", "caveats"} <= set(told)


def test_saved_scores_are_asked_by_rules(small: Line) -> None:
    out = small("insight", "rfm", *AS_OF, "--save").out
    assert "Kept for rules: rfm.group, rfm.recency, rfm.frequency, rfm.money" in out
    told = small("segment", "preview", "rfm.group = 'champions'", *AS_OF, "--json").json
    assert told["sentence"] == "RFM group is “champions”"
    assert told["count"] > 0


def test_what_could_not_be_kept_is_refused_before_it_is_worked_out(shop: Line) -> None:
    """This shop is too small for any of it, and that is not what is said."""
    for options in (("rfm", "--segment", "any(orders)"), ("value", "--discount", "0.2"), ("rfm", "--money-cuts", "5")):
        said = shop("insight", *options, "--save")
        assert said.code == 1 and ("only at a segment" in said.err or "mean another with" in said.err)
    assert "at least 20 customers" in shop("insight", "rfm", "--save").err


def test_refresh_says_what_is_kept_and_what_is_left_out(small: Line, shop: Line) -> None:
    out = shop("insight", "refresh", "--as-of", "2026-11-22T12:00").out
    assert "! rfm: RFM needs at least 20 customers with an order, and there are 4." in out


def test_an_analysis_or_option_that_is_not_there(shop: Line) -> None:
    said = shop("insight", "rfn")
    assert said.code == 2
    assert "Did you mean 'rfm'?" in said.err
    assert shop("insight", "rfm", "--definition", "x").code == 2


def test_too_little_data_is_a_refusal_in_two_lines(shop: Line) -> None:
    said = shop("insight", "rfm")
    assert said.code == 1
    assert said.out == ""
    assert said.err.splitlines()[0].endswith("RFM needs at least 20 customers with an order, and there are 4.")


def test_a_segment_that_is_no_rule_is_pointed_at(shop: Line) -> None:
    said = shop("insight", "rfm", "--segment", "count(ordrs) > 1")
    assert said.code == 1
    assert "Did you mean orders?" in said.err


def test_buckets_become_segments_and_are_held_to_later_customers(small: Line) -> None:
    out = small("insight", "buckets", *AS_OF, "--adopt").out
    saved = next(each for each in out.splitlines() if each.startswith("Saved as"))
    named = saved.partition(": ")[2].split(", ")
    assert named[0] in small("segment", "list").out
    assert small("insight", "drift", *AS_OF).lines[0].startswith("Customers are as they were")
