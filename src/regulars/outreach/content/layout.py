"""Blocks as MJML, and MJML as HTML that mail programs show: what anybody typed never passes through either.

Every text, address and condition stands as a token while MJML lays the message out, and takes its place afterwards: so
nothing typed can be a tag of MJML, and MJML (which writes some letters of an attribute as Rust does) changes no letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import css_inline
import mjml

from regulars.model.catalogs import RIGHT_TO_LEFT
from regulars.outreach.content import words
from regulars.outreach.content.blocks import Block, Button, Code, Columns, Heading, Message, Picture, Products, Text
from regulars.outreach.content.links import checked_link

ACCENT, INK, SOFT, GROUND, LINE = "#0b6b5a", "#1d1c1a", "#5e5a54", "#f4f2ee", "#dedad2"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif"
URDU_FONTS = "'Noto Naskh Arabic', 'Segoe UI', Tahoma, Arial, sans-serif"
WIDTH = 600
TOKEN = re.compile(r"<!--(rgq\d{5}q)-->|(rgq\d{5}q)")
TAGS = frozenset({"mjml", "mj-head", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-text", "mj-button",
                  "mj-body", "mj-section", "mj-column", "mj-image", "mj-raw"})
"""The tags of MJML that are used; the library takes any, and shows nothing for those it does not know."""
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


@dataclass
class Tokens:
    """What is to stand where, by the token that stands there meanwhile."""

    until: str
    kept: list[str] = field(default_factory=list)

    def put(self, liquid: str) -> str:
        self.kept.append(liquid)
        return f"rgq{len(self.kept) - 1:05d}q"

    def fill(self, html: str) -> str:
        return TOKEN.sub(lambda m: self.kept[int((m[1] or m[2])[3:8])], html)


@dataclass(frozen=True)
class Side:
    """Where a line begins, by the direction of the language."""

    language: str

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def start(self) -> str:
        return "right" if self.language in RIGHT_TO_LEFT else "left"

    @property
    def fonts(self) -> str:
        return URDU_FONTS if self.language == "ur" else FONTS


def as_html(message: Message, footer: str, until: str) -> str:
    """Liquid of the whole HTML; ``footer`` and ``until`` (of the offer) are Liquid of HTML.

    Raises `ContentRefused` for a link that is none.
    """
    tokens, side = Tokens(until), Side(message.language)
    laid_out = mjml.mjml2html(_mjml(message, footer, tokens, side), fonts={})
    # Braces that happen to stand together in a style would be read as a field.
    bare = _inliner.inline(laid_out).replace("{{", "{ {").replace("}}", "} }").replace("{%", "{ %").replace("%}", "% }")
    return tokens.fill(bare)


def _mjml(message: Message, footer: str, tokens: Tokens, side: Side) -> str:
    title, preview = tokens.put(words.as_line(message.subject)), tokens.put(words.as_line(message.preheader))
    preheader = f"<mj-preview>{preview}</mj-preview>" if message.preheader else ""
    sections = "".join(_section(run, tokens, side) for run in _runs(message.blocks))
    return (
        f'<mjml lang="{side.language}" dir="{side.direction}"><mj-head><mj-title>{title}</mj-title>{preheader}'
        f'<mj-attributes><mj-all font-family="{side.fonts}" /><mj-text font-size="16px" line-height="1.55"'
        f' color="{INK}" align="{side.start}" padding="6px 24px" /><mj-button font-size="16px" font-weight="600"'
        f' background-color="{ACCENT}" border-radius="6px" inner-padding="12px 24px" padding="12px 24px"'
        f' align="{side.start}" /></mj-attributes></mj-head>'
        f'<mj-body background-color="{GROUND}" width="{WIDTH}px">{sections}<mj-section padding="12px 0"'
        f' direction="{side.direction}"><mj-column direction="{side.direction}"><mj-text font-size="13px"'
        f' color="{SOFT}">{tokens.put(footer)}</mj-text></mj-column></mj-section></mj-body></mjml>')


def _runs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Columns are a section of their own; what stands between them is one."""
    runs: list[list[Block]] = []
    for block in blocks:
        if isinstance(block, Columns) or not runs or isinstance(runs[-1][-1], Columns):
            runs.append([])
        runs[-1].append(block)
    return runs


