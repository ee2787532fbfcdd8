"""What stands below every message: why it came, and the way out."""

from __future__ import annotations

from markupsafe import escape

from regulars.model.figures import Figures
from regulars.model.phrases import Own, phrases
from regulars.outreach.content.values import placed

text, counted = phrases("regulars.outreach", "content")


def as_html(figures: Figures) -> str:
    """Liquid of HTML."""
    reason, out, choose = _said(figures)
    return (f'<p style="margin:0 0 6px">{escape(reason)}</p>{{% if shop.address %}}<p style="margin:0 0 6px">'
            "{{ shop.address }}</p>{% endif %}{% if unsubscribe_url %}<p style=\"margin:0\">"
            f'<a href="{{{{ unsubscribe_url }}}}" style="color:inherit">{escape(out)}</a>{{% if preferences_url %}}'
            f' · <a href="{{{{ preferences_url }}}}" style="color:inherit">{escape(choose)}</a>{{% endif %}}</p>'
            "{% endif %}")


def as_plain(figures: Figures) -> str:
    """Liquid of plain text."""
    reason, out, choose = _said(figures)
    return (f"{reason}\n{{% if shop.address %}}{{{{ shop.address }}}}\n{{% endif %}}{{% if unsubscribe_url %}}"
            f"{out}: {{{{ unsubscribe_url }}}}{{% endif %}}{{% if preferences_url %}}\n{choose}:"
            " {{ preferences_url }}{% endif %}")


def until(figures: Figures) -> str:
    """Liquid of how long the offer holds."""
    return placed(text("Valid until {day}", day=Own("{{ offer.until }}")).say(figures))


def _said(figures: Figures) -> tuple[str, str, str]:
    """The shop's name comes by a field: it may hold anything."""
    shop = Own("{{ shop.name }}")
    return (placed(text("You get this because you agreed to hear from {shop}.", shop=shop).say(figures)),
            text("Unsubscribe").say(figures), text("Choose what you get").say(figures))
