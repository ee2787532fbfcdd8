"""Where each kind of customer is told of."""

from __future__ import annotations

from django.urls import path

from regulars.app.personas import views

app_name = "personas"
urlpatterns = [path("personas/", views.personas, name="all")]
