"""Where everybody is in exactly one of a set."""

from __future__ import annotations

from django.urls import path

from regulars.app.buckets import views

app_name = "buckets"
urlpatterns = [
    path("buckets/", views.buckets, name="all"),
    path("buckets/picked/", views.picked, name="picked"),
    path("buckets/adopt/", views.adopt, name="adopt"),
    path("buckets/adopting/<int:pk>/", views.adopting, name="adopting"),
    path("buckets/region/", views.region, name="region"),
]
