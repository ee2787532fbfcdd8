"""Where the segments are."""

from __future__ import annotations

from django.urls import path

from regulars.app.segments import views

app_name = "segments"
urlpatterns = [path("segments/", views.all_segments, name="all")]
