"""``regulars serve``."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from regulars.cli.call import Call, Verb
from regulars.cli.printing import say

DEMO_CUSTOMERS = 5000


@click.command(cls=Verb)
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address of this machine to answer at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--demo", is_flag=True, help="Make a demo shop where there is none, with an owner to sign in as.")
@click.option("--customers", type=click.IntRange(1), default=DEMO_CUSTOMERS, show_default=True,
              help="With --demo: how large a shop to make.")
@click.option("--let-in", metavar="E-MAIL", default="",
              help="Print a link by which this person chooses a new password.")
def serve(call: Call, host: str, port: int, demo: bool, customers: int, let_in: str) -> None:
    """Open the shop's pages in browsers, until Ctrl-C."""
    if demo and not (call.folder / "shop.toml").exists():
        _make_demo(call.folder, customers)
    # The pages' framework takes half a second to load: other commands do without.
    serving = import_module("regulars.app.serving")
    serving.serve(serving.Serving(call.folder, host, port, demo, let_in), say)
    # All is closed. Python's own end would tear the engine's library down under threads that wait, and it aborts then.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _make_demo(folder: Path, customers: int) -> None:
    click.echo(f"Making a demo shop of {customers:,} customers in {folder}: this takes a moment, then its address is "
               "told.", err=True)
    made = import_module("regulars.cli.demo").make(folder, customers, 1)
    made.close()
