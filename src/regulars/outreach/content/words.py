"""A text with fields, as HTML and as plain text: paragraphs, lists, bold words and links, all else escaped."""

from __future__ import annotations

import re

from markupsafe import escape

from regulars.errors import ContentRefused
from regulars.model.phrases import phrases
from regulars.outreach.content.links import checked_link
from regulars.outreach.content.personal import TAG, pieces

text, counted = phrases("regulars.outreach", "content")

KEPT = re.compile("\ue000(\\d+)\ue001")
LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(((?:[^()\s]|\([^()\s]{0,200}\)){1,2000})\)")
BOLD = re.compile(r"\*\*([^*\n]{1,1000})\*\*")
TO_FILL_IN = re.compile(r"\[[^\[\]\n]{1,300}\](?!\()")
"""What a draft leaves open, in square brackets."""
P = '<p style="margin:0 0 14px">'
UL = '<ul style="margin:0 0 14px;padding-inline-start:22px">'


def as_html(source: str) -> str:
    """Liquid of HTML: paragraphs whose fields leave nothing are left out with their margins."""
    kept, plain = _set_aside(source)
    return "".join(_put_back(part if _is_bare(part, kept) else _paragraph(part), kept)
                   for part in _paragraphs(plain, kept))


def as_line(source: str) -> str:
    """Liquid of HTML of one line: a heading, what a button says."""
    kept, plain = _set_aside(source)
    return _put_back(_safe(" ".join(plain.split())), kept)


def as_plain(source: str) -> str:
    """Liquid of plain text: links as their words and where they lead."""
    kept, plain = _set_aside(source)
    said = BOLD.sub(r"\1", LINK.sub(lambda m: f"{m[1]}: {checked_link(m[2])}", plain))
    return "\n\n".join(_put_back(part, kept) for part in _paragraphs(said, kept))


def links(source: str) -> list[str]:
    """The addresses its links lead to; raises `ContentRefused` for one that is none."""
    return [checked_link(m[2]) for m in LINK.finditer(_set_aside(source)[1])]


def to_fill_in(source: str) -> list[str]:
    """What still stands in square brackets."""
    return TO_FILL_IN.findall(_set_aside(source)[1])


def _set_aside(source: str) -> tuple[list[str], str]:
    """The fields, and the text with a sign for each: what is done to the text does not touch them."""
    parts = pieces(source.replace("\ue000", "").replace("\ue001", ""))
    kept = parts[1::2]
    signs = [f"\ue000{n}\ue001" for n in range(len(kept))]
    return kept, "".join(part for pair in zip(parts[::2], [*signs, ""], strict=True) for part in pair)


def _put_back(done: str, kept: list[str]) -> str:
    return KEPT.sub(lambda m: kept[int(m[1])], done)


def _paragraphs(plain: str, kept: list[str]) -> list[str]:
    parts = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", plain) if part.strip()]
    for part in parts:
        if not _is_bare(part, kept) and _is_open(part, kept):
            raise ContentRefused(
                text("A condition begins in one paragraph and ends in another."),
                hint=text("Begin and end it within a paragraph, or give its beginning and its end a paragraph each."))
    return parts


def _is_bare(part: str, kept: list[str]) -> bool:
    """Whether there are only tags in it, so that it is no paragraph."""
    return not KEPT.sub("", part).strip() and all(TAG.match(kept[int(m[1])]) for m in KEPT.finditer(part))


def _is_open(part: str, kept: list[str]) -> bool:
    """Whether a tag that begins here does not end here, or the other way round."""
    depth = 0
    for m in KEPT.finditer(part):
        tag = TAG.match(kept[int(m[1])])
        if tag and tag[1] in ("if", "unless", "case", "for"):
            depth += 1
        elif tag and tag[1].startswith("end"):
            depth -= 1
        if depth < 0:
            return True
    return depth != 0


def _paragraph(part: str) -> str:
    lines = part.split("\n")
    listed = all(line.lstrip().startswith("- ") for line in lines)
    inner = "".join(f"<li>{_safe(line.lstrip()[2:])}</li>" for line in lines) if listed else \
        "<br>".join(map(_safe, lines))
    return _unless_empty(f"{UL}{{}}</ul>" if listed else f"{P}{{}}</p>", inner)


def _unless_empty(around: str, inner: str) -> str:
    if "\ue000" not in inner:
        return around.replace("{}", inner)
    return (f"{{% capture r_said %}}{inner}{{% endcapture %}}{{% if r_said != blank %}}"
            f"{around.replace('{}', '{{ r_said }}')}{{% endif %}}")


def _safe(line: str) -> str:
    """Escaped, braces too, with its links and bold words."""
    done, at = [], 0
    for m in LINK.finditer(line):
        done += [_bold(line[at:m.start()]), _anchor(m[1], m[2])]
        at = m.end()
    return "".join([*done, _bold(line[at:])])


def _anchor(words: str, address: str) -> str:
    return f'<a href="{_escaped(checked_link(address))}" style="color:#0b6b5a">{_bold(words)}</a>'


def _bold(words: str) -> str:
    return BOLD.sub(r"<strong>\1</strong>", _escaped(words))


def _escaped(words: str) -> str:
    return str(escape(words)).replace("{", "&#123;").replace("}", "&#125;")

