"""The language of personal fields: Liquid with few tags and filters, none of which can take long or grow large.

A text and each field in it have a greatest length, a loop turns `TURNS` times at most (loops in loops together), no
filter gives more than it is given, and what is written is cut off at `MOST_WRITTEN`: work and memory are bounded by
these alone, whatever somebody writes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from liquid import Environment, Undefined
from liquid.builtin import content, illegal
from liquid.builtin.filters import array, misc, string
from liquid.builtin.tags import capture_tag, case_tag, for_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.template import BoundTemplate

from regulars.errors import ContentRefused
from regulars.model.phrases import Own, phrases
from regulars.outreach.content.values import Said

text, counted = phrases("regulars.outreach", "content")

LONGEST, LONGEST_FIELD, MOST_FIELDS = 20_000, 300, 300
"""Signs of a text and of one field or tag (the time to read one grows with the third power), and fields of a text."""
TURNS = 100
MOST_WRITTEN = 400_000
TAGS = ("if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break",
        "continue")
FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": misc.default, "capitalize": string.capitalize, "upcase": string.upcase, "downcase": string.downcase,
    "strip": string.strip, "truncate": string.truncate, "truncatewords": string.truncatewords, "join": array.join,
    "first": array.first, "last": array.last, "size": misc.size}
TAG = re.compile(r"\{%-?\s*(\w*)")
OPENED = re.compile(r"\{\{|\{%")
LITERALS = re.compile("'[^']*'|\"[^\"]*\"")
WHOLE_NUMBERS = re.compile(r"\d{7,}")

_missed: ContextVar[list[str] | None] = ContextVar("missed", default=None)


class Missing(Undefined):
    """A field that is not known of this person: nothing where it is asked about, noted where it is written."""

    def __str__(self) -> str:
        missed = _missed.get()
        if missed is not None:
            missed.append((self.hint or self.name).split(" is undefined")[0].strip("'\""))
        return ""


class Small(Environment):
    """What a person may write; ``own`` adds what only the templates made here need."""

    block_nesting_limit = 10
    context_depth_limit = 20
    loop_iteration_limit = TURNS
    local_namespace_limit = MOST_WRITTEN
    output_stream_limit = MOST_WRITTEN
    own = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        tags: list[Any] = [content.Literal, Said, illegal.Illegal, if_tag.IfTag, unless_tag.UnlessTag, case_tag.CaseTag,
                for_tag.ForTag, for_tag.BreakTag, for_tag.ContinueTag]
        for tag in [*tags, *([capture_tag.CaptureTag] if self.own else [])]:
            self.add_tag(tag)
        for name, function in FILTERS.items():
            self.add_filter(name, function)


class Made(Small):
    own = True


_people = Small(undefined=Missing)
_html = Made(undefined=Missing, autoescape=True)
_plain = Made(undefined=Missing)


@contextmanager
def noting() -> Iterator[list[str]]:
    """In the block: the fields that were written and not known."""
    missed: list[str] = []
    token = _missed.set(missed)
    try:
        yield missed
    finally:
        _missed.reset(token)


def ready(source: str, *, html: bool) -> BoundTemplate:
    """A template made here out of parts that were `checked`; as HTML every value is escaped."""
    return (_html if html else _plain).from_string(source)


def written(template: BoundTemplate, fields: Mapping[str, Any]) -> str:
    """What it says of one person; raises `ContentRefused` where it goes beyond a limit."""
    try:
        return template.render(fields)
    except ResourceLimitError as error:
        raise ContentRefused(text("This message repeats too much."),
                             hint=text("A loop may turn {turns} times, all in all.", turns=TURNS)) from error
    except (LiquidError, RecursionError, ValueError, OverflowError) as error:
        raise _wrong(error) from error


@lru_cache(maxsize=2000)
def checked(source: str, known: frozenset[str]) -> frozenset[str]:
    """The fields a text asks for; raises `ContentRefused` where it cannot be read or asks for what is not ``known``.

    A field is known by its whole name or by the beginning of it (``next_product`` of ``next_product.name``).
    """
    if len(source) > LONGEST:
        raise ContentRefused(text("This text is too long: {n} signs, and {most} are the most.", n=len(source),
                                  most=LONGEST))
    if "{{" not in source and "{%" not in source:
        return frozenset()
    _ask_plain(source)
    try:
        found = _people.from_string(source).analyze()
    except (LiquidError, RecursionError, ValueError, OverflowError) as error:
        raise _wrong(error) from error
    _ask_known_filters(found.filters)
    asked = frozenset(_path(str(each)) for places in found.globals.values() for each in places)
    for path in sorted(asked):
        _ask_known(path, known)
    return asked


def pieces(source: str) -> list[str]:
    """The text in turns: plain, a field or tag, plain …; it begins and ends with a plain piece, which may be empty.

    What is opened and never closed stays within the last plain piece.
    """
    found, at, opened = [], 0, OPENED.search(source)
    while opened:
        end = source.find("}}" if opened[0] == "{{" else "%}", opened.end())
        if end < 0:
            break
        found += [source[at:opened.start()], source[opened.start():end + 2]]
        at = end + 2
        opened = OPENED.search(source, at)
    return [*found, source[at:]]


def _ask_plain(source: str) -> None:
    """Nothing within a field or tag that could be read as HTML, that counts far, or that is no tag of ours."""
    parts = pieces(source)
    if any(OPENED.search(piece) for piece in parts[::2]):
        raise ContentRefused(text("A field is opened and not closed."),
                             hint=text("Write it as {example}.", example=Own("{{ customer.first_name }}")))
    if len(parts) > 2 * MOST_FIELDS + 1:
        raise ContentRefused(text("These are too many fields in one text: {n}, and {most} are the most.",
                                  n=len(parts) // 2, most=MOST_FIELDS))
    for piece in parts[1::2]:
        if len(piece) > LONGEST_FIELD:
            raise ContentRefused(text("This field is too long: {field}", field=Own(f"{piece[:80]} …")))
        tag = TAG.match(piece)
        if tag and tag[1] not in TAGS:
            raise ContentRefused(text("There is no tag called '{name}'.", name=Own(tag[1][:80])),
                                 hint=text("There are: {known}.", known=[*TAGS]))
        if any(sign in literal for literal in LITERALS.findall(piece) for sign in "<>"):
            raise ContentRefused(text("< and > cannot stand in quotes within a field: {field}",
                                      field=Own(piece[:80])))
        if ".." in piece or WHOLE_NUMBERS.search(piece):
            raise ContentRefused(text("This counts too far: {field}", field=Own(piece[:80])))


def _ask_known_filters(filters: Mapping[str, Any]) -> None:
    for name in filters:
        if name not in FILTERS:
            raise ContentRefused(text("There is no filter called '{name}'.", name=Own(name[:80])),
                                 hint=text("There are: {known}.", known=[*FILTERS]))


def _ask_known(path: str, known: frozenset[str]) -> None:
    if any(path == name or path.startswith(f"{name}.") or name.startswith(f"{path}.") for name in known):
        return
    near = difflib.get_close_matches(path, sorted(known), 1)
    raise ContentRefused(text("There is no field called '{name}'.", name=Own(path[:80])),
                         hint=text("Did you mean {near}?", near=Own(near[0])) if near else
                         text("The list of fields stands beside the text."))


def _path(said: str) -> str:
    """Without the places in lists: ``last_order.products[0]`` is ``last_order.products``."""
    return said.partition("[")[0]


def _wrong(error: Exception) -> ContentRefused:
    if isinstance(error, RecursionError):
        return ContentRefused(text("Fields and conditions stand within each other too deeply."))
    reason = str(getattr(error, "message", "") or error).splitlines() or [""]
    return ContentRefused(text("A field or condition cannot be read: {reason}", reason=Own(reason[0][:200])),
                          hint=text("Conditions are written {example}.", example=Own(
                              "{% if next_product.name %} … {% endif %}")))
