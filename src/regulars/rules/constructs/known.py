"""is known, is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node, Value

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words


@dataclass(frozen=True)
class Known(Condition):
    kind: ClassVar[str] = "known"
    value: Value
    negated: bool = False

    def text(self) -> str:
        return f"{self.value.text()} is {'not ' * self.negated}known"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        self.value.check(scope)

    def predicate(self, frame: Frame) -> Any:
        column = self.value.column(frame)
        return column.isnull() if self.negated else column.notnull()

    def holds(self, subject: Subject, when: When) -> bool:
        return (self.value.of(subject, when) is None) is self.negated

    def say(self, words: Words) -> str:
        return words.phrase("{what} is not known" if self.negated else "{what} is known", what=self.value.say(words))
