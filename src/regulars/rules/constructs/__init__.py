"""One file for each construct of the language; found by looking into this package."""

from importlib import import_module
from pkgutil import walk_packages


def load() -> None:
    """Import every construct, so that the tree knows its kinds."""
    for module in walk_packages(__path__, f"{__name__}."):
        import_module(module.name)
