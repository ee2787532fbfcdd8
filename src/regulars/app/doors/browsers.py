"""What a browser calls itself, in words that its owner knows it by."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

BROWSERS: Mapping[str, str] = {"Edg/": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet",
                               "Firefox/": "Firefox", "Chrome/": "Chrome", "CriOS/": "Chrome", "Safari/": "Safari"}
SYSTEMS: Mapping[str, str] = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
                              "Mac OS X": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"}
"""In this order: Edge says that it is Chrome too, and Android that it is Linux."""


def said(user_agent: str) -> str:
    """As "Firefox on Windows"."""
    browser = next((name for sign, name in BROWSERS.items() if sign in user_agent), _("A browser"))
    system = next((name for sign, name in SYSTEMS.items() if sign in user_agent), _("another system"))
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
