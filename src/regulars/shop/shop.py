"""`Shop`, the door: it opens the folder and hands out what lies behind."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from regulars.engines.duckdb import DuckDBEngine
from regulars.model.settings import Settings
from regulars.shop import folder as folders


class Shop:
    """One shop: a folder, its settings and its facts."""

    def __init__(self, folder: Path, settings: Settings, engine: DuckDBEngine) -> None:
        self.folder = folder
        self.settings = settings
        self.engine = engine

    @classmethod
    def create(cls, folder: Path | str, settings: Settings | None = None) -> Shop:
        """Make a shop at ``folder`` and open it; raises `Refused` where one stands already."""
        folders.make(Path(folder), settings or Settings())
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path | str) -> Shop:
        """Open the shop at ``folder``; raises `NotAShop`, `ShopInUse`, `ShopTooOld`, `ShopTooNew`, `ShopDamaged`."""
        path = Path(folder)
        settings, engine = folders.open_existing(path)
        return cls(path, settings, engine)

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
