"""Running the pages: one process that has the facts open, answers people, and does the jobs.

The order of stopping matters: no new work, whoever computes is interrupted, jobs go back to waiting, then the facts.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any

import django
from django.core.management import call_command
from waitress.server import create_server

from regulars.app import bodies
from regulars.app.facts import close_facts, facts, open_facts
from regulars.model.settings import FILE, Settings
from regulars.shop import Shop, finished
from regulars.shop.shop import this_moment

THREADS = 8
STOP_FOLLOWING_WITHIN = 1.0
STOP_WITHIN = 6.0
"""Seconds a job has to lay its work down; the rest of the ten is for closing."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Serving:
    """How to serve: ``demo`` makes an owner of the demo shop with a new password at each start.

    ``let_in``: whose address it is gets a link for a new password.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    let_in: str = ""

    @property
    def address(self) -> str:
        """What to type into a browser."""
        said = os.environ.get("REGULARS_ADDRESS", "").rstrip("/")
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host
        return said or f"http://{host}:{self.port}"


def make_where_none(folder: Path) -> None:
    """An empty shop at a folder that is not there or empty: its owner names it on the first page."""
    if not (folder / FILE).exists() and not (folder.is_dir() and any(folder.iterdir())):
        Shop.create(folder, Settings()).close()


def prepare(serving: Serving) -> None:
    """Set Django up for the folder, open the facts, bring the tables of people and jobs up to date.

    Raises as `Shop.open`.
    """
    make_where_none(serving.folder)
    os.environ["REGULARS_SHOP"], os.environ["REGULARS_HOST"] = str(serving.folder.resolve()), serving.host
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.app.settings"
    open_facts(serving.folder)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def serve(serving: Serving, tell: Tell) -> None:
    """Answer until told to stop by SIGTERM or Ctrl-C, and leave within ten seconds. ``tell`` prints a line."""
    prepare(serving)
    try:
        front = import_module("regulars.app.live.front").Front
        application = front(import_module("regulars.app.wsgi").application)
        listening: dict[int, Any] = {}
        server: Any = create_server(application, listening, host=serving.host, port=serving.port, threads=THREADS,
                                    ident=None, clear_untrusted_proxy_headers=True, trusted_proxy="127.0.0.1",
                                    trusted_proxy_headers=_believed())
        bodies.limit(listening)
        _run(server, serving, tell)
    finally:
        close_facts()


def _believed() -> set[str]:
    """What is believed of a proxy on this machine: whom it asks for, so that a stranger is not taken for this machine;
    and, where ``REGULARS_ADDRESS`` says that there is one, by which scheme."""
    return {"x-forwarded-for", *(["x-forwarded-proto"] if os.environ.get("REGULARS_ADDRESS") else [])}


def welcome(serving: Serving, tell: Tell) -> None:
    """Say where the pages are, and how the first person gets in."""
    way_in = import_module("regulars.app.doors.way_in")
    tell(f"Regulars is at {serving.address}")
    for line in way_in.told(serving.address, demo=serving.demo, let_in=serving.let_in):
        tell(line)
    tell("Stop it with Ctrl-C.")


def _run(server: Any, serving: Serving, tell: Tell) -> None:
    running = import_module("regulars.app.jobs.running")
    finished.forget(serving.folder)
    queue = import_module("regulars.app.jobs.queue").Queue(serving.folder, [_sweep])
    following = import_module("regulars.app.segments.following").following
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: _leave(running.ending))
    live = import_module("regulars.app.live.opened")
    sending = import_module("regulars.app.live.sending")
    outbox = import_module("regulars.app.outreach.outbox")
    try:
        live.after_settling.append(following.wake)
        live.open_live(facts())
        sending.open_sending(facts())
        outbox.after_settling.append(following.wake)
        outbox.open_outbox(facts())
        queue.start()
        following.start()
        welcome(serving, tell)
        server.run()
    except SystemExit:
        pass
    finally:
        running.ending.set()
        outbox.close_outbox()
        sending.close_sending()
        live.close_live()
        following.stop(STOP_FOLLOWING_WITHIN, facts().interrupt)
        queue.stop(STOP_WITHIN, facts().interrupt)
        finished.forget(serving.folder)
        server.close()


def _sweep() -> None:
    """What was made and nobody took out is kept for an hour."""
    finished.sweep(facts().folder, this_moment())


def _leave(ending: Event) -> None:
    """End the loop of the server: jobs lay their work down at their next word of progress."""
    if not ending.is_set():
        ending.set()
        sys.exit(0)
