"""Where automations, lists and channels are. A name comes last: it may have anything in it."""

from __future__ import annotations

from django.urls import path

from regulars.app.automations import answers, channels, lists, views

app_name = "automations"
urlpatterns = [
    path("automations/", views.everything, name="all"),
    path("automations/new/", views.new, name="new"),
    path("automations/adopt/", views.adopt, name="adopt"),
    path("automations/show/<path:name>/", views.one, name="one"),
    path("automations/extend/<path:name>/", views.extend, name="extend"),
    path("automations/go-on/<path:name>/", views.go_on, name="go_on"),
    path("automations/do/<slug:what>/<path:name>/", views.do, name="do"),
    path("channels/", channels.everything, name="channels"),
    path("channels/answers/<slug:name>/", answers.answers, name="answers"),
    path("channels/<slug:name>/", channels.one, name="channel"),
    path("lists/file/<str:file>/<path:name>/", lists.file, name="file"),
    path("lists/making/<int:pk>/<path:name>/", lists.making, name="making"),
    path("lists/made/<int:pk>/<path:name>/", lists.made, name="made"),
    path("lists/stop/<int:pk>/<path:name>/", lists.stop, name="stop"),
    path("lists/outcome/<int:delivery>/<path:name>/", lists.outcome, name="outcome"),
    path("lists/show/<path:name>/", lists.one, name="list"),
]