def _section(run: Sequence[Block], tokens: Tokens, side: Side) -> str:
    first = run[0]
    columns = first.columns if isinstance(first, Columns) else (tuple(run),)
    within = "".join(f'<mj-column direction="{side.direction}">'
                     f'{"".join(_block(each, tokens, side, len(columns)) for each in column)}</mj-column>'
                     for column in columns)
    return (f'<mj-section background-color="#ffffff" padding="6px 0" direction="{side.direction}">{within}'
            "</mj-section>")


def _block(block: Block, tokens: Tokens, side: Side, beside: int) -> str:
    match block:
        case Heading():
            line = tokens.put(f'<h2 style="margin:0;font-size:22px;line-height:1.3">{words.as_line(block.text)}</h2>')
            return f"<mj-text>{line}</mj-text>"
        case Text():
            return f"<mj-text>{tokens.put(words.as_html(block.text))}</mj-text>"
        case Picture():
            return _picture(block, tokens, beside)
        case Button():
            return (f'<mj-button href="{tokens.put(_address(block.link))}">{tokens.put(words.as_line(block.text))}'
                    "</mj-button>")
        case Products():
            return _products(block, tokens, side)
        case Code():
            return f'<mj-text align="center">{tokens.put(_code(block, tokens.until))}</mj-text>'
        case _:
            return ""


def _address(link: str) -> str:
    """As it stands in an attribute."""
    return checked_link(link).replace("&", "&amp;")


def _picture(block: Picture, tokens: Tokens, beside: int) -> str:
    width = min(block.width, (WIDTH - 48 * beside) // beside)
    led = f' href="{tokens.put(_address(block.link))}"' if block.link else ""
    return (f'<mj-image src="{tokens.put(_address(block.source))}" alt="{tokens.put(words.as_line(block.alt))}"'
            f' width="{width}px" padding="10px 24px"{led} />')


CELL = "padding:0 0 12px;vertical-align:middle"


def _products(block: Products, tokens: Tokens, side: Side) -> str:
    """The list in a row of its own that is there only where there is something in it."""
    listed = f"products.{block.choose}"
    begun, ended = tokens.put(f"{{% if {listed}.size > 0 %}}"), tokens.put("{% endif %}")
    heading = f'<p style="margin:0 0 12px;font-weight:600">{words.as_line(block.text)}</p>' if block.text else ""
    gap = f"padding-{'left' if side.start == 'right' else 'right'}:16px"
    row = (f'<tr>{{% if p.picture %}}<td style="{CELL};{gap};width:88px"><img src="{{{{ p.picture }}}}" alt=""'
           ' width="88" style="display:block;border:0;width:88px;height:auto;border-radius:4px"></td>{% endif %}'
           f'<td style="{CELL}">{{% if p.link %}}<a href="{{{{ p.link }}}}" style="color:{ACCENT};font-weight:600">'
           "{{ p.name }}</a>{% else %}<strong>{{ p.name }}</strong>{% endif %}"
           f'{{% if p.price %}}<br><span style="color:{SOFT}">{{{{ p.price }}}}</span>{{% endif %}}</td></tr>')
    inner = tokens.put(f'{heading}<table role="presentation" cellpadding="0" cellspacing="0" border="0">{{% for p in'
                       f" {listed} limit:{block.most} %}}{row}{{% endfor %}}</table>")
    return f"<mj-raw><!--{begun}--></mj-raw><mj-text>{inner}</mj-text><mj-raw><!--{ended}--></mj-raw>"


def _code(block: Code, until: str) -> str:
    said = f'<p style="margin:0 0 8px">{words.as_line(block.text)}</p>' if block.text else ""
    gives = ('{% if offer.gives %}<p style="margin:0 0 8px;font-size:18px;font-weight:700">{{ offer.gives }}</p>'
             "{% endif %}")
    return (f'{gives}{said}<p style="margin:0;display:inline-block;padding:12px 24px;border:2px dashed {LINE};'
            'border-radius:6px;font-size:20px;font-weight:700;letter-spacing:1px" dir="ltr">{{ offer.code }}</p>'
            '{% if offer.until %}<p style="margin:8px 0 0;font-size:14px;color:' + SOFT + f'">{until}</p>'
            "{% endif %}")
