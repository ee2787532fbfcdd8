"""Where connected databases are."""

from __future__ import annotations

from django.urls import path

from regulars.app.sources import views

app_name = "sources"
urlpatterns = [
    path("bring-in/databases/", views.all_sources, name="all"),
    path("bring-in/databases/<int:pk>/", views.one, name="one"),
    path("bring-in/databases/<int:pk>/settle/", views.settle, name="settle"),
    path("bring-in/databases/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("bring-in/queries/<int:pk>/read/", views.read, name="read"),
    path("bring-in/queries/<int:pk>/drop/", views.drop, name="drop"),
]
