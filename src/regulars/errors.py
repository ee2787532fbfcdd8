"""Everything that can go wrong, with a stable code each.

    RegularsError
    ├── RuleError            a rule that cannot be read or does not fit the shop
    │   ├── RuleSyntaxError      rule.syntax
    │   ├── UnknownName          rule.unknown_name
    │   ├── WrongType            rule.wrong_type
    │   ├── NeverHolds           rule.never
    │   ├── RuleTooLarge         rule.too_large
    │   └── SegmentCircle        rule.circle
    ├── ShopError            the folder or its facts
    │   ├── NotAShop             shop.not_a_shop
    │   ├── ShopInUse            shop.in_use
    │   ├── ShopTooNew           shop.too_new
    │   ├── ShopTooOld           shop.too_old
    │   ├── ShopDamaged          shop.damaged
    │   ├── DiskFull             shop.disk_full
    │   └── NumberTooLarge       shop.number_too_large
    ├── ImportRefused        a file or table that cannot be taken in
    │   ├── NotRecognised        import.not_recognised
    │   ├── UnreadableFile       import.unreadable
    │   ├── Ambiguous            import.ambiguous
    │   └── SourceUnreachable    import.source_unreachable
    ├── LiveRefused          a request or message that cannot be taken in live: live.refused
    │   ├── MessageTooLarge      live.too_large
    │   └── Busy                 live.busy
    ├── TooLittleData        an analysis that cannot say anything honest: insight.too_little_data
    ├── NotFound             something named that is not there
    └── Refused              asked for, understood, and not done
        ├── SegmentStale         segment.stale
        ├── LookedAtLater        segment.looked_at_later
        ├── SegmentFailed        segment.failed
        ├── Overtaken            refused.overtaken
        └── ContentRefused       content.refused

A person reads ``error.say(figures)``: what happened, where, and the nearest right thing, in the language of the
figures. ``str(error)`` is the same in English, for programs and logs.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Sayable(Protocol):
    """What can be said in the language of some figures, and by ``str`` in English: a `Sentence` of ``model/phrases``.

    The errors stand below the model, so they know no more of it than this.
    """

    def say(self, figures: Any, /) -> str: ...


Message = Sayable | str
"""A text stands as it is in every language."""


class RegularsError(Exception):
    """Base of every error a person may see; ``code`` never changes once published.

    ``message`` is what happened, ``hint`` the nearest right thing, ``command`` what does it in a terminal;
    ``settings`` names those that mend it: ``gate`` or a channel, "" for none.
    """

    code = "error"

    def __init__(self, message: Message, *, hint: Message | None = None, command: str = "", settings: str = "") -> None:
        super().__init__(message)
        self.settings = settings
        self.message = message
        self.hint = hint
        self.command = command

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.message, self.hint, self.command and f"({self.command})") if part)

    def say(self, figures: Any) -> str:
        """For a page: without the command."""
        return " ".join(said(part, figures) for part in (self.message, self.hint) if part)


def said(message: Message | None, figures: Any) -> str:
    """A message in the language of the figures; "" for none."""
    return message.say(figures) if isinstance(message, Sayable) else message or ""


class RuleError(RegularsError):
    """A rule that cannot be used; ``position`` is the offset of the first wrong character."""

    code = "rule.error"

    def __init__(self, message: Message, *, position: int | None = None, length: int = 1,
                 expected: tuple[Message, ...] = (), hint: Message | None = None, command: str = "") -> None:
        super().__init__(message, hint=hint, command=command)
        self.position = position
        self.length = length
        self.expected = expected


class RuleSyntaxError(RuleError):
    code = "rule.syntax"


class UnknownName(RuleError):
    code = "rule.unknown_name"


class WrongType(RuleError):
    code = "rule.wrong_type"


class NeverHolds(RuleError):
    """A window of time in which no moment can lie, or two ends with nothing between them."""

    code = "rule.never"


class RuleTooLarge(RuleError):
    code = "rule.too_large"


class SegmentCircle(RuleError):
    code = "rule.circle"


class ShopError(RegularsError):
    code = "shop.error"


class NotAShop(ShopError):
    code = "shop.not_a_shop"


class ShopInUse(ShopError):
    code = "shop.in_use"


class ShopTooNew(ShopError):
    code = "shop.too_new"


class ShopTooOld(ShopError):
    code = "shop.too_old"


class ShopDamaged(ShopError):
    code = "shop.damaged"


class DiskFull(ShopError):
    code = "shop.disk_full"


class NumberTooLarge(ShopError):
    code = "shop.number_too_large"


class StatementRefused(ShopError):
    """The engine did not take a statement, for the ``reason`` it gives in English."""

    def __init__(self, message: Message, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ImportRefused(RegularsError):
    code = "import.refused"


class NotRecognised(ImportRefused):
    code = "import.not_recognised"


class UnreadableFile(ImportRefused):
    code = "import.unreadable"


class Ambiguous(ImportRefused):
    """The data leaves a question open that only a person can answer: which of ``choices`` holds of ``column``."""

    code = "import.ambiguous"

    def __init__(self, message: Message, *, hint: Message | None = None, column: str = "", example: str = "",
                 choices: tuple[str, ...] = (), command: str = "") -> None:
        super().__init__(message, hint=hint, command=command)
        self.column = column
        self.example = example
        self.choices = choices


class SourceUnreachable(ImportRefused):
    code = "import.source_unreachable"


class LiveRefused(RegularsError):
    """A live request that is not taken in at all."""

    code = "live.refused"


class MessageTooLarge(LiveRefused):
    code = "live.too_large"


class Busy(LiveRefused):
    """Not now: the same request may be sent again in a moment."""

    code = "live.busy"


class TooLittleData(RegularsError):
    """The shop holds too little for an honest answer; the message says what is needed and what is there."""

    code = "insight.too_little_data"


class NotFound(RegularsError):
    code = "not_found"


class Refused(RegularsError):
    code = "refused"


class SegmentStale(Refused):
    """Who is in is not known as of now: facts, time or the rule have moved on since the last look.

    ``passes``: the next look mends it, so that whoever can wait need not be refused.
    """

    code = "segment.stale"
    passes = False


class LookedAtLater(Refused):
    """Who is in was looked at for a later moment already: memberships do not go back."""

    code = "segment.looked_at_later"


class SegmentFailed(Refused):
    """The segment's rule could not be asked at the last look."""

    code = "segment.failed"


class ChangesLost(Refused):
    """Who entered and left is read on from a number that the shop, as it was brought back, does not know."""

    code = "changes.lost"


class Overtaken(Refused):
    """Somebody else saved it after whoever saves now last saw it."""

    code = "refused.overtaken"


class ContentRefused(Refused):
    """A message that cannot be sent as it is written; ``block`` is the place of the block, from 0, where it is one."""

    code = "content.refused"

    def __init__(self, message: Message, *, hint: Message | None = None, block: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.block = block
