"""Files that were made and wait to be taken out: kept by the process alone, for a while, and never on disk.

Nothing of them has to be found again at an erasure: whoever forgets somebody forgets these files too, and a file that
names somebody who may not be reached any more is made anew (see `Lists.holds`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.shop.lists import File

MOST_KEPT = 20
MOST_BYTES = 200_000_000
KEPT_FOR = timedelta(hours=1)
_kept: OrderedDict[tuple[Path, int], tuple[datetime, File]] = OrderedDict()
_lock = threading.Lock()


def keep(folder: Path, number: int, file: File, now: datetime) -> None:
    """Under a number of whoever asked for it; the oldest make way."""
    with _lock:
        _kept[folder, number] = now, file
        while len(_kept) > MOST_KEPT or (len(_kept) > 1 and sum(len(f.data) for _, f in _kept.values()) > MOST_BYTES):
            _kept.popitem(last=False)


def find(folder: Path, number: int, now: datetime) -> File | None:
    """None where it is kept no more."""
    with _lock:
        for of in [of for of, (at, _) in _kept.items() if now - at > KEPT_FOR]:
            del _kept[of]
        found = _kept.get((folder, number))
    return found[1] if found else None


def drop(folder: Path, number: int) -> None:
    with _lock:
        _kept.pop((folder, number), None)


def forget(folder: Path) -> None:
    """All of a shop's: somebody is to be forgotten."""
    with _lock:
        for of in [of for of in _kept if of[0] == folder]:
            del _kept[of]
