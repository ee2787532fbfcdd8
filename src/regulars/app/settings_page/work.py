"""A copy of the whole shop, made beside its folder while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from regulars.app.facts import facts, the_shop
from regulars.app.jobs.kinds import Tell, work
from regulars.app.jobs.models import Job
from regulars.intake.prepared import Progress

BACKUP = "backup"


def backup_folder() -> Path:
    """Beside the shop's folder: a copy inside would be lost with it."""
    folder = facts().folder.resolve()
    return folder.with_name(f"{folder.name}-backups")


@work(BACKUP)
def backup(job: Job, tell: Tell) -> dict[str, Any]:
    """One file, read back before it counts."""
    tell(Progress("backup"))
    shop = the_shop()
    backup_folder().mkdir(mode=0o700, exist_ok=True)
    made = shop.backup(backup_folder() / f"{shop.moment():%Y-%m-%d-%H%M%S}.zip")
    return {"name": Path(made.target).name, "size": made.size}
