"""What every mail ends with, where its own text does not have it: the shop's postal address, how to leave, and how to
choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape, unescape

from regulars.model.catalogs import RIGHT_TO_LEFT
from regulars.model.figures import Figures
from regulars.model.phrases import Own, phrases
from regulars.model.settings import Settings
from regulars.outreach.content.template import Made
from regulars.outreach.links import before_end

text, counted = phrases("regulars.outreach", "footer")


def with_footer(made: Made, own: Mapping[str, str], language: str, shop: Settings) -> Made:
    """With the links that its text or HTML lacks; as it is where the shop has no pages to lead to."""
    leave = own["unsubscribe_url"]
    if not leave:
        return made
    why, unsubscribe, choose = _words(language, shop.name)
    plain, html = made.text, made.html
    if leave not in plain:
        said = [why, *_unsaid(shop.address, plain), f"{unsubscribe}: {leave}", f"{choose}: {own['preferences_url']}"]
        plain = "\n".join([f"{plain.rstrip()}\n\n-- ", *said, ""])
    if html and leave not in html:
        said = [why, *_unsaid(shop.address, html)]
        html = before_end(html, _html(said, (unsubscribe, leave), (choose, own["preferences_url"]), language))
    return replace(made, text=plain, html=html)


def _unsaid(address: str, message: str) -> list[str]:
    """Where letters reach the shop, on one line; nothing where that is not known, or the message says it itself."""
    line = " ".join(address.split())
    return [line] if line and line not in " ".join(unescape(message).split()) else []


@lru_cache(maxsize=64)
def _words(language: str, shop: str) -> tuple[str, str, str]:
    figures = Figures(Settings(), language)
    return (text("You get this message because you agreed to hear from {shop}.", shop=Own(shop)).say(figures),
            text("Unsubscribe").say(figures), text("Choose what you get").say(figures))


def _html(said: Sequence[str], leave: tuple[str, str], choose: tuple[str, str], language: str) -> str:
    way = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    links = " · ".join(f'<a href="{escape(url)}" style="color:#666">{escape(words)}</a>'
                       for words, url in (leave, choose))
    return (f'<div dir="{way}" style="margin:24px auto;max-width:600px;padding:0 16px;font:12px/1.6 sans-serif;'
            f'color:#666;text-align:center">{"<br>".join([*map(escape, said), links])}</div>')
