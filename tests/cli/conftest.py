"""The command line as a person uses it: what was said, what came out, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regulars.cli.entry import run


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        assert self.code == 0, self.err
        return self.out.splitlines()


Line = Callable[..., Said]


@pytest.fixture
def line(capfd: pytest.CaptureFixture[str]) -> Line:
    """Run ``regulars`` with these arguments in this process."""
    def call(*arguments: object) -> Said:
        code = run([str(a) for a in arguments])
        return Said(code, *capfd.readouterr())
    return call


@pytest.fixture
def shop(line: Line, little_shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """The same in the little shop."""
    monkeypatch.setenv("REGULARS_SHOP", str(little_shop_folder))
    return line
