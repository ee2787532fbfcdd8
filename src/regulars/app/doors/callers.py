"""Who sends a request, told by its cookies alone: asked before its body is there."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie


def is_signed_in(cookies: str) -> bool:
    """Whether a header ``Cookie`` is that of somebody who is signed in, and is not shut out."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return get_user(request).is_authenticated
