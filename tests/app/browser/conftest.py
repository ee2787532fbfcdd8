"""The real server on the little shop, and a real browser before it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
EMAIL = "owner@demo.example"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if CHROMIUM is None and "app/browser" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason="no Chromium here: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": QUIET}


@dataclass
class Server:
    """The process, where it answers, and the owner's password."""

    process: subprocess.Popen[str]
    address: str
    password: str

    def stop(self, seconds: float = 10) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


def serve(folder: Path, *arguments: str) -> Server:
    """Start `regulars serve` and wait until it says where it is; there is an owner to sign in as."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", "from regulars.cli import main; main()", "serve", "--shop", str(folder), "--port",
         str(port), "--demo", *arguments], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    said = process.stdout.readline()
    assert EMAIL in said, said
    process.stdout.readline()
    return Server(process, address, said.split()[-1])


@pytest.fixture(scope="module")
def server(little_shop_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for each file of tests: some bring more customers in."""
    running = serve(Path(shutil.copytree(little_shop_made, tmp_path_factory.mktemp("served") / "shop")))
    yield running
    running.stop()


@dataclass
class Seen:
    """What a page must not do: complain on the console, or ask another host."""

    complaints: list[str]
    elsewhere: list[str]


Opened = Callable[..., Page]


@pytest.fixture
def open_page(server: Server, browser: Browser) -> Iterator[Opened]:
    """A page of a browser of some width, language and colours, signed in; at the end nothing was complained of."""
    contexts, seen = [], Seen([], [])

    def opened(width: int = 1280, language: str = "en", dark: bool = False, script: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, locale=language,
                                      color_scheme="dark" if dark else "light", java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: _complained(seen, said))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda asked: _asked(seen, asked, server.address))
        sign_in(page, server)
        return page
    yield opened
    for context in contexts:
        context.close()
    assert seen == Seen([], [])


def _complained(seen: Seen, said: ConsoleMessage) -> None:
    # htmx tells of a request that a newer one has overtaken as of an error.
    if said.type in ("error", "warning") and not said.text.startswith(("htmx:sendAbort", "htmx:afterRequest")):
        seen.complaints.append(said.text)


def _asked(seen: Seen, asked: Request, address: str) -> None:
    if not re.match(rf"{re.escape(address)}/|data:|about:", asked.url):
        seen.elsewhere.append(asked.url)


def sign_in(page: Page, server: Server) -> None:
    page.goto(f"{server.address}/account/login/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", server.password)
    page.click("form.stack button")
    page.wait_for_url(re.compile(r"/(?!account/login)"))
