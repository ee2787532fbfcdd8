"""All addresses: those of each folder, and allauth's doors that are in use."""

from __future__ import annotations

from django.urls import include, path

from regulars.app.discovery import modules

urlpatterns = [path("", include(module.__name__)) for module in modules("urls")]
handler400 = "regulars.app.base.trouble.bad_request"
handler403 = "regulars.app.base.trouble.forbidden"
handler404 = "regulars.app.base.trouble.not_found"
handler500 = "regulars.app.base.trouble.went_wrong"
