"""contains, starts with, ends with, matches: text without regard to case, in Unicode (rules.md, Meaning 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import re2

from regulars.errors import RuleSyntaxError, WrongType
from regulars.model.later import later
from regulars.model.types import Type
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When, fold
from regulars.rules.tree import Condition, Node, Value, said, write_string

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")

LONGEST_PATTERN = 1000
SAID = {
    ("contains", False): "{what} contains {text}", ("contains", True): "{what} does not contain {text}",
    ("starts with", False): "{what} starts with {text}", ("starts with", True): "{what} does not start with {text}",
    ("ends with", False): "{what} ends with {text}", ("ends with", True): "{what} does not end with {text}",
    ("matches", False): "{what} matches the pattern {text}",
    ("matches", True): "{what} does not match the pattern {text}",
}


@dataclass(frozen=True)
class TextTest(Condition):
    """``contains`` on a list asks for the whole item. ``matches`` is an RE2 pattern, found anywhere in the text."""

    kind: ClassVar[str] = "text_test"
    value: Value
    test: str
    pattern: str
    negated: bool = False

    def text(self) -> str:
        return f"{self.value.text()} {'not ' * self.negated}{self.test} {write_string(self.pattern)}"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        type_ = self.value.check(scope)
        if type_ is not Type.TEXT and not (type_ is Type.TEXTS and self.test == "contains"):
            raise WrongType(why("{value} is {type}: {test} is asked of text.", value=self.value.text(),
                                type=said(type_), test=self.test), position=self.value.position,
                            length=len(self.value.text()),
                            hint=why("Of a list, ask: {rule}.", rule="contains 'item'") if type_ is Type.TEXTS else
                            None)
        if self.test == "matches":
            compiled(self.pattern, self.position)

    def predicate(self, frame: Frame) -> Any:
        found = ibis.coalesce(self._found(frame), False)
        if not self.negated:
            return found
        return ibis.and_(self.value.column(frame).notnull(), ~found)

    def _found(self, frame: Frame) -> Any:
        column = self.value.column(frame)
        if column.type().is_array():
            return column.map(frame.fold).contains(fold(self.pattern))
        if self.test == "matches":
            return frame.matches(column, self.pattern)
        text, wanted = self.value.folded(frame), fold(self.pattern)
        tests = {"contains": text.contains, "starts with": text.startswith, "ends with": text.endswith}
        return tests[self.test](wanted)

    def holds(self, subject: Subject, when: When) -> bool:
        known = self.value.of(subject, when)
        return known is not None and self._met(known) is not self.negated

    def _met(self, known: Any) -> bool:
        wanted = fold(self.pattern)
        if isinstance(known, list | tuple):
            return wanted in {fold(item) for item in known if item is not None}
        if self.test == "matches":
            return compiled(self.pattern).search(known) is not None
        text = fold(known)
        return {"contains": wanted in text, "starts with": text.startswith(wanted),
                "ends with": text.endswith(wanted)}[self.test]

    def say(self, words: Words) -> str:
        return words.phrase(SAID[self.test, self.negated], what=self.value.say(words), text=words.quote(self.pattern))


def compiled(pattern: str, position: int = -1) -> Any:
    """A linear-time expression without regard to case; raises `RuleSyntaxError` where RE2 refuses it."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    options.case_sensitive = False
    if len(pattern) > LONGEST_PATTERN:
        raise RuleSyntaxError(why("A pattern may have {most} characters; this one has {length}.",
                                  most=LONGEST_PATTERN, length=len(pattern)), position=position)
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise RuleSyntaxError(why("The pattern '{pattern}' cannot be used: {reason}.", pattern=pattern[:60],
                                  reason=reason), position=position,
                              hint=why("Patterns are RE2: no look-ahead, no back-references.")) from error
