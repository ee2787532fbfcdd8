"""The command line: what `Shop` does, a verb each."""

from regulars.cli.entry import main

__all__ = ["main"]
