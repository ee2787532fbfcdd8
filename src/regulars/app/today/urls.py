"""Where the week begins."""

from __future__ import annotations

from django.urls import path

from regulars.app.today import acting, standing, views

app_name = "today"
urlpatterns = [
    path("today/", views.today, name="all"),
    path("today/do/", acting.act, name="act"),
    path("today/as-of/", standing.stand, name="stand"),
    path("today/brought/", acting.brought, name="brought"),
]
