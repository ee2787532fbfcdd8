"""Having the analyses worked out."""

from __future__ import annotations

from django.urls import path

from regulars.app.told import views

app_name = "told"
urlpatterns = [
    path("told/again/", views.again, name="again"),
    path("told/jobs/<int:pk>/", views.job, name="job"),
]
