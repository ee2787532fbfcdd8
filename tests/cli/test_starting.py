"""A command loads what it needs: the large libraries are left to those that compute, compile or write with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

COMPUTE, BRING_IN = {"scipy", "sklearn", "altair", "vl_convert", "pypdf"}, {"python_calamine"}
COMPILE, WRITE, SERVE = {"ibis", "sqlglot"}, {"liquid", "mjml", "css_inline", "phonenumbers"}, {"django", "waitress"}
LOADED = """
import json, sys
from regulars.cli.entry import run
loaded = []
for arguments in json.loads(sys.argv[1]):
    assert run(arguments) == 0
    loaded.append(sorted({name.split(".")[0] for name in sys.modules}))
print(json.dumps(loaded))
"""


def loaded_after(shop: Path, *commands: list[str]) -> list[set[str]]:
    """What one process has loaded after each of these commands."""
    asked = json.dumps([[*command, "--shop", str(shop)] for command in commands])
    done = subprocess.run([sys.executable, "-c", LOADED, asked], capture_output=True, text=True, check=True,
                          timeout=120)
    return [set(names) for names in json.loads(done.stdout.splitlines()[-1])]


def test_what_lists_and_counts_loads_no_library_it_does_not_use(little_shop_folder: Path) -> None:
    listed, counted = loaded_after(little_shop_folder, ["segment", "list"], ["segment", "preview", "any(orders)"])
    assert "duckdb" in listed and not listed & (COMPUTE | COMPILE | WRITE | SERVE | BRING_IN)
    assert counted >= COMPILE and not counted & (COMPUTE | WRITE | SERVE | BRING_IN)


def test_what_lists_campaigns_neither_writes_nor_judges_them(little_shop_folder: Path) -> None:
    listed, = loaded_after(little_shop_folder, ["campaign", "list"])
    assert not listed & (COMPUTE | COMPILE | SERVE)
