"""Where the segments are. A name comes last: it may have anything in it."""

from __future__ import annotations

from django.urls import path

from regulars.app.segments import drafts, editing, views

app_name = "segments"
urlpatterns = [
    path("segments/", views.all_segments, name="all"),
    path("segments/none/", views.in_none, name="none"),
    path("segments/overlaps/", views.overlaps, name="overlaps"),
    path("segments/ready/", editing.ready, name="ready"),
    path("segments/ready/<slug:key>/", editing.from_ready, name="from_ready"),
    path("segments/new/", editing.write, name="new"),
    path("segments/preview/", editing.preview, name="preview"),
    path("segments/convert/", editing.convert, name="convert"),
    path("segments/complete/", editing.complete, name="complete"),
    path("segments/values/", editing.values, name="values"),
    path("segments/past/", views.past, name="past"),
    path("segments/look-again/", views.look_again, name="look_again"),
    path("segments/look-back/", views.look_back, name="look_back"),
    path("segments/looking/<int:pk>/", views.looking, name="looking"),
    path("segments/show/<path:name>/", views.one, name="one"),
    path("segments/edit/<path:name>/", editing.write, name="edit"),
    path("segments/now/<path:name>/", views.now, name="now"),
    path("segments/expected/<path:name>/", views.expected, name="expected"),
    path("segments/members/<path:name>/", views.members, name="members"),
    path("segments/outside/<path:name>/", views.outside, name="outside"),
    path("segments/draft/<path:name>/", drafts.draft, name="draft"),
    path("segments/draft-file/<path:name>/", drafts.as_file, name="draft_file"),
    path("segments/remove/<path:name>/", views.remove, name="remove"),
    path("segments/csv/<path:name>/", views.export, {"kind": "csv"}, name="csv"),
    path("segments/vcard/<path:name>/", views.export, {"kind": "vcard"}, name="vcard"),
]
