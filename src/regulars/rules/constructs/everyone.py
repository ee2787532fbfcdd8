"""everyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.model.later import later
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

ibis = later("ibis")


@dataclass(frozen=True)
class Everyone(Condition):
    kind: ClassVar[str] = "everyone"

    def text(self) -> str:
        return "everyone"

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("everyone", self.position)

    def predicate(self, frame: Frame) -> Any:
        return ibis.literal(True)

    def holds(self, subject: Subject, when: When) -> bool:
        return True

    def say(self, words: Words) -> str:
        return words.phrase("everyone")
