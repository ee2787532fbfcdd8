"""Where live messages and webhooks are looked after."""

from __future__ import annotations

from django.urls import path

from regulars.app.live import views

app_name = "live"
urlpatterns = [
    path("bring-in/live/", views.everything, name="all"),
    path("bring-in/live/receive/", views.receive, name="receive"),
    path("bring-in/live/send/", views.send, name="send"),
    path("bring-in/live/in/<int:pk>/withdraw/", views.withdraw_in, name="withdraw_in"),
    path("bring-in/live/out/<int:pk>/withdraw/", views.withdraw_out, name="withdraw_out"),
    path("bring-in/live/aside/", views.again_all, name="again_all"),
    path("bring-in/live/given-up/", views.send_all_again, name="send_all_again"),
    path("bring-in/live/aside/<int:number>/", views.again, name="again"),
    path("bring-in/live/given-up/<int:pk>/", views.send_again, name="send_again"),
]
