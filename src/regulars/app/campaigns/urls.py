"""Where the campaigns are. A name comes last: it may have anything in it."""

from __future__ import annotations

from django.urls import path

from regulars.app.campaigns import changing, judging, looking, of_segment, pictures, previews, sending, views, writing

app_name = "campaigns"
urlpatterns = [
    path("campaigns/", views.all_campaigns, name="all"),
    path("campaigns/new/", views.new, name="new"),
    path("campaigns/show/<path:name>/", views.one, name="one"),
    path("campaigns/audience/<path:name>/", looking.audience, name="audience"),
    path("campaigns/checked/<path:name>/", looking.checked, name="checked"),
    path("campaigns/stop/<int:pk>/<path:name>/", looking.stop, name="stop"),
    path("campaigns/progress/<path:name>/", looking.progress, name="progress"),
    path("campaigns/goal/<path:name>/", judging.goal, name="goal"),
    path("campaigns/goal-preview/<path:name>/", judging.preview, name="goal_preview"),
    path("campaigns/guard/<path:name>/", looking.guard, name="guard"),
    path("campaigns/sender/<path:name>/", looking.sender, name="sender"),
    path("campaigns/results/<path:name>/", looking.results, name="results"),
    path("campaigns/of-segment/<path:name>/", of_segment.of_segment, name="of_segment"),
    path("campaigns/change/<slug:what>/<path:name>/", changing.change, name="change"),
    path("campaigns/variant/<slug:what>/<int:place>/<path:name>/", changing.variant, name="variant"),
    path("campaigns/write/<int:place>/<path:name>/", writing.write, name="write"),
    path("campaigns/typed/<int:place>/<path:name>/", previews.typed, name="typed"),
    path("campaigns/preview/<int:place>/<path:name>/", previews.preview, name="preview"),
    path("campaigns/test/<int:place>/<path:name>/", sending.test, name="test"),
    path("campaigns/do/<slug:what>/<path:name>/", sending.do, name="do"),
    path("pictures/<str:file>", pictures.picture, name="picture"),
]
