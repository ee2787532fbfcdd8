"""and, or, not: a condition is true or not, so ``not`` is plain (rules.md, Meaning 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words


@dataclass(frozen=True)
class _Joined(Condition):
    items: tuple[Condition, ...]

    @property
    def weight(self) -> int:
        return 0

    def parts(self) -> tuple[Node, ...]:
        return self.items

    def check(self, scope: Scope) -> None:
        for item in self.items:
            item.check(scope)


@dataclass(frozen=True)
class And(_Joined):
    kind: ClassVar[str] = "and"

    def text(self) -> str:
        return " and ".join(_bracketed(i, And, Or) for i in self.items)

    def predicate(self, frame: Frame) -> Any:
        return balanced([i.predicate(frame) for i in self.items], lambda a, b: a & b)

    def holds(self, subject: Subject, when: When) -> bool:
        return all(i.holds(subject, when) for i in self.items)

    def say(self, words: Words) -> str:
        return words.all_of([i.say(words) for i in self.items], [isinstance(i, Or) for i in self.items])


@dataclass(frozen=True)
class Or(_Joined):
    kind: ClassVar[str] = "or"

    def text(self) -> str:
        return " or ".join(_bracketed(i, Or) for i in self.items)

    def predicate(self, frame: Frame) -> Any:
        return balanced([i.predicate(frame) for i in self.items], lambda a, b: a | b)

    def holds(self, subject: Subject, when: When) -> bool:
        return any(i.holds(subject, when) for i in self.items)

    def say(self, words: Words) -> str:
        return words.any_of([i.say(words) for i in self.items], [isinstance(i, And) for i in self.items])


@dataclass(frozen=True)
class Not(Condition):
    kind: ClassVar[str] = "not"
    item: Condition

    @property
    def weight(self) -> int:
        return 0

    def text(self) -> str:
        return f"not {_bracketed(self.item, And, Or)}"

    def parts(self) -> tuple[Node, ...]:
        return (self.item,)

    def check(self, scope: Scope) -> None:
        self.item.check(scope)

    def predicate(self, frame: Frame) -> Any:
        return ~self.item.predicate(frame)

    def holds(self, subject: Subject, when: When) -> bool:
        return not self.item.holds(subject, when)

    def say(self, words: Words) -> str:
        return words.phrase("not true that {condition}", condition=words.group(self.item.say(words)))


@dataclass(frozen=True)
class Grouped(Condition):
    """Brackets, while a text is being read; no tree that leaves the parser holds one."""

    kind: ClassVar[str] = "brackets"
    item: Condition

    def text(self) -> str:
        return f"({self.item.text()})"


def where_text(node: Condition) -> str:
    """A condition as it stands after ``where``: a column's own window is put in brackets, since a bare one closes
    the selection."""
    if isinstance(node, And):
        return " and ".join(_inside(i, And, Or) for i in node.items)
    if isinstance(node, Or):
        return " or ".join(_inside(i, Or) for i in node.items)
    if isinstance(node, Not):
        return f"not {_inside(node.item, And, Or)}"
    return f"({node.text()})" if node.kind == "in_window" else node.text()


def _inside(item: Condition, *looser: type[Condition]) -> str:
    return f"({where_text(item)})" if isinstance(item, looser) else where_text(item)


def _bracketed(item: Condition, *looser: type[Condition]) -> str:
    return f"({item.text()})" if isinstance(item, looser) else item.text()


def balanced(columns: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join pairwise: a thousand conditions nest ten deep, not a thousand."""
    layer = list(columns)
    while len(layer) > 1:
        pairs = [join(layer[i], layer[i + 1]) for i in range(0, len(layer) - 1, 2)]
        layer = pairs + layer[len(layer) - len(layer) % 2:]
    return layer[0]
