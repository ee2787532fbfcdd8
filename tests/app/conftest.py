"""The little shop with its pages, and one person of each role."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
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

REGULARS = (sys.executable, "-c", "from regulars.cli import main; main()")
Started = Callable[..., tuple[subprocess.Popen[str], str]]
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


@pytest.fixture
def start() -> Iterator[Started]:
    """Starts `regulars serve` on a folder: the process, and the first line it says."""
    processes: list[subprocess.Popen[str]] = []

    def started(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        process = subprocess.Popen(
            [*REGULARS, "serve", "--shop", str(folder), "--port", port, *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        processes.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline()
    yield started
    for process in processes:
        process.kill()
        process.wait()
