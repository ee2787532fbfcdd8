"""An explanation as a person reads it."""

from __future__ import annotations

from typing import Any

from regulars.cli.call import Call
from regulars.cli.printing import Figures


def show(call: Call, found: Any, figures: Figures) -> None:
    raise NotImplementedError
