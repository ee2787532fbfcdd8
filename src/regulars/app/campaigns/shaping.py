"""The editor's form as a message, and what its buttons do to the blocks: moved, removed, added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, QueryDict

from regulars.outreach.content.blocks import (
    KINDS,
    Block,
    Button,
    Columns,
    Content,
    Message,
    Products,
    block_json,
    read_block,
)

Node = dict[str, Any]
"""Names of the form by their parts: ``b.3.c.1.0.text`` is the text of the first block in the second column of the
fourth."""
LISTED = "ids"


def typed(content: Content, post: QueryDict) -> Content:
    """The content with the message of the form's language as it is typed; raises `ContentRefused`."""
    language = post.get("language", content.base.language)
    before = content.said(language)
    subject, preheader = (" ".join(post.get(name, getattr(before, name)).split()) for name in ("subject", "preheader"))
    plain = post.get("plain", before.plain).replace("\r\n", "\n")
    return put(content, Message(language, subject, preheader, _blocks(_tree(post).get("b", {})), plain))


def put(content: Content, message: Message) -> Content:
    """The content with this message in its language."""
    if message.language == content.base.language:
        return replace(content, base=message)
    return replace(content, other={**content.other, message.language: message})


def led(content: Content, language: str) -> Content:
    """With the other languages' buttons that lead nowhere yet leading where those at the same place lead in this."""
    places = {at: block.link for at, block in enumerate(content.said(language).blocks)
              if isinstance(block, Button) and block.link.strip()}
    for message in content.messages:
        if message.language != language and places:
            content = put(content, replace(message, blocks=tuple(
                replace(block, link=places[at]) if at in places and isinstance(block, Button) and not block.link.strip()
                else block for at, block in enumerate(message.blocks))))
    return content


def _tree(post: QueryDict) -> Node:
    tree: Node = {}
    for name in post:
        if name.startswith("b."):
            *path, last = name.split(".")
            node = tree
            for part in path:
                node = _within(node, part)
            node[last] = post[name]
    return tree


def _within(node: Node, part: str) -> Node:
    found = node.setdefault(part, {})
    if not isinstance(found, dict):
        raise Http404
    return found


def _blocks(nodes: Mapping[str, Any], *, within: bool = False) -> tuple[Block, ...]:
    return tuple(_block(nodes[key], place, within=within) for place, key in enumerate(sorted(nodes, key=_number)))


def _number(part: str) -> int:
    if not part.isdecimal():
        raise Http404
    return int(part)


def _block(node: Any, place: int, *, within: bool) -> Block:
    if not isinstance(node, dict):
        raise Http404
    if node.get("kind") == Columns.kind:
        columns = node.get("c", {})
        return Columns(tuple(_blocks(columns[key].get("b", {}), within=True) for key in sorted(columns, key=_number)))
    said = {name: value for name, value in node.items() if isinstance(value, str)}
    for name in ("width", "most"):
        if name in said and not said[name].strip():
            del said[name]
    if LISTED in said:
        return read_block({**said, LISTED: said[LISTED].replace(",", " ").split()}, place, within=within)
    return read_block(said, place, within=within)


def done(message: Message, deed: str) -> Message:
    """A button's deed: ``up.3``, ``down.3``, ``remove.3``, ``add.text`` or ``add.text.3.1`` (into a column)."""
    what, *where = deed.split(".")
    if what == "add" and where:
        kind, *into = where
        return replace(message, blocks=_added(message.blocks, _new(kind), [_number(part) for part in into]))
    path = [_number(part) for part in where]
    if what not in DEEDS or len(path) not in (1, 3):
        raise Http404
    return replace(message, blocks=_at(message.blocks, path, DEEDS[what]))


def _new(kind: str) -> Block:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]()


Deed = Callable[[list[Block], int], list[Block]]


def _at(blocks: tuple[Block, ...], path: list[int], deed: Deed) -> tuple[Block, ...]:
    """The deed done to the block at a path: a place, or a place, a column and a place in it."""
    if path[0] >= len(blocks):
        return blocks
    if len(path) == 1:
        return tuple(deed(list(blocks), path[0]))
    held = blocks[path[0]]
    if not isinstance(held, Columns) or path[1] >= len(held.columns):
        return blocks
    columns = list(held.columns)
    columns[path[1]] = _at(columns[path[1]], path[2:], deed)
    return (*blocks[:path[0]], Columns(tuple(columns)), *blocks[path[0] + 1:])


def _added(blocks: tuple[Block, ...], new: Block, into: list[int]) -> tuple[Block, ...]:
    if not into:
        return (*blocks, new)
    held = blocks[into[0]] if into[0] < len(blocks) else None
    if len(into) != 2 or not isinstance(held, Columns) or into[1] >= len(held.columns) or isinstance(new, Columns):
        raise Http404
    columns = list(held.columns)
    columns[into[1]] = (*columns[into[1]], new)
    return (*blocks[:into[0]], Columns(tuple(columns)), *blocks[into[0] + 1:])


def _up(blocks: list[Block], place: int) -> list[Block]:
    if 0 < place < len(blocks):
        blocks[place - 1], blocks[place] = blocks[place], blocks[place - 1]
    return blocks


def _down(blocks: list[Block], place: int) -> list[Block]:
    return _up(blocks, place + 1)


def _remove(blocks: list[Block], place: int) -> list[Block]:
    return blocks[:place] + blocks[place + 1:]


DEEDS: Mapping[str, Deed] = {"up": _up, "down": _down, "remove": _remove}


def shown(blocks: tuple[Block, ...], at: str = "b", path: str = "") -> list[dict[str, Any]]:
    """The blocks for the editor's template: the beginning of each one's names, its path for the buttons, its values."""
    found = []
    for place, block in enumerate(blocks):
        here = {"kind": block.kind, "name": f"{at}.{place}", "path": f"{path}{place}", "values": block_json(block),
                "first": place == 0, "last": place == len(blocks) - 1}
        if isinstance(block, Columns):
            here["columns"] = [{"path": f"{path}{place}.{n}", "name": f"{at}.{place}.c.{n}", "blocks": shown(
                column, f"{at}.{place}.c.{n}.b", f"{path}{place}.{n}.")} for n, column in enumerate(block.columns)]
        if isinstance(block, Products):
            here["ids"] = " ".join(block.ids)
        found.append(here)
    return found


