"""Whatever the command line can do, Python can: a method of the same name for each verb."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from regulars.cli.entry import regulars
from regulars.shop import Shop

ELSEWHERE = {
    ("init",): "create", ("import",): "import_file", ("segment", "show"): "segments.get",
    ("segment", "templates"): "", ("imports", "list"): "imports.receipts", ("imports", "show"): "imports.receipt",
    ("demo-shop",): "", ("insight", "refresh"): "refresh_scores",
    ("serve",): "", ("keys", "add"): "", ("keys", "list"): "", ("keys", "withdraw"): "",
    ("live", "again"): "live.aside.again", ("live", "aside"): "live.aside.list",
    ("live", "discard"): "live.aside.discard",
    ("campaign", "files"): "lists.forms", ("campaign", "file"): "lists.make", ("campaign", "calls"): "lists.to_call",
    ("campaign", "outcome"): "lists.outcome",
    ("automation", "go-on"): "automations.go_on", ("segment", "look-back"): "segments.look_back",
    ("campaign", "write"): "campaigns.change", ("campaign", "show"): "campaigns.progress",
    **{("customers", "same", verb): f"customers.same.{verb.replace('-', '_')}"
       for verb in ("list", "look", "apart", "later", "join-all", "rule")},
    ("hooks", "receive"): "", ("hooks", "list"): "", ("hooks", "withdraw"): "", ("hooks", "send"): "",
}
"""Verbs whose twin has another name, ``import`` being Python's own; empty where it is no method of a shop."""
ROOMS = {"segment": "segments", "campaign": "campaigns", "automation": "automations"}
OF_SHOP = ("preview", "explain", "format", "tree")


def verbs(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if isinstance(command, click.Group):
                yield from verbs(command, (*path, name))
            else:
                yield *path, name


def twin(verb: tuple[str, ...]) -> str:
    if verb in ELSEWHERE:
        return ELSEWHERE[verb]
    if verb[0] == "insight":
        return "insight"
    if len(verb) == 1 or verb[-1] in OF_SHOP:
        return verb[-1]
    return f"{ROOMS.get(verb[0], verb[0])}.{verb[-1]}"


@pytest.mark.parametrize("verb", list(verbs(regulars)), ids=" ".join)
def test_a_verb_has_a_method_of_its_name(little_shop: Shop, verb: tuple[str, ...]) -> None:
    found: object = little_shop
    for part in filter(None, twin(verb).split(".")):
        found = getattr(found, part)
    assert callable(found) or verb in ELSEWHERE
