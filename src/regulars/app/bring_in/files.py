"""Files as they are handed over: kept in the shop's folder until they are taken in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from regulars.app.base.requests import Request
from regulars.app.bring_in.models import Upload
from regulars.app.bring_in.work import LOOK, look_at
from regulars.app.doors.models import Person
from regulars.app.facts import the_shop
from regulars.app.jobs.running import start
from regulars.intake.looking import PLAIN

AT_ONCE = 1_000_000
"""Bytes of a file that is looked at while its page is made; a larger one has a job for it."""
LONGEST_NAME = 120
UNFIT = re.compile(r"[\x00-\x1f\x7f/\\]")


def keep(file: UploadedFile[Any], by: Person | None, *, look: bool = True) -> Upload:
    """Keep a file that was sent, and look at it unless it is to be taken in at once."""
    upload = Upload.objects.create(name=plain_name(file.name or ""), size=file.size or 0, made_by=by)
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    with upload.path.open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if look:
        look_anew(upload, by)
    return upload


def look_anew(upload: Upload, by: Person | None) -> None:
    """What is in the file now, at once or by a job."""
    if upload.size <= AT_ONCE:
        look_at(upload)
    else:
        upload.job = start(LOOK, {"upload": upload.pk}, by=by)
        upload.save(update_fields=["job"])


def name_columns(upload: Upload, names: Sequence[str], kind: str, request: Request) -> None:
    """The file written anew with these names of columns, its rows being of ``kind``, and looked at."""
    imports, half = the_shop().imports, upload.path.with_suffix(".half")
    imports.name_columns(upload.path, names, half)
    upload.path.unlink()
    upload.name = plain_name(f"{Path(upload.name).stem}.csv")
    upload.size = half.stat().st_size
    half.replace(upload.path)
    upload.save(update_fields=["name", "size"])
    look_at(upload)
    for table in upload.tables:
        if table.headers and table.recognised_as.removeprefix(PLAIN) != kind:
            imports.choose(table, as_=kind, now=the_shop().moment())
            look_at(upload)


def give_up(upload: Upload) -> None:
    """The file is gone; whatever was imported from it stays."""
    shutil.rmtree(upload.path.parent, ignore_errors=True)
    upload.delete()


def plain_name(name: str) -> str:
    """A name that is one, and keeps its ending."""
    name = UNFIT.sub("_", name).strip(". ") or "file"
    stem, ending = Path(name).stem, Path(name).suffix[:12]
    while len((stem + ending).encode()) > LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending
