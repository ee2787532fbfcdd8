"""A message as somebody wrote it: a subject and blocks, in one language or several, kept as JSON with its campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

from regulars.errors import ContentRefused
from regulars.model.languages import LANGUAGES
from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.outreach", "content")

MOST_BLOCKS, MOST_COLUMNS = 60, 3
LONGEST_SUBJECT = 300
WIDEST, NARROWEST = 552, 16
CHOICES = ("next", "favourite", "last", "release", "chosen")


@dataclass(frozen=True)
class Heading:
    kind: ClassVar[str] = "heading"
    text: str = ""


@dataclass(frozen=True)
class Text:
    """Paragraphs, an empty line between them; ``**bold**``, ``[words](https://…)``, lines of a list begin ``- ``."""

    kind: ClassVar[str] = "text"
    text: str = ""


@dataclass(frozen=True)
class Picture:
    """``source`` is an address; ``alt`` what it shows, for who does not see it; ``width`` in pixels."""

    kind: ClassVar[str] = "picture"
    source: str = ""
    alt: str = ""
    link: str = ""
    width: int = WIDEST


@dataclass(frozen=True)
class Button:
    kind: ClassVar[str] = "button"
    text: str = ""
    link: str = ""


@dataclass(frozen=True)
class Products:
    """What this person most likely wants next, the newest of their favourite category that they have not got, what
    they bought last, the product the message is about (``release``), or products ``chosen`` by id; nobody is shown an
    empty list: it goes with its heading."""

    kind: ClassVar[str] = "products"
    choose: str = "next"
    text: str = ""
    ids: tuple[str, ...] = ()
    most: int = 3


@dataclass(frozen=True)
class Code:
    """The offer's code, with words before it."""

    kind: ClassVar[str] = "code"
    text: str = ""


@dataclass(frozen=True)
class Columns:
    """Two or three columns side by side, one below the other on a telephone."""

    kind: ClassVar[str] = "columns"
    columns: tuple[tuple[Block, ...], ...] = ((), ())


Block = Heading | Text | Picture | Button | Products | Code | Columns
KINDS: Mapping[str, Callable[..., Block]] = {
    kind.kind: kind for kind in (Heading, Text, Picture, Button, Products, Code, Columns)}
LABELS: Mapping[str, Sentence] = {
    "heading": text("Heading"), "text": text("Text"), "picture": text("Picture"), "button": text("Button"),
    "products": text("Products"), "code": text("Offer code"), "columns": text("Columns")}


@dataclass(frozen=True)
class Message:
    """``preheader`` is what a mailbox shows after the subject; ``plain`` the text part, made of the blocks where empty.
    """

    language: str
    subject: str = ""
    preheader: str = ""
    blocks: tuple[Block, ...] = ()
    plain: str = ""


@dataclass(frozen=True)
class Content:
    """A variant's message: ``base``, and as it is said in ``other`` languages."""

    base: Message
    other: Mapping[str, Message] = field(default_factory=dict)

    def said(self, language: str) -> Message:
        """In the language, or in that of the base where nobody wrote it in that one."""
        return self.other.get(language, self.base) if language != self.base.language else self.base

    @property
    def messages(self) -> tuple[Message, ...]:
        return (self.base, *self.other.values())


def every(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, those within columns after the columns they stand in."""
    for block in blocks:
        yield block
        if isinstance(block, Columns):
            for column in block.columns:
                yield from every(column)


def to_json(content: Content) -> dict[str, Any]:
    """As it is kept with its campaign; `read` reads it."""
    return {**_message_json(content.base), "other": {code: _message_json(said) for code, said in content.other.items()}}


def _message_json(message: Message) -> dict[str, Any]:
    return {"language": message.language, "subject": message.subject, "preheader": message.preheader,
            "plain": message.plain, "blocks": [block_json(block) for block in message.blocks]}


def block_json(block: Block) -> dict[str, Any]:
    if isinstance(block, Columns):
        return {"kind": block.kind, "columns": [[block_json(each) for each in column] for column in block.columns]}
    return {"kind": block.kind, **{name: list(value) if isinstance(value, tuple) else value
                                   for name, value in asdict(block).items()}}


def read(data: Mapping[str, Any], language: str = "en") -> Content:
    """What `to_json` wrote, or somebody's program; raises `ContentRefused` for what is no message."""
    base = _message(data, language)
    other = data.get("other") or {}
    if not isinstance(other, Mapping):
        raise _odd("other")
    return Content(base, {code: _message({**_mapping(said), "language": code}, code) for code, said in other.items()
                          if code != base.language})


def _message(data: Mapping[str, Any], language: str) -> Message:
    spoken = _text(data, "language") or language
    if spoken not in LANGUAGES:
        raise ContentRefused(text("Language '{language}' is not spoken here.", language=Own(spoken[:20])),
                             hint=text("Choose {known}.", known=[*LANGUAGES]))
    blocks = data.get("blocks") or ()
    if not isinstance(blocks, list | tuple):
        raise _odd("blocks")
    found = tuple(read_block(each, place) for place, each in enumerate(blocks))
    if sum(1 for _ in every(found)) > MOST_BLOCKS:
        raise ContentRefused(text("A message has at most {most} blocks.", most=MOST_BLOCKS))
    return Message(spoken, _line(data, "subject"), _line(data, "preheader"), found, _text(data, "plain"))


def read_block(data: Any, place: int, *, within: bool = False) -> Block:
    """One block; ``within`` columns there are no more columns."""
    kind = _text(_mapping(data), "kind")
    if kind not in KINDS or (within and kind == Columns.kind):
        raise ContentRefused(text("There is no block called '{kind}' here.", kind=Own(kind[:40])),
                             hint=text("There are: {known}.", known=[*KINDS]), block=place)
    if kind == Columns.kind:
        return _columns(data, place)
    made = KINDS[kind]
    return made(**{each.name: _value(data, each.name, each.default) for each in fields(made)  # type: ignore[arg-type]
                   if each.name in data})


def _columns(data: Mapping[str, Any], place: int) -> Columns:
    columns = data.get("columns")
    if not isinstance(columns, list | tuple) or not 2 <= len(columns) <= MOST_COLUMNS or not all(
            isinstance(column, list | tuple) for column in columns):
        raise ContentRefused(text("There are two columns, or three."), block=place)
    return Columns(tuple(tuple(read_block(each, place, within=True) for each in column) for column in columns))


def _value(data: Mapping[str, Any], name: str, default: Any) -> Any:
    value = data[name]
    if isinstance(default, int):
        if not isinstance(value, int | str) or not str(value).strip().isdecimal() or len(str(value)) > 6:
            raise _odd(name)
        return int(value)
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise _odd(name)
        return tuple(value)
    return _text(data, name)


def _text(data: Mapping[str, Any], name: str) -> str:
    """With lines that end in one way, and without signs that no letter has."""
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise _odd(name)
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    if any(sign < " " and sign not in "\n\t" for sign in lines) or "\x7f" in lines or not _whole(lines):
        raise ContentRefused(text("There are signs in it that no letter has."))
    return lines


def _whole(value: str) -> bool:
    """Whether it can be written as UTF-8: half of a pair of surrogates cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _line(data: Mapping[str, Any], name: str) -> str:
    """One line: a line's end within a subject would begin another header of the mail."""
    value = _text(data, name).strip()
    if "\n" in value:
        raise ContentRefused(text("A subject is one line."))
    if len(value) > LONGEST_SUBJECT:
        raise ContentRefused(text("This subject is too long: {n} signs, and {most} are the most.", n=len(value),
                                  most=LONGEST_SUBJECT))
    return value


def _mapping(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise _odd("blocks")
    return data


def _odd(name: str) -> ContentRefused:
    return ContentRefused(text("'{name}' is not what it should be.", name=Own(name)))
