"""A moment or date in a window: ``signed_up_at in last 30 days``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import WrongType
from regulars.model.later import later
from regulars.rules.constructs.comparison import in_span, moment_within
from regulars.rules.constructs.windows import Window
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node, Value, said

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class InWindow(Condition):
    kind: ClassVar[str] = "in_window"
    value: Value
    window: Window

    def text(self) -> str:
        return f"{self.value.text()} {self.window.text()}"

    def parts(self) -> tuple[Node, ...]:
        return (self.value,)

    def check(self, scope: Scope) -> None:
        type_ = self.value.check(scope)
        if not type_.temporal:
            raise WrongType(why("{value} is {type}, not a moment: it cannot lie in a window of time.",
                                value=self.value.text(), type=said(type_)), position=self.value.position,
                            length=len(self.value.text()))
        self.window.check()

    def predicate(self, frame: Frame) -> Any:
        return ibis.coalesce(in_span(self.value.column(frame), self.window.bounds(frame.when), frame), False)

    def holds(self, subject: Subject, when: When) -> bool:
        known = self.value.of(subject, when)
        return known is not None and moment_within(known, self.window.bounds(when), when)

    def say(self, words: Words) -> str:
        return words.phrase("{what} lies {window}", what=self.value.say(words), window=self.window.say(words))
