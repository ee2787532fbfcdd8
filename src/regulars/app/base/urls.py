"""The first page."""

from __future__ import annotations

from django.urls import path

from regulars.app.base import views

urlpatterns = [path("", views.first, name="first")]
