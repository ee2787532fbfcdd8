"""A message to begin from, out of the lines for an occasion: nothing is said that is not true of whoever gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regulars.model.figures import Figures
from regulars.model.phrases import Own, Sentence, phrases
from regulars.model.settings import Settings
from regulars.outreach.content.blocks import Block, Button, Code, Content, Message, Products, Text
from regulars.outreach.content.naming import GREETING
from regulars.outreach.content.template import carried
from regulars.outreach.content.values import placed
from regulars.outreach.says import MAIL

text, counted = phrases("regulars.outreach", "content")


Lines = tuple[str, Sequence[str]]
"""A subject and paragraphs, as they are said in one language."""


def drafted(settings: Settings, language: str, lines: Mapping[str, Lines], *, show: str = "",
            offer: bool = False, says: str = MAIL, home: str = "", answers: bool = False) -> Content:
    """In every language of ``lines``, ``language`` first. ``show``: what `Products.choose` chooses, "" for no products;
    ``offer``: with the code of one; ``says``: what of it its way carries;
    ``home``: where its button leads, "" where nobody knows; ``answers``: it is to lead to answers, and only whoever
    writes knows where these are.
    """
    said = {each: carried(_message(figures := Figures(settings, each), *words, show, offer,
                                   _button(figures, answers, home)), says) for each, words in lines.items()}
    base = said.pop(language if language in said else settings.language)
    return Content(base, said)


def _button(figures: Figures, answers: bool, home: str) -> Button:
    return Button(text("To the answers").say(figures)) if answers else Button(text("To the shop").say(figures), home)


def _message(figures: Figures, subject: str, lines: Sequence[str], show: str, offer: bool,
             button: Button) -> Message:
    blocks: list[Block] = [Text("\n\n".join([f"{{{{ {GREETING} }}}}", *lines]))]
    if offer:
        blocks.append(Code(text("Your code").say(figures)))
    if show:
        blocks.append(Products(show, placed(_heading(show).say(figures))))
    blocks += [button,
               Text(placed(text("Kind regards from {shop}", shop=Own("{{ shop.name }}")).say(figures)))]
    return Message(figures.locale, subject, blocks=tuple(blocks))


def _heading(show: str) -> Sentence:
    """Said only to those who have something in the list."""
    if show == "next":
        return text("Others who bought what you did chose this next")
    if show == "favourite":
        return text("As you like {category}", category=Own("{{ favourite.category }}"))
    return text("For you")
