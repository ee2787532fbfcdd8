"""One language of a variant, made ready once and written for each person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from regulars.errors import ContentRefused
from regulars.model.clock import local_day
from regulars.model.figures import Figures
from regulars.model.phrases import Own, phrases
from regulars.model.settings import Settings
from regulars.outreach.campaign import Offer
from regulars.outreach.content import footer, giving, layout, links, plain, words
from regulars.outreach.content.blocks import (
    CHOICES,
    NARROWEST,
    WIDEST,
    Block,
    Button,
    Code,
    Columns,
    Heading,
    Message,
    Picture,
    Products,
    Text,
    every,
    read,
)
from regulars.outreach.content.fields import CHOSEN
from regulars.outreach.content.naming import FIELDS, GREETING
from regulars.outreach.content.personal import checked, noting, ready, written
from regulars.outreach.content.values import own
from regulars.outreach.says import MAIL, NOTHING, ON_NO_SCREEN, SUBJECTS

text, counted = phrases("regulars.outreach", "content")

KNOWN = frozenset(FIELDS)
UNSEEN = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
GAPS = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
LONGEST_SUBJECT = 250
FIRST_NAME = "first_name"


@dataclass(frozen=True)
class Made:
    """A message as one person gets it; ``missing`` are fields that were to be written and are not known of them."""

    subject: str
    html: str
    text: str
    missing: tuple[str, ...] = ()


class Template:
    """``content`` is a variant's, as JSON; ``language`` the person's (its base where nobody wrote it in that one).

    ``says``: what of it the channel carries; what is no mail (a call, a text message) has no line below it that says
    how to leave, and need not have a subject. Raises `ContentRefused`
    for content that cannot be sent to anybody.
    """

    def __init__(self, content: Mapping[str, Any], language: str, settings: Settings, *, says: str = MAIL) -> None:
        self.message = carried(read(content, settings.language).said(language), says)
        self.language = self.message.language
        self.checked(self.message, says)
        self._make(Figures(settings, self.language), says)

    @staticmethod
    def checked(message: Message, says: str = MAIL) -> None:
        """Raise `ContentRefused` for the first thing that keeps it from going to anybody."""
        for trouble in troubles(message, says):
            raise trouble

    @classmethod
    def of(cls, message: Message, settings: Settings, says: str = MAIL) -> Template:
        """Of what can be shown of a message: blocks that are refused are left out."""
        made = cls.__new__(cls)
        made.message, made.language = sound(carried(message, says)), message.language
        made._make(Figures(settings, message.language), says)
        return made

    def _make(self, figures: Figures, says: str) -> None:
        message, mail = self.message, says == MAIL
        self.needs = needs(message)
        self._subject = ready(message.subject, html=False)
        until = footer.until(figures)
        self._html = ready(layout.as_html(message, footer.as_html(figures) if mail else "", until), html=True)
        self._text = ready(plain.as_plain(message, footer.as_plain(figures) if mail else "", until), html=False)
        self._figures = figures

    def render(self, fields: Mapping[str, Any]) -> Made:
        """For one person; a subject is one line, whatever stands in a field."""
        known = {name: value for name, value in fields.items() if value != ""}
        shop = {name: own(value) for name, value in (fields.get("shop") or {}).items()}
        fields = {**known, "language": self.language, "shop": shop, "offer": self._offer(fields.get("offer") or {}),
                  GREETING: self._greeting(fields.get("customer") or {})}
        with noting() as missed:
            subject = " ".join(UNSEEN.sub(" ", written(self._subject, fields)).split())[:LONGEST_SUBJECT]
            html = written(self._html, fields)
            said = GAPS.sub("\n\n", written(self._text, fields)).strip() + "\n"
        return Made(subject, html, said, tuple(dict.fromkeys(missed)))

    def _greeting(self, customer: Mapping[str, Any]) -> str:
        first = customer.get(FIRST_NAME)
        said = text("Hello {name},", name=Own(str(first))) if first else text("Hello,")
        return said.say(self._figures)

    def _offer(self, offer: Mapping[str, Any]) -> dict[str, Any]:
        """With what it gives in words, and the day until which it holds, where it is a moment (naive UTC)."""
        until, given = offer.get("until"), offer.get("gives")
        gives = own(giving.gives(given).say(self._figures)) if isinstance(given, Offer) else given
        said = own(self._figures.day(local_day(until, self._figures.settings.zone))) if isinstance(
            until, datetime) else until
        return {name: value for name, value in {**offer, "until": said, "gives": gives}.items() if value}


def needs(message: Message) -> frozenset[str]:
    """The fields it asks for, those of lists of products and of the offer's code among them."""
    asked = {name for source in texts(message) for name in checked(source, KNOWN)}
    for block in every(message.blocks):
        if isinstance(block, Products):
            asked.add(f"products.{block.choose}")
            asked |= {f"{CHOSEN}{each}" for each in block.ids if block.choose == "chosen"}
        elif isinstance(block, Code):
            asked |= {"offer.code", "offer.until", "offer.gives"}
    return frozenset(f"customer.{FIRST_NAME}" if name == GREETING else name for name in asked)


