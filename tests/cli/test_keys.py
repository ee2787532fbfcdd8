"""``regulars keys``, in a process of its own: Django is set up once in each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def keys(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", "from regulars.cli import main; main()", "keys", *arguments, "--shop",
                           str(folder)], capture_output=True, text=True, check=False, timeout=120)


def test_a_key_is_made_listed_and_withdrawn(little_shop_folder: Path) -> None:
    made = json.loads(keys(little_shop_folder, "add", "Till", "--scope", "segments:read", "--json").stdout)
    assert made["key"].startswith("rk_") and made["scopes"] == ["segments:read"]
    listed = keys(little_shop_folder, "list").stdout
    assert "Till" in listed and made["key"] not in listed
    assert "opens nothing" in keys(little_shop_folder, "withdraw", str(made["id"])).stdout
    assert "withdrawn" in keys(little_shop_folder, "list").stdout


def test_a_scope_there_is_not_is_refused(little_shop_folder: Path) -> None:
    answer = keys(little_shop_folder, "add", "Till", "--scope", "segments:fly")
    assert answer.returncode == 1 and "There is no scope" in answer.stderr and "segments:read" in answer.stderr
