"""Where the shop is settled."""

from __future__ import annotations

from django.urls import path

from regulars.app.settings_page import views

app_name = "settings"
urlpatterns = [
    path("settings/", views.everything, name="all"),
    path("settings/keys/", views.keys, name="keys"),
    path("settings/keys/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("settings/backups/", views.backups, name="backups"),
    path("settings/backups/<str:name>/", views.download, name="download"),
]
