"""What is written being on the disk, and not only handed to the system."""

from __future__ import annotations

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Everything of a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
