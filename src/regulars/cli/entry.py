"""The way in: which verbs there are, and how an error leaves (exit 0 done, 1 refused or failed, 2 wrong use)."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from regulars.cli.call import FAILED, Verbs
from regulars.cli.trouble import InRule, tell_of, tell_of_rule
from regulars.errors import RegularsError
from regulars.model.phrases import phrases

DONE, WRONG_USE = 0, 2
text, counted = phrases("regulars.cli", "entry")
DEBUG = "REGULARS_DEBUG"

regulars = Verbs(
    "regulars", help="Who a shop's customers are, in segments that keep themselves.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    elsewhere={
        "init": ("regulars.cli.shops", "Make an empty shop."),
        "import": ("regulars.cli.importing", "Bring files or database tables in."),
        "segment": ("regulars.cli.segment", "Write rules, ask them, and keep them as segments."),
        "campaign": ("regulars.cli.campaign", "Write messages to segments, send them once, see what came of them."),
        "automation": ("regulars.cli.automation", "Have messages go out by themselves."),
        "insight": ("regulars.cli.insight", "Ask what the data says: worth, groups, profit and more."),
        "customers": ("regulars.cli.customers", "Find, show, merge and erase customers."),
        "imports": ("regulars.cli.imports", "What came in, and how to take it back."),
        "report": ("regulars.cli.report", "Write a page about a shop, or about nothing but its exports."),
        "backup": ("regulars.cli.shops", "Copy the shop to a folder or a .zip."),
        "restore": ("regulars.cli.shops", "Make a shop out of a backup."),
        "check": ("regulars.cli.shops", "See whether the facts are whole and agree with each other."),
        "upgrade": ("regulars.cli.shops", "Bring a shop of an older Regulars up to date."),
        "live": ("regulars.cli.live", "Messages that came in live: those that wait, and those set aside."),
        "hooks": ("regulars.cli.hooks", "Webhooks that come in from Shopify, WooCommerce and Stripe."),
        "keys": ("regulars.cli.keys", "Make and withdraw keys of the HTTP API."),
        "serve": ("regulars.cli.serve", "Open the shop's pages in browsers."),
        "demo-shop": ("regulars.cli.demo", "Make a believable shop to try things on."),
    })
regulars = click.version_option(version("regulars"), message="regulars %(version)s")(regulars)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Errors are told on standard error in one or two lines."""
    try:
        code = regulars.main(args=None if arguments is None else list(arguments), prog_name="regulars",
                             standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except click.UsageError as error:
        return _wrong_use(error)
    except click.ClickException as error:
        tell_of(RegularsError(error.format_message()))
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        tell_of(RegularsError(text("Stopped.")))
        return FAILED
    except InRule as found:
        tell_of_rule(found)
        return FAILED
    except RegularsError as error:
        tell_of(error)
        return FAILED
    except OSError as error:
        return _of_the_system(error)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        tell_of(RegularsError(text("Regulars itself went wrong: {error}", error=f"{type(error).__name__}: {error}"),
                              hint=text("To see where, set {setting}.", setting=f"{DEBUG}=1")))
        return FAILED


def _wrong_use(error: click.UsageError) -> int:
    command = error.ctx.command_path if error.ctx else "regulars"
    tell_of(RegularsError(error.format_message(), hint=text("See: {command}", command=f"{command} --help")))
    return WRONG_USE


def _of_the_system(error: OSError) -> int:
    """Whatever the system refused, in its words; a reader that went away (``| head``) is no news."""
    if error.errno == errno.EPIPE:
        # What is still to be written would raise again when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        tell_of(RegularsError(text("The disk is full: nothing of this step was kept."),
                              hint=text("Free some space and run it again.")))
        return FAILED
    tell_of(RegularsError(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."))
    return FAILED
