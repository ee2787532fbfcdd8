"""The text part of a message, made of its blocks."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.outreach.content import words
from regulars.outreach.content.blocks import Block, Button, Code, Columns, Heading, Message, Picture, Products, Text
from regulars.outreach.content.links import checked_link


def as_plain(message: Message, footer: str, until: str) -> str:
    """Liquid of plain text: what somebody wrote as text part, else the blocks one below the other."""
    body = words.as_plain(message.plain) if message.plain.strip() else of_blocks(message.blocks, until)
    return f"{body}\n\n-- \n{footer}\n" if footer else f"{body}\n"


def of_blocks(blocks: Sequence[Block], until: str) -> str:
    """The blocks as text; as somebody would begin to edit it."""
    return "\n\n".join(part for part in (_block(block, until) for block in blocks) if part.strip())


def _block(block: Block, until: str) -> str:
    match block:
        case Heading():
            return " ".join(block.text.split())
        case Text():
            return words.as_plain(block.text)
        case Picture():
            return " ".join(part for part in (block.alt.strip() and f"[{block.alt.strip()}]", _led(block.link)) if part)
        case Button():
            return f"{' '.join(block.text.split())}: {_led(block.link)}"
        case Products():
            return _products(block)
        case Code():
            return "{% if offer.gives %}{{ offer.gives }}\n{% endif %}" + \
                f"{block.text.strip()} {{{{ offer.code }}}}".strip() + f"{{% if offer.until %}} ({until}){{% endif %}}"
        case Columns():
            return "\n\n".join(of_blocks(column, until) for column in block.columns)


def _led(link: str) -> str:
    return checked_link(link) if link.strip() else ""


def _products(block: Products) -> str:
    listed = f"products.{block.choose}"
    heading = f"{block.text.strip()}\n" if block.text.strip() else ""
    row = "- {{ p.name }}{% if p.price %}, {{ p.price }}{% endif %}{% if p.link %}: {{ p.link }}{% endif %}\n"
    return (f"{{% if {listed}.size > 0 %}}{heading}{{% for p in {listed} limit:{block.most} %}}{row}{{% endfor %}}"
            "{% endif %}")
