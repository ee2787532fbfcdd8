"""any(…), no(…): whether there are such rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.selection import Selection
from regulars.rules.features import Feature
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words


@dataclass(frozen=True)
class _Counted(Condition):
    selection: Selection

    @property
    def counted(self) -> Aggregate:
        return Aggregate("count", self.selection, position=self.position)

    def check(self, scope: Scope) -> None:
        self.counted.check(scope)

    def features(self, when: When, scope: Scope) -> tuple[Feature, ...]:
        return self.counted.features(when, scope)


@dataclass(frozen=True)
class AnyOf(_Counted):
    kind: ClassVar[str] = "any"

    def text(self) -> str:
        return f"any({self.selection.text()})"

    def predicate(self, frame: Frame) -> Any:
        return self.counted.column(frame) >= 1

    def holds(self, subject: Subject, when: When) -> bool:
        return bool(self.selection.rows(subject, when))

    def say(self, words: Words) -> str:
        return words.phrase("has {rows}", rows=self.selection.say(words.present()))


@dataclass(frozen=True)
class NoneOf(_Counted):
    kind: ClassVar[str] = "no"

    def text(self) -> str:
        return f"no({self.selection.text()})"

    def predicate(self, frame: Frame) -> Any:
        return self.counted.column(frame) == 0

    def holds(self, subject: Subject, when: When) -> bool:
        return not self.selection.rows(subject, when)

    def say(self, words: Words) -> str:
        return words.phrase("has no {rows}", rows=self.selection.say(words))
