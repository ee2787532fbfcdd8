"""Where the customers are. An id comes last: it may have anything in it."""

from __future__ import annotations

from django.urls import path

from regulars.app.customers import places, same, views
from regulars.app.customers.alike import alike
from regulars.app.customers.losing import losing

app_name = "customers"
urlpatterns = [
    path("customers/", views.everybody, name="all"),
    path("customers/map/", places.whole, name="map"),
    path("customers/map/picked/", places.picked, name="picked"),
    path("customers/map/region/", places.region, name="region"),
    path("customers/losing/", losing, name="losing"),
    path("customers/same/", same.everything, name="same"),
    path("customers/same/decide/", same.decide, name="same_decide"),
    path("customers/same/join-all/", same.join_all, name="same_join_all"),
    path("customers/same/rule/", same.rule, name="same_rule"),
    path("customers/same/look/", same.look, name="same_look"),
    path("customers/same/joined/", same.joined, name="same_joined"),
    path("customers/show/<path:customer_id>/", views.one, name="one"),
    path("customers/why/<path:customer_id>/", views.why, name="why"),
    path("customers/alike/<path:customer_id>/", alike, name="alike"),
    path("customers/note/<path:customer_id>/", views.note, name="note"),
    path("customers/erase/<path:customer_id>/", views.erase, name="erase"),
]
