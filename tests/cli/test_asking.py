"""Asking a rule on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Line

AS_OF = ("--as-of", "2026-11-22T13:00")


def test_preview_counts_and_names_people(shop: Line) -> None:
    said = shop("segment", "preview", "count(orders) >= 1", *AS_OF)
    assert said.lines[0] == "The number of orders is at least 1."
    assert said.lines[1] == "4 of 5 customers (80.0%), as of 22 Nov 2026 13:00"
    assert said.lines[3].split() == ["customer", "name", "city", "orders", "spent", "last", "order"]
    assert said.lines[4].split() == ["C1", "Ada", "Bloem", "Utrecht", "10", "€200.00", "10", "Oct", "2026", "10:00"]
    assert len(said.lines) == 8


def test_preview_in_json_has_the_rule_the_sentence_and_the_sample(shop: Line) -> None:
    said = shop("segment", "preview", "COUNT(orders)>=10", *AS_OF, "--json").json
    sample = said.pop("sample")
    assert said == {"rule": "count(orders) >= 10", "sentence": "The number of orders is at least 10",
                    "as_of": "2026-11-22T12:00:00Z", "count": 1, "everyone": 5, "share": 0.2}
    assert [(p["customer_id"], p["name"], p["orders"], p["spent"]) for p in sample] == [("C1", "Ada Bloem", 10, 200)]


def test_ids_are_one_a_line_sorted_and_nothing_else(shop: Line) -> None:
    assert shop("segment", "preview", "gender = 'female'", *AS_OF, "--ids").out == "C1\nC3\nC5\n"
    assert shop("segment", "preview", "gender = 'divers'", *AS_OF, "--ids").out == ""


def test_as_of_is_read_in_the_shops_time_zone(shop: Line) -> None:
    rule = "any(orders where channel = 'store')"
    assert shop("segment", "preview", rule, "--as-of", "2026-11-15T15:29:59", "--ids").out == ""
    assert shop("segment", "preview", rule, "--as-of", "2026-11-15T15:30", "--ids").out == "C2\n"
    assert shop("segment", "preview", rule, "--as-of", "2026-11-15T14:30Z", "--ids").out == "C2\n"
    assert shop("segment", "preview", rule, "--as-of", "2026-11-15", "--ids").out == ""


def test_wide_letters_keep_the_columns_aligned(shop: Line) -> None:
    lines = shop("segment", "preview", "count(orders) = 1", *AS_OF).lines
    assert "C4        宮崎 花      " in lines[-1]
    assert lines[-2].index("Amsterdam") == lines[3].index("city")


@pytest.mark.parametrize(("rule", "canonical"), [
    ("COUNT( orders )>=10", "count(orders) >= 10"),
    ("gender='female'  AND any(orders)", "gender = 'female' and any(orders)"),
])
def test_format_gives_the_canonical_text(line: Line, rule: str, canonical: str) -> None:
    assert line("segment", "format", rule).out == canonical + "\n"
    assert line("segment", "format", rule, "--json").json == {"rule": canonical}


def test_tree_is_json(line: Line) -> None:
    assert line("segment", "tree", "everyone").json == {"kind": "everyone"}


def test_explain_says_the_rule_in_each_language(shop: Line) -> None:
    said = {lang: shop("segment", "explain", "count(orders) >= 10", "--lang", lang).out.strip()
            for lang in ("en", "id", "ur", "ru")}
    assert said["en"] == "The number of orders is at least 10"
    assert len(set(said.values())) == 4


def test_explain_gives_each_condition_with_its_value_since_when_and_what_comes(shop: Line) -> None:
    asked = ("segment", "explain", "count(orders) >= 10 and any(orders in last 60 days)", *AS_OF)
    assert shop(*asked, "--customer", "C1").lines == [
        "True of C1 Ada Bloem, as of 22 Nov 2026 13:00:",
        "  ✓ true   The number of orders is at least 10 and has orders in the last 60 days",
        "           since 10 Oct 2026 10:00; becomes false on 9 Dec 2026 09:00 by time alone",
        "    ✓ true   The number of orders is at least 10",
        "             value: 10; since 10 Oct 2026 10:00; time alone does not change it",
        "    ✓ true   Has orders in the last 60 days",
        "             value: 1; since 10 Jan 2026 10:00; becomes false on 9 Dec 2026 09:00 by time alone"]
    told = shop(*asked, "--customer", "C2", "--json").json
    assert (told["holds"], [(p["holds"], p["value"]) for p in told["parts"]]) == (False, [(False, 1), (True, 1)])
    assert told["parts"][1]["changes_at"] == "2027-01-14T14:30:00Z"
    assert shop(*asked, "--customer", "C2").lines[3].startswith("    ✗ false  ")


def test_explain_knows_nobody_before_the_shop_did(shop: Line) -> None:
    asked = ("segment", "explain", "everyone", "--customer")
    assert (shop(*asked, "C9").code, shop(*asked, "C1", *AS_OF).code) == (1, 0)


def test_the_order_of_shop_and_verb_does_not_matter(line: Line, little_shop_folder: object) -> None:
    rule = ("count(orders) >= 10", "--ids")
    for arguments in (("--shop", little_shop_folder, "segment", "preview", *rule),
                      ("segment", "--shop", little_shop_folder, "preview", *rule),
                      ("segment", "preview", *rule, "--shop", little_shop_folder)):
        assert line(*arguments).out == "C1\n"
