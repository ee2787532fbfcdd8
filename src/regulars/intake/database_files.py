"""Which SQLite files may be read as a source: never the shop's own, and by the pages none that nobody laid out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regulars.errors import Refused
from regulars.intake.database_drivers import sqlite_path
from regulars.intake.refusals import why

FOLDERS = "REGULARS_SQLITE"
"""What names, in the environment of the pages, the folders whose files they may read."""


def refuse_own(address: str, shop: Path) -> None:
    """Raise `Refused` for a file in the shop's folder: its books and people, and those who sign in, lie there."""
    path = sqlite_path(address)
    if path is None:
        return
    real, folder = path.resolve(), shop.resolve()
    if real.is_relative_to(folder) or any(_same(real, own) for own in folder.iterdir()):
        raise Refused(why("{path} is one of the shop's own files: it is no source.", path=path))


def refuse_elsewhere(address: str, folders: Sequence[Path]) -> None:
    """Raise `Refused` for a file in none of the folders, whether there is one or not."""
    path = sqlite_path(address)
    if path is not None and not any(path.resolve().is_relative_to(each.resolve()) for each in folders):
        raise Refused(why("The pages may not read {path}: whoever runs them says which folders they read SQLite files "
                          "from.", path=path),
                      hint=why("Name its folder in {variable} and start the pages anew, or use the command line.",
                               variable=FOLDERS),
                      command=f"regulars import {address} --query …")


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
