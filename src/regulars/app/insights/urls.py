"""Where analyses are asked for, as parts of pages."""

from __future__ import annotations

from django.urls import path

from regulars.app.insights import views

app_name = "insights"
urlpatterns = [path("insights/<slug:analysis>/", views.part, name="part")]
