"""A rule being written: counted, said, completed, marked where it is wrong, and turned into blocks and back."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from regulars.rules import parse, to_json
from regulars.rules.tree import KINDS
from regulars.shop import Shop
from tests.app.test_segments import words


@pytest.mark.parametrize("rule, count", [("count(orders) >= 10", "1"), ("any(orders)", "4"), ("no(orders)", "1"),
                                         ("everyone", "5"), ("city = 'utrecht'", "2")])
def test_a_rule_being_written_is_counted_and_said(shop: Shop, owner: Client, rule: str, count: str) -> None:
    said = words(owner.post("/segments/preview/", {"rule": rule}))
    assert re.search(rf"People {count} \d+(\.\d)?% of 5 customers as of", said)


def test_what_is_wrong_is_marked_at_its_word(shop: Shop, owner: Client) -> None:
    answer = owner.post("/segments/preview/", {"rule": "count(orders) > 1 and gendre = 'female'"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'data-position="22" data-length="6"' in page
    assert "count(orders) &gt; 1 and <mark class=\"wrong-word\">gendre</mark>" in page
    assert "Did you mean gender?" in words(answer)


@pytest.mark.parametrize("rule", ["", "   ", "(", "'", "count(", "a" * 5000, "(" * 200, "\x00", "any(orders) -- ok?",
                                  "</script><script>alert(1)</script>"])
def test_no_rule_breaks_the_preview(shop: Shop, owner: Client, rule: str) -> None:
    answer = owner.post("/segments/preview/", {"rule": rule})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_text_becomes_a_tree_and_a_tree_text(shop: Shop, owner: Client) -> None:
    rule = "not (count(orders where channel = 'store' in last 1 year) > 2 or city in ('Utrecht', 'It''s'))"
    page = owner.post("/segments/preview/", {"rule": rule}).content.decode()
    held = re.search(r'<script type="application/json" id="tree"[^>]*>(.*?)</script>', page)
    assert held is not None
    assert json.loads(held[1]) == to_json(parse(rule))
    answer = owner.post("/segments/convert/", {"tree": held[1]}).json()
    assert (answer["text"], answer["wrong"]) == (parse(rule).text(), None)
    assert answer["sentence"].startswith("Not true that")


@pytest.mark.parametrize("tree", ["", "{", "[]", "1", '{"kind": "and", "items": []}', '{"kind": "nothing"}',
                                  "[" * 5000, '{"kind": "compare"}'])
def test_what_is_no_tree_is_said_to_be_none(shop: Shop, owner: Client, tree: str) -> None:
    answer = owner.post("/segments/convert/", {"tree": tree})
    assert answer.status_code == 200 and answer.json()["wrong"]["message"]


def test_a_value_being_written_is_replaced_with_its_quote(shop: Shop, owner: Client) -> None:
    found = owner.post("/segments/complete/", {"text": "city = 'Ams"}).json()["completions"]
    assert (found[0]["text"], found[0]["replaces"]) == ("'Amsterdam'", len("'Ams"))


def test_values_come_from_the_data_most_frequent_first(shop: Shop, owner: Client) -> None:
    assert owner.get("/segments/values/?name=city").json()["values"] == ["Amsterdam", "Utrecht"]
    assert owner.get("/segments/values/?name=channel&fact=orders&q=sto").json()["values"] == ["store"]
    assert owner.get("/segments/values/?name=nothing").json()["values"] == []


def test_the_builder_knows_every_kind_of_node_and_calls_it_by_a_name(shop: Shop, owner: Client) -> None:
    page = owner.get("/segments/new/").content.decode()
    held = re.search(r'<script id="drawn-from" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert held is not None
    drawn = {kind["kind"]: kind for kind in json.loads(held[1])["kinds"]}
    assert drawn.keys() == KINDS.keys() - {"brackets"}
    assert [k for k, kind in drawn.items() if kind["category"] and kind["label"] == k and k not in
            ("stopped", "everyone", "not", "before", "after")] == []
