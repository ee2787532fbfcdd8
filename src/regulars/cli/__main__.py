"""``python -m regulars.cli``: the same as ``regulars``."""

from regulars.cli.entry import main

if __name__ == "__main__":
    main()
