"""What the pages show is what happens: every ``$ regulars …`` is run, and the output under it compared.

In a shown output ``…`` stands for anything within a line, and on a line of its own for any lines. A page that makes no
shop of its own speaks of the shop of five people.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import textwrap
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from regulars.cli.entry import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^( *)```(console|python)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
ANY_LINES = r"(?:.*\n)*"


@dataclass
class Shown:
    """A command, or a piece of Python, and what is shown under it."""

    language: str
    text: str
    output: list[str] = field(default_factory=list)

    @property
    def pattern(self) -> str:
        """A regular expression for the whole output."""
        return "".join(ANY_LINES if line.strip() == "…" else re.escape(line).replace("…", ".*") + "\n"
                       for line in self.output)


def shown_in(page: Path) -> list[Shown]:
    found: list[Shown] = []
    for _, language, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            found.append(Shown(language, textwrap.dedent(body)))
            continue
        for line in textwrap.dedent(body).splitlines():
            if line.startswith("$ "):
                found.append(Shown(language, line[2:]))
            else:
                found[-1].output.append(line)
    return found


def is_ours(each: Shown) -> bool:
    return each.language == "python" or each.text.startswith("regulars ")


WITH_EXAMPLES = [p for p in PAGES if any(map(is_ours, shown_in(p)))]


@pytest.fixture
def place(tmp_path: Path, little_shop_made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the repository's data, the shop of five people, and a till's database."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    shutil.copytree(little_shop_made, tmp_path / "shop")
    with closing(sqlite3.connect(tmp_path / "till.db")) as till:
        till.execute("CREATE TABLE sales (id INTEGER, customer TEXT, sold_at TEXT, amount REAL)")
        till.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", [
            (1, "C2", "2026-11-20 10:15:00", 12.5), (2, "C5", "2026-11-21 16:40:00", 40.0)])
        till.commit()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REGULARS_SHOP", raising=False)
    return tmp_path


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_do_what_it_shows(page: Path, place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    examples = [e for e in shown_in(page) if is_ours(e)]
    if any(e.text.startswith("regulars init shop") for e in examples):
        shutil.rmtree(place / "shop")
    names: dict[str, object] = {}
    for each in examples:
        if each.language == "python":
            exec(compile(each.text, str(page), "exec"), names)
            continue
        code = run(shlex.split(each.text)[1:])
        out, err = capfd.readouterr()
        refused = each.output[:1] != [] and each.output[0].startswith("Error:")
        assert code == int(refused), f"{each.text}\n{err}"
        if each.output:
            # Amounts are written with spaces that do not break.
            said = (err if refused else out).rstrip("\n").replace("\u00a0", " ") + "\n"
            assert re.fullmatch(each.pattern, said), f"{each.text}\n{said}"


def test_every_page_that_is_linked_is_there() -> None:
    missing = [f"{page.name}: {link}" for page in PAGES
               for link in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
               if not (page.parent / link).exists()]
    assert missing == []
