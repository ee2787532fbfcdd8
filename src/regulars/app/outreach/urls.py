"""Where links of messages lead: short, since every message carries several."""

from __future__ import annotations

from django.urls import path

from regulars.app.outreach import views

app_name = "outreach"
urlpatterns = [
    path("m/c/<str:token>", views.click, name="click"),
    path("m/o/<str:token>", views.opened, name="opened"),
    path("m/u/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("m/p/<str:token>", views.preferences, name="preferences"),
]
