"""The HTTP API, its documentation, and addresses for whoever watches the process."""

from __future__ import annotations

from django.urls import URLPattern, path

from regulars.app.api import watching
from regulars.app.api.service import api

patterns, *names = api.urls
for pattern in patterns:
    if isinstance(pattern, URLPattern):
        # A key opens it, never a session.
        pattern.callback.login_required = False  # type: ignore[attr-defined]
urlpatterns = [
    path("api/v1/", (patterns, *names)),  # type: ignore[arg-type]
    path("health/", watching.health, name="health"),
    path("ready/", watching.ready, name="ready"),
    path("metrics/", watching.metrics, name="metrics"),
]