def texts(message: Message) -> Iterator[str]:
    """Everything somebody wrote of it, as it was written."""
    yield from (message.subject, message.preheader, message.plain)
    for block in every(message.blocks):
        yield from (block.alt,) if isinstance(block, Picture) else () if isinstance(block, Columns) else (block.text,)


def carried(message: Message, says: str) -> Message:
    """Without what a channel does not carry of it: see `outreach.says`."""
    blocks = _without_links(message.blocks) if says in ON_NO_SCREEN else message.blocks
    return replace(message, blocks=blocks, subject=message.subject if says in SUBJECTS else "",
                   preheader=message.preheader if says == MAIL else "")


def _without_links(blocks: Sequence[Block]) -> tuple[Block, ...]:
    return tuple(Columns(tuple(_without_links(column) for column in block.columns)) if isinstance(block, Columns)
                 else block for block in blocks if not isinstance(block, Button | Picture))


def troubles(message: Message, says: str = MAIL) -> list[ContentRefused]:
    """Everything that keeps it from being sent, in the order of the message."""
    if says == NOTHING:
        return []
    message = carried(message, says)
    found = [*_refused(message.subject), *_refused(message.preheader), *_refused(message.plain, whole=True)]
    if not message.subject and says == MAIL:
        found.append(ContentRefused(text("The message has no subject.")))
    if not message.plain.strip() and not any(_says(each) for each in every(message.blocks)):
        found.append(ContentRefused(text("The message says nothing yet.")))
    for place, block in enumerate(message.blocks):
        for each in every([block]):
            error = _trouble(each)
            if error is not None:
                error.block = place
                found.append(error)
    return found


def _says(block: Block) -> bool:
    """Whether anybody has put anything into it; what holds others says nothing by itself."""
    return bool(block.text.strip()) if isinstance(block, Heading | Text) else not isinstance(block, Columns)


def sound(message: Message) -> Message:
    """Without what is refused, for showing the rest."""
    return replace(message, blocks=_sound(message.blocks), **{
        name: "" for name in ("subject", "preheader", "plain")
        if _refused(getattr(message, name), whole=name == "plain")})


def _sound(blocks: Sequence[Block]) -> tuple[Block, ...]:
    return tuple(Columns(tuple(_sound(column) for column in block.columns)) if isinstance(block, Columns) else block
                 for block in blocks if _trouble(block) is None)


def _refused(source: str, *, whole: bool = False) -> list[ContentRefused]:
    """What is wrong with one text; one of several paragraphs (``whole``) may have links."""
    try:
        checked(source, KNOWN)
        if whole:
            words.as_html(source)
        else:
            words.as_line(source)
    except ContentRefused as error:
        return [error]
    return []


def _trouble(block: Block) -> ContentRefused | None:
    try:
        _ask(block)
    except ContentRefused as error:
        return error
    return None


def _ask(block: Block) -> None:
    """Raise `ContentRefused` where a block cannot be shown."""
    match block:
        case Heading() | Code():
            _ask_text(block.text)
        case Text():
            _ask_text(block.text, whole=True)
        case Button():
            _ask_text(block.text)
            if not block.text.strip():
                raise ContentRefused(text("A button says nothing."))
            if not block.link.strip():
                raise ContentRefused(text("A button leads nowhere yet."),
                                     hint=text("Give it the address of a page of your shop."))
            links.checked_link(block.link)
        case Picture():
            _ask_picture(block)
        case Products():
            _ask_text(block.text)
            if block.choose not in CHOICES or not 1 <= block.most <= 12:
                raise ContentRefused(text("A list of products shows 1 to 12 of one choice."))


def _ask_text(source: str, *, whole: bool = False) -> None:
    for error in _refused(source, whole=whole):
        raise error


def _ask_picture(block: Picture) -> None:
    _ask_text(block.alt)
    if not block.source.strip():
        raise ContentRefused(text("A picture is not chosen yet."))
    if not links.is_picture(links.checked_link(block.source)):
        raise ContentRefused(text("A picture's address begins with https://."))
    if block.link:
        links.checked_link(block.link)
    if not NARROWEST <= block.width <= WIDEST:
        raise ContentRefused(text("A picture is {least} to {most} pixels wide.", least=NARROWEST, most=WIDEST))
