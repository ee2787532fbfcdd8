"""Forgetting from the terminal what the pages keep of a customer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command

from regulars.shop.folder import APP


def forget(folder: Path, customers: Sequence[str]) -> None:
    """As `forgetting.forget`; nothing is made of a shop whose pages were never served."""
    if not ((folder / APP).exists() or os.environ.get("DATABASE_URL")):
        return
    os.environ["REGULARS_SHOP"] = str(folder.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.app.settings"
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    import_module("regulars.app.customers.forgetting").forget(customers)
