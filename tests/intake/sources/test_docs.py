"""The page on recognised exports says all of them, and the fixtures have each."""

from __future__ import annotations

import re
from pathlib import Path

from regulars.intake.sources import all_sources

from .reading_exports import EXPORTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sources.md"


def test_the_page_names_every_export_once() -> None:
    named = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == [s.name for s in all_sources()]


def test_every_folder_of_fixtures_is_described() -> None:
    described = (EXPORTS / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in sorted(EXPORTS.iterdir()) if p.is_dir() and p.name not in described] == []
