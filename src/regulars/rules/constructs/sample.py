"""sample 10% of 'salt': stable by hash of customer id and salt, the same on every engine."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from hashlib import md5
from typing import TYPE_CHECKING, Any, ClassVar

from regulars.errors import RuleSyntaxError
from regulars.rules import expressions
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.refusals import why
from regulars.rules.subjects import Subject, When
from regulars.rules.tree import Condition, Node, write_number, write_string

if TYPE_CHECKING:
    from regulars.rules.frames import Frame
    from regulars.rules.vocabulary import Scope
    from regulars.rules.words import Words

BUCKETS = 16**8
FINEST_PERCENT = Decimal("0.000001")
WHO = Attribute("customer_id")


@dataclass(frozen=True)
class Sample(Condition):
    """The first eight hexadecimal digits of md5(salt:id), as a fraction of all there are, lie below the percentage."""

    kind: ClassVar[str] = "sample"
    percent: Decimal
    salt: str = ""

    def text(self) -> str:
        return f"sample {write_number(self.percent)}%{f' of {write_string(self.salt)}' if self.salt else ''}"

    def parts(self) -> tuple[Node, ...]:
        return (WHO,)

    def check(self, scope: Scope) -> None:
        scope.only_of_customers("sample", self.position)
        check_percent(self.percent, self.position)

    @property
    def _limit(self) -> str:
        return f"{int(self.percent * BUCKETS / 100):08x}"

    def predicate(self, frame: Frame) -> Any:
        digits = expressions.md5(f"{self.salt}:" + WHO.column(frame)).substr(0, 8)
        return (digits < self._limit) if self.percent < 100 else digits.notnull()

    def holds(self, subject: Subject, when: When) -> bool:
        digest = md5(f"{self.salt}:{subject.get('customer_id', when)}".encode(), usedforsecurity=False).hexdigest()
        return self.percent >= 100 or digest[:8] < self._limit

    def say(self, words: Words) -> str:
        return words.phrase("in a stable random {percent} of all", percent=words.percent(self.percent))


def check_percent(percent: Decimal, position: int) -> None:
    """Raise where it is not between 0 and 100, or finer than can be counted exactly."""
    if percent != percent.quantize(FINEST_PERCENT, ROUND_HALF_EVEN, Context(prec=80)):
        raise RuleSyntaxError(why("{percent}% is too fine: a percentage may have 6 decimals.",
                                  percent=write_number(percent)), position=position)
    if not 0 <= percent <= 100:
        raise RuleSyntaxError(why("{percent}% is not between 0% and 100%.", percent=write_number(percent)),
                              position=position)
