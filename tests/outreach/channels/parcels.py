"""People to hand over."""

from __future__ import annotations

from typing import Any

from regulars.model.figures import Figures
from regulars.model.settings import Settings
from regulars.outreach.channels.base import Parcel
from regulars.outreach.channels.lists import Asked

SETTINGS = Settings(name="Little shop", country="NL", timezone="Europe/Amsterdam")


def parcel(number: int = 1, to: str = "", name: str = "Ada Bloem", text: str = "Hello.", **person: Any) -> Parcel:
    return Parcel(number, f"C{number}", to, name=name, subject="News", text=text, person=person)


def asked(language: str = "en", **more: Any) -> Asked:
    return Asked("Autumn", SETTINGS, Figures(SETTINGS, language), **more)
