"""What went wrong is said in one or two lines on standard error, and the exit code says whose turn it is."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Line

REFUSED, WRONG_USE = 1, 2


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (("segment", "preview", "count(ordrs) >= 10"), REFUSED, "Did you mean orders?"),
    (("segment", "preview", "gendr = 'f'"), REFUSED, "(at character 1)"),
    (("segment", "preview", "count(orders >= 1"), REFUSED, "position 14"),
    (("segment", "preview", ""), REFUSED, "The rule is empty."),
    (("segment", "preview", "in segment 'VIPP'"), REFUSED, "VIPP"),
    (("segment", "preview", "within 5 km of 'Utrrecht'"), REFUSED, "Utrrecht"),
    (("segment", "format", "count("), REFUSED, "Expected"),
    (("segment", "show", "Nobody"), REFUSED, "Nobody"),
    (("segment", "history", "count(ordrs) > 1"), REFUSED, "orders"),
    (("segment", "add", "", "everyone"), REFUSED, "needs a name"),
    (("segment", "add", "A", "--template", "no-such"), REFUSED, "regulars segment templates"),
    (("customers", "show", "C9"), REFUSED, "There is no customer 'C9'."),
    (("customers", "show", "Ada"), REFUSED, "Did you mean C1 (Ada Bloem)?"),
    (("customers", "merge", "C1", "C1"), REFUSED, "itself"),
    (("customers", "unmerge", "m000001"), REFUSED, "m000001"),
    (("customers", "erase", "C9", "--yes"), REFUSED, "C9"),
    (("imports", "show", "i999999"), REFUSED, "i999999"),
    (("imports", "undo", "i999999"), REFUSED, "i999999"),
    (("import", "nowhere.csv"), REFUSED, "nowhere.csv"),
    (("restore", "nowhere.zip", "other"), REFUSED, "nowhere.zip"),
    (("init", "other", "--timezone", "Mars/Base"), REFUSED, "Mars/Base"),
    (("init", "other", "--currency", "euros"), REFUSED, "EUROS"),
    (("segment", "previw"), WRONG_USE, "Did you mean 'preview'?"),
    (("sgment",), WRONG_USE, "Did you mean 'segment'?"),
    (("segment", "preview"), WRONG_USE, "regulars segment preview --help"),
    (("segment", "preview", "everyone", "--as-of", "soon"), WRONG_USE, "2026-11-22T14:30"),
    (("segment", "preview", "everyone", "--nonsense"), WRONG_USE, "--nonsense"),
    (("segment", "explain", "everyone", "--lang", "xx"), WRONG_USE, "xx"),
    (("segment", "add", "A"), WRONG_USE, "--template"),
    (("segment", "add", "A", "everyone", "--set", "x=y"), WRONG_USE, "--template"),
    (("segment", "change", "A"), WRONG_USE, "--note"),
    (("segment", "templates", "--theme", "nonsense"), WRONG_USE, "nonsense"),
    (("import",), WRONG_USE, "FILE"),
    (("import", "a.csv", "--as", "nonsense"), WRONG_USE, "nonsense"),
    (("import", "a.csv", "--map", "nonsense"), WRONG_USE, "COLUMN=FIELD"),
    (("import", "a.csv", "--as", "orders", "--as-source", "shopify-orders"), WRONG_USE, "not both"),
    (("import", "a.csv", "--watermark", "id"), WRONG_USE, "--query"),
    (("import", "sqlite:///a.db"), WRONG_USE, "--query"),
])
def test_an_error_is_one_or_two_lines_and_names_what_is_meant(shop: Line, tmp_path: Path, arguments: tuple[str, ...],
                                                              code: int, said: str,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = shop(*arguments)
    assert (found.code, found.out) == (code, "")
    assert said in found.err
    assert 1 <= len(found.err.splitlines()) <= 2
    assert "Traceback" not in found.err


def test_where_there_is_no_shop_it_says_how_to_make_one(line: Line, tmp_path: Path) -> None:
    found = line("segment", "list", "--shop", tmp_path / "none")
    assert found.code == REFUSED
    assert "regulars init" in found.err


def test_a_shop_is_not_made_over_another(shop: Line, little_shop_folder: Path) -> None:
    assert "is a shop already" in shop("init", little_shop_folder).err
    assert shop("segment", "preview", "everyone", "--json").json["count"] == 5


def test_a_persons_text_cannot_redraw_the_terminal(shop: Line, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("customer_id,name\nX1,Mallory\x1b[2J\u202egnp\n", encoding="utf-8")
    shop("import", file)
    for said in (shop("customers", "show", "X1"), shop("customers", "find", "Mallory"),
                 shop("segment", "preview", "name starts with 'Mallory'")):
        assert "Mallory" in said.out
        assert not {"\x1b", "\u202e"} & set(said.out)


def test_a_fault_of_our_own_is_told_without_a_traceback(shop: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("made for this test")
    monkeypatch.setattr("regulars.shop.Shop.preview", fail)
    found = shop("segment", "preview", "everyone")
    assert (found.code, found.out) == (REFUSED, "")
    assert "ZeroDivisionError: made for this test" in found.err.splitlines()[0]
    monkeypatch.setenv("REGULARS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        shop("segment", "preview", "everyone")


def on_a_terminal(arguments: list[str], folder: Path) -> str:
    """What a person sees: standard error and output are a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from regulars.cli import main; main()", *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL,
                          env={**os.environ, "REGULARS_SHOP": str(folder), "NO_COLOR": ""}) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        process.wait()
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_wrong_word_of_a_rule_is_pointed_at(little_shop_folder: Path) -> None:
    seen = on_a_terminal(["segment", "preview", "gender = 'female' and count(ordrs) >= 10"], little_shop_folder)
    lines = [line.replace("\x1b[0m", "") for line in seen.splitlines()]
    assert lines[0] == "  gender = 'female' and count(ordrs) >= 10"
    assert lines[1].split("\x1b")[0] == " " * (2 + len("gender = 'female' and count("))
    assert lines[1].endswith("^" * len("ordrs"))
    assert "There is no kind of fact called 'ordrs'." in lines[2]
    assert "Did you mean orders?" in lines[3]
    assert len(lines) == 4
