"""Every error says what it says in the reader's language: no message is built where it cannot be translated."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars import errors
from regulars.errors import NotFound, Refused, RegularsError, RuleSyntaxError, UnknownName
from regulars.model.figures import Figures
from regulars.model.phrases import as_text, of_text, phrases
from regulars.model.settings import Settings
from regulars.rules import parse
from regulars.segments.refusals import why
from tests.phrases import room

SOURCE = room("regulars")
KINDS = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, RegularsError)}
KINDS |= {"RowsRefused"}
ONLY_IN_ENGLISH = {
    "model/catalogs.py": "the language asked for is the one that is not spoken",
    "cli": "a command's own words, said where it is called",
    "app/live": "told to the shop's own programs",
    "intake/live/requests.py": "told to the shop's own programs",
    "intake/live/committing.py": "told to the shop's own programs",
    "intake/live/hooks": "told to the platforms that send",
    "app/mail.py": "read before there is a shop with a language",
    "app/databases.py": "read before there is a shop with a language",
}


def raised(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) in KINDS and node.args)


def built(call: ast.Call) -> Iterator[ast.expr]:
    """Parts of a message or hint that are plain or formatted English."""
    said = [call.args[0], *(word.value for word in call.keywords if word.arg == "hint")]
    while said:
        part = said.pop()
        if isinstance(part, ast.IfExp):
            said += [part.body, part.orelse]
        elif isinstance(part, ast.BoolOp):
            said += part.values
        elif isinstance(part, ast.BinOp):
            said.append(part.left)
        elif isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and part.value):
            yield part


SOURCES = [p for p in sorted(SOURCE.rglob("*.py")) if not any(
    p.is_relative_to(SOURCE / exempt) for exempt in ONLY_IN_ENGLISH)]


def test_what_is_looked_at_raises() -> None:
    assert sum(1 for path in SOURCES for _ in raised(path)) > 150


def test_no_message_or_hint_is_english_that_cannot_be_said_otherwise() -> None:
    assert [f"{path.relative_to(SOURCE)}:{part.lineno}: {ast.unparse(part)}"
            for path in SOURCES for call in raised(path) for part in built(call)] == []


def test_a_message_built_of_english_is_found() -> None:
    calls = ast.parse('Refused("no", hint=f"x {y}")\nNotFound(why("a") if b else "c")').body
    assert [len(list(built(call.value))) for call in calls] == [2, 1]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("language", "said"), [
    ("en", "There is no customer 'C9'. Find them."), ("id", "Tidak ada pelanggan 'C9'. Cari dahulu."),
    ("ur", "'\u2068C9\u2069' نام کا کوئی گاہک نہیں ہے۔ انہیں تلاش کریں۔"), ("ru", "Нет клиента «C9». Найдите его.")])
def test_an_error_is_said_in_the_readers_language(language: str, said: str) -> None:
    error = NotFound(why("There is no customer '{customer}'.", customer="C9"), hint=why("Find them."), command="find")
    assert error.say(Figures(Settings(), language)) == said
    assert str(error) == "There is no customer 'C9'. Find them. (find)"


def test_the_nearest_name_is_said_in_the_readers_language() -> None:
    with pytest.raises(UnknownName) as caught:
        parse("any(orders in last 3 dayz)")
    assert caught.value.say(Figures(Settings(), "ru")) == "Нет единицы с названием «dayz». Возможно, day?"
    with pytest.raises(RuleSyntaxError) as ended:
        parse("age >")
    assert ended.value.say(Figures(Settings(), "id")).startswith("Aturannya berakhir terlalu cepat. Seharusnya angka, ")


def test_an_error_that_was_written_down_is_said_later() -> None:
    text, _ = phrases("regulars.segments", "refusals")
    kept = of_text(as_text(Refused(text("'{gone}' is used by {known}.", gone="A", known=["B", "C"]),
                                   hint=why("Change or remove those first."))))
    assert str(kept) == "'A' is used by B, C. Change or remove those first."
    assert not isinstance(kept, str)
    assert kept.say(Figures(Settings(), "ru")) == "«A» используется в: B, C. Сначала измените или удалите их."
    assert of_text("as it was") == "as it was"
