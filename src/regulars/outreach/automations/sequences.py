"""Ready-made automations, as data: a file each in ``sequences/``, said in every language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from regulars.errors import NotFound
from regulars.model.languages import LANGUAGES
from regulars.outreach.automations.automation import Letter, Trigger
from regulars.outreach.content.blocks import Block, Content, Message, Products, Text, to_json
from regulars.outreach.content.naming import GREETING
from regulars.outreach.refusals import why

FOLDER = files("regulars.outreach.automations").joinpath("sequences")
Texts = Mapping[str, str]
"""Language to text."""


@dataclass(frozen=True)
class Written:
    """One step: ``text`` is greeted and signed; ``products``, where there are any, are shown below ``about`` them."""

    after_days: int
    subject: Texts
    text: Texts
    products: str = ""
    about: Texts | None = None


@dataclass(frozen=True)
class Sequence:
    """``rule`` and ``segment`` (its name) say whom it is about; "" where it is about everybody."""

    key: str
    name: Texts
    what: Texts
    trigger: Trigger
    steps: tuple[Written, ...]
    again: bool = True
    rule: str = ""
    segment: Texts = field(default_factory=dict)

    def letters(self, language: str) -> tuple[Letter, ...]:
        """Its steps, written in ``language`` and, for whoever reads another one, in that."""
        return tuple(Letter(to_json(Content(_message(step, language), {
            other: _message(step, other) for other in LANGUAGES if other != language})), step.after_days)
            for step in self.steps)


def _message(step: Written, language: str) -> Message:
    blocks: list[Block] = [Text(f"{{{{ {GREETING} }}}}\n\n{step.text[language]}")]
    if step.products:
        blocks.append(Products(step.products, (step.about or {}).get(language, "")))
    blocks.append(Text("{{ shop.name }}"))
    return Message(language, step.subject[language], blocks=tuple(blocks))


def sequence(key: str) -> Sequence:
    """One by its key; raises `NotFound`."""
    for each in sequences():
        if each.key == key:
            return each
    raise NotFound(why("There is no ready automation called '{key}'.", key=key),
                   hint=why("There are: {known}.", known=[s.key for s in sequences()]))


@cache
def sequences() -> tuple[Sequence, ...]:
    """All of them, in the order in which they are shown."""
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in FOLDER.iterdir() if file.name.endswith(".toml")]
    return tuple(_read(record) for record in sorted(read, key=lambda r: int(r["order"])))


def _read(record: Mapping[str, Any]) -> Sequence:
    steps = tuple(Written(s["after_days"], s["subject"], s["text"], s.get("products", ""), s.get("about"))
                  for s in record["step"])
    return Sequence(record["key"], record["name"], record["what"], Trigger(**record["trigger"]), steps,
                    record.get("again", True), record.get("rule", ""), record.get("segment", {}))
