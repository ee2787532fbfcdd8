"""in segment 'VIP': to any depth; a circle is refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, write_string

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words


@dataclass(frozen=True)
class InSegment(Condition):
    kind: ClassVar[str] = "in_segment"
    name: str

    def text(self) -> str:
        return f"in segment {write_string(self.name)}"

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("in segment", self.position)
        scope.vocabulary.segment(self.name, self.position)

    def predicate(self, frame: Frame) -> Any:
        return frame.in_segment(self.name)

    def holds(self, subject: Subject, when: When) -> bool:
        return subject.world.in_segment(self.name, subject.get("customer_id", when), when)

    def say(self, words: Words) -> str:
        return words.phrase("is in the segment {name}", name=words.quote(self.name))
