"""What allauth asks of us: nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Doors(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """People come in by the first link or by an invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
