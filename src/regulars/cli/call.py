"""What every command has: the shop it speaks of, ``--json``, and how its verbs are found."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regulars.cli.trouble import InRule, figures_of, tell_of, tell_of_rule
from regulars.errors import RegularsError

if TYPE_CHECKING:
    from regulars.shop import Shop

DEFAULT = "shop"
VARIABLE = "REGULARS_SHOP"
FAILED = 1
"""The exit code of what was refused."""


@dataclass(frozen=True)
class Call:
    """One call of a command: ``stated`` is the folder as it was said, None where it was not."""

    stated: Path | None
    json: bool

    @property
    def folder(self) -> Path:
        """The shop's folder: as said, else of the environment, else ``./shop``."""
        return self.stated or Path(os.environ.get(VARIABLE) or DEFAULT)

    @contextmanager
    def shop(self) -> Iterator[Shop]:
        """The shop, open until the end of the block."""
        with import_module("regulars.shop").Shop.open(self.folder) as shop:
            yield shop


def shop_option() -> click.Option:
    return click.Option(["--shop", "shop_folder"], type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
                        expose_value=False, callback=_keep_shop, is_eager=True,
                        help=f"The shop's folder.  [default: ${VARIABLE}, else ./{DEFAULT}]")


def _keep_shop(context: click.Context, option: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        context.find_root().meta["shop"] = folder


class Verb(click.Command):
    """A command with ``--shop`` and ``--json``; its function is handed the `Call` first."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        json = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON, for programs.")
        self.params = [*self.params, shop_option(), json]

    def invoke(self, context: click.Context) -> Any:
        call = Call(context.find_root().meta.get("shop"), context.params.pop("as_json"))
        try:
            return context.invoke(self.callback, call, **context.params) if self.callback else None
        except InRule as found:
            tell_of_rule(found, figures_of(call.folder, context.params.get("lang")))
        except RegularsError as error:
            tell_of(error, figures_of(call.folder, context.params.get("lang")))
        raise click.exceptions.Exit(FAILED)


class Verbs(click.Group):
    """Commands under one word; those in ``elsewhere`` (name -> module and help) are loaded when they are called."""

    command_class = Verb

    def __init__(self, *args: Any, elsewhere: Mapping[str, tuple[str, str]] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.elsewhere = elsewhere or {}
        self.params = [*self.params, shop_option()]

    def list_commands(self, context: click.Context) -> list[str]:
        return [*self.elsewhere, *self.commands]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in self.elsewhere:
            return _found(self.elsewhere[name][0], name)
        return super().get_command(context, name)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        if not self.elsewhere:
            super().format_commands(context, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in self.elsewhere.items()])

    def resolve_command(self, context: click.Context,
                        args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with the nearest name where there is no such command."""
        if args and not args[0].startswith("-") and self.get_command(context, args[0]) is None:
            near = _nearest(args[0], self.list_commands(context))
            raise click.UsageError(f"There is no command called {args[0]!r}.{near}", context)
        return super().resolve_command(context, args)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _found(module: str, name: str) -> click.Command:
    """The command of this name in a module, however Python made them call it."""
    held = vars(import_module(module)).values()
    return next(each for each in held if isinstance(each, click.Command) and each.name == name)
