"""The little shop with its pages, and one person of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from regulars.app.doors import roles
from regulars.app.doors.models import Person
from regulars.app.facts import close_facts, open_facts
from regulars.shop import Shop

PASSWORD = "a hard one to guess"
SignedIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """The real hash takes a third of a second each time, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shop(little_shop_folder: Path, db: None) -> Iterator[Shop]:
    """The shop of five people, open behind the pages."""
    cache.clear()
    facts = open_facts(little_shop_folder)
    yield facts.shop()
    close_facts()


@pytest.fixture
def people(shop: Shop) -> dict[str, Person]:
    """An owner, a helper and a viewer, by role."""
    return {role: Person.objects.create_user(f"{role}@shop.example", PASSWORD, name=role.title(), role=role)
            for role in (roles.OWNER, roles.HELPER, roles.VIEWER)}


@pytest.fixture
def as_(people: dict[str, Person]) -> SignedIn:
    """A browser of whoever has the role; it reads English."""
    def signed_in(role: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(people[role], "allauth.account.auth_backends.AuthenticationBackend")
        return client
    return signed_in


@pytest.fixture
def owner(as_: SignedIn) -> Client:
    return as_(roles.OWNER)
