"""Where files come in."""

from __future__ import annotations

from django.urls import path

from regulars.app.bring_in import choosing, views

app_name = "bring_in"
urlpatterns = [
    path("bring-in/", views.everything, name="all"),
    path("bring-in/hand-over/", views.hand_over, name="hand_over"),
    path("bring-in/take-all/", views.take_all, name="take_all"),
    path("bring-in/demo/", views.demo, name="demo"),
    path("bring-in/jobs/<int:pk>/", views.job, name="job"),
    path("bring-in/files/<int:pk>/", choosing.one, name="one"),
    path("bring-in/files/<int:pk>/columns/", choosing.name_columns, name="name_columns"),
    path("bring-in/files/<int:pk>/card/", views.card, name="card"),
    path("bring-in/files/<int:pk>/take/", views.take, name="take"),
    path("bring-in/files/<int:pk>/stop/", views.stop, name="stop"),
    path("bring-in/files/<int:pk>/give-up/", views.give_up, name="give_up"),
    path("bring-in/files/<int:pk>/refused/", views.refused_rows, name="refused"),
    path("bring-in/receipts/<str:import_id>/", views.receipt, name="receipt"),
    path("bring-in/receipts/<str:import_id>/refused/", views.refused_of_import, name="receipt_refused"),
    path("bring-in/receipts/<str:import_id>/undo/", views.undo, name="undo"),
]
