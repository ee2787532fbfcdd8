"""Where links of messages lead: short, since every message carries several."""

from __future__ import annotations

from anymail import urls as anymail_urls
from django.urls import path

from regulars.app.outreach import providers, views

providers.use()
app_name = "outreach"
TRACKING = "tracking_webhook"
urlpatterns = [
    # A provider proves itself by the secret in its address, or by a signature: see anymail.
    *(path(f"m/anymail/{each.pattern}", providers.door(each.callback, each.name), name=each.name)
      for each in anymail_urls.urlpatterns if (each.name or "").endswith(TRACKING)),
    path("m/c/<str:token>", views.click, name="click"),
    path("m/o/<str:token>", views.opened, name="opened"),
    path("m/u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("m/p/<str:token>", views.preferences, name="preferences"),
    path("m/test", views.tested, name="tested"),
    path("m/<path:rest>", views.broken, name="broken"),
]
