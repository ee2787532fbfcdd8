"""Where the real data sets are found: ``REGULARS_REAL_DATA``, else ``shared/data`` beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("REGULARS_REAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def realdata(name: str) -> Path:
    """The file, or a skipped test that says which file was not there."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"real data not at hand: {name} (set REGULARS_REAL_DATA)")
    return path
