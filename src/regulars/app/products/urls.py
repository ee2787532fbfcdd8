"""Where what sells with what stands."""

from __future__ import annotations

from django.urls import path

from regulars.app.products import views

app_name = "products"
urlpatterns = [path("products/", views.products, name="all")]
