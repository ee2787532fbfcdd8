"""Where the week begins."""

from __future__ import annotations

from django.urls import path

from regulars.app.today import views

app_name = "today"
urlpatterns = [path("today/", views.today, name="all")]
