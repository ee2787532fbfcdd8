"""Signing in and out, lost passwords, second factors and passkeys (allauth), and the people of a shop (ours)."""

from __future__ import annotations

from allauth.account import urls as allauth_urls
from django.urls import include, path

from regulars.app.doors import views

IN_USE = frozenset({"account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate",
                    "account_change_password", "account_reset_password", "account_reset_password_done",
                    "account_reset_password_from_key", "account_reset_password_from_key_done"})
"""Of allauth's pages: an address is a person's name here, and not changed by themselves."""

ours = [
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("invited/<str:token>/", views.invited, name="invited"),
    path("account/", views.account, name="account"),
    path("people/", views.people, name="people"),
    path("people/<int:pk>/role/", views.role, name="role"),
    path("people/<int:pk>/shut-out/", views.shut_out, name="shut_out"),
    path("people/<int:pk>/new-password/", views.new_password, name="new_password"),
    path("people/<int:pk>/sign-out/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("log/", views.log, name="log"),
]
urlpatterns = [
    path("", include((ours, "doors"))),
    path("account/", include([each for each in allauth_urls.urlpatterns if each.name in IN_USE])),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]
