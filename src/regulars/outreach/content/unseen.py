"""Pictures of the shop's own that whoever gets the message would not see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from regulars.errors import ContentRefused
from regulars.model.phrases import phrases
from regulars.outreach.content.blocks import Message, Picture, every, read
from regulars.outreach.content.pictures import find

text, counted = phrases("regulars.outreach", "content")
UNSEEN = text("Customers do not see a picture that was chosen before the address of these pages was said: choose it "
              "again.")


def unseen_pictures(content: Mapping[str, Any], language: str, shop: Path, address: str) -> Iterator[tuple[str, int]]:
    """Language and place of each that was chosen while the pages had another address, or none that customers reach.

    ``language`` is the shop's, ``address`` that of its pages; of what cannot be read there is none.
    """
    root = address.rstrip("/")
    for message, place, picture in _pictures(content, language):
        path = PurePosixPath(urlsplit(picture.source).path)
        ours = path.parent.name == "pictures" and find(shop, path.name) is not None
        if ours and not (root and picture.source.startswith(f"{root}/")):
            yield message.language, place


def _pictures(content: Mapping[str, Any], language: str) -> Iterator[tuple[Message, int, Picture]]:
    if "blocks" not in content:
        return
    try:
        messages = read(content, language).messages
    except ContentRefused:
        return
    for message in messages:
        for place, block in enumerate(message.blocks):
            yield from ((message, place, each) for each in every([block]) if isinstance(each, Picture))
