"""The reference pages are those the code writes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click

from regulars.cli.entry import regulars
from regulars.cli.reference import pages
from regulars.insight.common import analysis, names, summary

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_the_pages_are_up_to_date() -> None:
    written = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.md")}
    stale = [name for name, text in pages().items() if written.get(name) != text]
    assert stale == [], "run: make docs"
    assert sorted(written) == sorted(pages())


def test_every_command_of_the_first_page_is_there() -> None:
    with click.Context(regulars) as context:
        for name, (_, said) in regulars.elsewhere.items():
            command = regulars.get_command(context, name)
            assert command is not None
            assert command.name == name
            assert said.split()[0].strip(",") == (command.help or "").split()[0].strip(":,"), name


def test_every_option_says_what_it_does() -> None:
    options = [line for line in pages()["commands.md"].splitlines() if line.startswith("| `")]
    assert len(options) > 40
    assert [line for line in options if line.endswith("|  |")] == []


def test_every_analysis_is_there_with_its_parameters_and_scores() -> None:
    page = pages()["analyses.md"]
    for name in names():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        kind = analysis(name)
        assert [f.name for f in fields(kind) if f"`--{f.name.replace('_', '-')}" not in section] == [], name
        assert [score for score in kind.keeps if f"`{score}`" not in section] == [], name
        assert (kind.__doc__ or "").strip(), name
        assert summary(name).endswith("."), name
