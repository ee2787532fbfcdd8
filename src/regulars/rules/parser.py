"""Text to tree. LALR(1), so time is linear in the text; size and depth have limits that are said."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, v_args
from lark.exceptions import VisitError

from regulars.errors import RuleError, RuleSyntaxError, RuleTooLarge
from regulars.rules import constructs
from regulars.rules.constructs import windows
from regulars.rules.constructs.aggregate import Aggregate
from regulars.rules.constructs.anniversary import Anniversary
from regulars.rules.constructs.attribute import Attribute, Flag
from regulars.rules.constructs.comparison import Between, Compare, InList
from regulars.rules.constructs.everyone import Everyone
from regulars.rules.constructs.exists import AnyOf, NoneOf
from regulars.rules.constructs.in_window import InWindow
from regulars.rules.constructs.known import Known
from regulars.rules.constructs.logic import And, Grouped, Not, Or
from regulars.rules.constructs.near import NamedPlace, Near, Point
from regulars.rules.constructs.rank import Rank
from regulars.rules.constructs.regularly import Regularly
from regulars.rules.constructs.restarted import Restarted
from regulars.rules.constructs.sample import Sample
from regulars.rules.constructs.segment import InSegment
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.sequence import Sequence
from regulars.rules.constructs.stopped import Stopped
from regulars.rules.constructs.text_test import TextTest, compiled
from regulars.rules.expected import explained
from regulars.rules.refusals import why
from regulars.rules.tree import OWN_PASS, Condition, Node, read_moment, read_number

LONGEST = 100_000
DEEPEST = 60
MOST_CONDITIONS = 1_000
UNREADABLE = re.compile("[\0\ud800-\udfff]")
"""No text of a shop can hold these."""
TOKENS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?:--|#)[^\n]*|[()]|[^\s()'\"#-]+|-")
constructs.load()


def parse(text: str) -> Condition:
    """The tree of a rule. Raises `RuleSyntaxError` with position and what was expected, or `RuleTooLarge`."""
    _refuse_large(text)
    try:
        tree: Any = grammar().parse(text)
    except UnexpectedInput as error:
        raise explained(error, text, _accepted(error, text)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, RuleError):
            raise error.orig_exc from None
        raise
    except RecursionError:
        raise RuleTooLarge(why("This rule goes too deep to be read.")) from None
    condition: Condition = tree
    refuse_sprawling(condition)
    return condition


def refuse_sprawling(tree: Condition) -> None:
    """Raise `RuleTooLarge` where a tree has more conditions than can be judged in bounded time."""
    weight = sum(node.weight for node in tree.everything())
    if weight > MOST_CONDITIONS:
        raise RuleTooLarge(why("A rule may come to {most} conditions, this one comes to {weight}: those on rows "
                               "count for 2, sequence, restarted and favourite for {heavy}.", most=MOST_CONDITIONS,
                               weight=weight, heavy=OWN_PASS),
                           hint=why("Save parts of it as segments and write: {rule}.", rule="in segment 'name'"))


def _refuse_large(text: str) -> None:
    if not text.strip():
        raise RuleSyntaxError(why("The rule is empty."), position=0,
                              hint=why("Write, for example: {rule}", rule="count(orders) >= 10"))
    if len(text) > LONGEST:
        raise RuleTooLarge(why("A rule may have {most} characters; this one has {length}.", most=LONGEST,
                               length=len(text)), position=LONGEST)
    for sign in UNREADABLE.finditer(text):
        raise RuleSyntaxError(why("The character {code} at position {position} cannot be in a rule.",
                                  code=f"U+{ord(sign[0]):04X}", position=sign.start() + 1), position=sign.start())
    position = _too_deep(text)
    if position is not None:
        raise RuleTooLarge(why("Brackets and not may be nested {most} deep; this rule goes deeper.", most=DEEPEST),
                           position=position)


def _too_deep(text: str) -> int | None:
    """Where brackets and ``not`` stand too deep in each other, texts and comments left out; None where nowhere."""
    outer, run = [0], 0
    for sign in TOKENS.finditer(text):
        word = sign[0].lower()
        if word == "not":
            run += 1
        elif word == "(":
            outer.append(outer[-1] + run + 1)
            run = 0
        elif word == ")" and len(outer) > 1:
            outer.pop()
        if outer[-1] + run > DEEPEST:
            return sign.start()
        run = run if word == "not" else 0
    return None


@lru_cache(maxsize=1)
def grammar() -> Lark:
    text = files("regulars.rules").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", transformer=_Builder(), propagate_positions=True, maybe_placeholders=False)


def _accepted(error: UnexpectedInput, text: str) -> set[str]:
    """What could have stood where the error is."""
    if not isinstance(error, UnexpectedCharacters):
        return set(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
    reading = grammar().parse_interactive(text[:error.pos_in_stream])
    try:
        reading.exhaust_lexer()
        return set(reading.accepts())  # type: ignore[no-untyped-call]
    except (UnexpectedInput, VisitError, RuleError):
        return {str(terminal) for terminal in error.allowed or ()}


def _number(token: Token) -> Decimal:
    return read_number(str(token), token.start_pos or 0)


def _string(token: Token) -> str:
    quote = token[0]
    return str(token[1:-1]).replace(quote * 2, quote)


def _words(token: Token) -> str:
    return " ".join(str(token).lower().split())


def _bare(node: Any) -> Any:
    """The node without the brackets it stood in."""
    while isinstance(node, Grouped):
        node = node.item
    return node


def _where(condition: Condition) -> tuple[Condition, windows.Window | None]:
    """A where and the bare window that closes it, which the grammar read as the last column's own."""
    if isinstance(condition, InWindow) and isinstance(condition.value, Attribute):
        return Flag(condition.value, position=condition.position), condition.window
    if isinstance(condition, And | Or):
        last, window = _where(condition.items[-1])
        _no_bare_window(condition.items[:-1])
        return type(condition)((*map(_bare, condition.items[:-1]), last), position=condition.position), window
    if isinstance(condition, Not):
        item, window = _where(condition.item)
        return Not(item, position=condition.position), window
    return _bare(condition), None


def _no_bare_window(items: tuple[Condition, ...]) -> None:
    for item in items:
        inner = item
        while isinstance(inner, Not):
            inner = inner.item
        if isinstance(inner, And | Or):
            _no_bare_window(inner.items)
        elif isinstance(inner, InWindow):
            raise RuleSyntaxError(why("A bare window belongs to the rows and closes the selection."),
                                  position=inner.position, length=len(inner.text()),
                                  hint=why("Put a column's own window in brackets: {rule}.", rule=f"({inner.text()})"))


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds the tree while the text is being read; brackets are kept as `Grouped` until their owner has looked."""

    def start(self, rule: Any) -> Condition:
        result: Condition = _clean(rule)
        return result

    def either(self, *items: Any) -> Any:
        return items[0] if len(items) == 1 else Or(items)

    def both(self, *items: Any) -> Any:
        return items[0] if len(items) == 1 else And(items)

    def negated(self, item: Any) -> Not:
        return Not(item)

    def grouped(self, item: Any) -> Grouped:
        return Grouped(item)

    def compare(self, value: Any, sign: Token, literal: Any) -> Compare:
        return Compare(value, str(sign), literal, position=value.position)

    def in_list(self, value: Any, *items: Any) -> InList:
        return InList(value, items, position=value.position)

    def not_in_list(self, value: Any, *items: Any) -> InList:
        return InList(value, items, True, position=value.position)

    def between(self, value: Any, low: Any, high: Any) -> Between:
        ends = [_number(e) if isinstance(e, Token) else e for e in (low, high)]
        return Between(value, ends[0], ends[1], position=value.position)

    def not_between(self, value: Any, low: Any, high: Any) -> Between:
        return Between(value, low, high, True, position=value.position)

    def text_test(self, value: Any, test: Token, pattern: Token) -> TextTest:
        return self._text_test(value, test, pattern, False)

    def not_text_test(self, value: Any, test: Token, pattern: Token) -> TextTest:
        return self._text_test(value, test, pattern, True)

    def _text_test(self, value: Any, test: Token, pattern: Token, negated: bool) -> TextTest:
        if _words(test) == "matches":
            compiled(_string(pattern), pattern.start_pos or 0)
        return TextTest(value, _words(test), _string(pattern), negated, position=value.position)

    def known(self, value: Any) -> Known:
        return Known(value, position=value.position)

    def not_known(self, value: Any) -> Known:
        return Known(value, True, position=value.position)

    def in_window(self, value: Any, window: Any) -> InWindow:
        return InWindow(value, window, position=value.position)

    def flag(self, value: Any) -> Flag:
        if isinstance(value, Aggregate):
            raise RuleSyntaxError(why("{value} is a value, not yet a condition.", value=value.text()),
                                  position=value.position,
                                  hint=why("Compare it with something: {rule}.", rule=f"{value.text()} >= 1"),
                                  length=len(value.text()))
        return Flag(value, position=value.position)

    def any_of(self, word: Token, selection: Any) -> AnyOf:
        return AnyOf(selection, position=word.start_pos or 0)

    def none_of(self, word: Token, selection: Any) -> NoneOf:
        return NoneOf(selection, position=word.start_pos or 0)

    def stopped(self, word: Token, selection: Any, duration: Any) -> Stopped:
        return Stopped(selection, duration, position=word.start_pos or 0)

    def restarted(self, word: Token, selection: Any, duration: Any) -> Restarted:
        return Restarted(selection, duration, position=word.start_pos or 0)

    def regularly(self, word: Token, selection: Any, duration: Any, least: Token, periods: Token) -> Regularly:
        return Regularly(selection, duration, _number(least), _number(periods), position=word.start_pos or 0)

    def sequence(self, word: Token, first: Any, then: Any, duration: Any) -> Sequence:
        return Sequence(first, then, duration, position=word.start_pos or 0)

    def sequence_without(self, word: Token, first: Any, then: Any, duration: Any) -> Sequence:
        return Sequence(first, then, duration, True, position=word.start_pos or 0)

    def anniversary(self, word: Token, name: Token, window: Any) -> Anniversary:
        return Anniversary(Attribute(str(name), position=name.start_pos or 0), window, position=word.start_pos or 0)

    def near(self, word: Token, distance: Token, unit: Token, place: Any) -> Near:
        return Near(_number(distance), str(unit).lower(), place, position=word.start_pos or 0)

    def in_segment(self, word: Token, name: Token) -> InSegment:
        return InSegment(_string(name), position=name.start_pos or 0)

    def rank(self, end: Token, percent: Token, value: Any) -> Rank:
        return Rank(str(end).lower(), _number(percent), value, position=end.start_pos or 0)

    def sample(self, word: Token, percent: Token, salt: Token | None = None) -> Sample:
        return Sample(_number(percent), "" if salt is None else _string(salt), position=word.start_pos or 0)

    def everyone(self, word: Token) -> Everyone:
        return Everyone(position=word.start_pos or 0)

    def attribute(self, name: Token) -> Attribute:
        return Attribute(str(name), position=name.start_pos or 0)

    def aggregate(self, name: Token, selection: Any) -> Aggregate:
        return Aggregate(str(name).lower(), selection, position=name.start_pos or 0)

    def selection(self, name: Token, where: Any = None, window: Any = None) -> Selection:
        fact, _, column = str(name).partition(".")
        return Selection(fact.lower(), column or None, where, window, position=name.start_pos or 0)

    def selection_window(self, name: Token, window: Any) -> Selection:
        return self.selection(name, None, window)

    def selection_where(self, name: Token, where: Any) -> Selection:
        condition, window = _where(where)
        return self.selection(name, _clean(condition), window)

    def selection_where_window(self, name: Token, where: Any, window: Any) -> Selection:
        _no_bare_window((where,))
        return self.selection(name, _clean(where), window)

    def in_last(self, duration: Any) -> windows.InLast:
        return windows.InLast(duration)

    def in_next(self, duration: Any) -> windows.InNext:
        return windows.InNext(duration)

    def between_ago(self, one: Token, other: Token, unit: Token) -> windows.BetweenAgo:
        near, far = sorted((one, other), key=_number)
        return windows.BetweenAgo(self.duration(near, unit), self.duration(far, unit))

    def more_than_ago(self, duration: Any) -> windows.MoreThanAgo:
        return windows.MoreThanAgo(duration)

    def less_than_ago(self, duration: Any) -> windows.LessThanAgo:
        return windows.LessThanAgo(duration)

    def before(self, moment: Any) -> windows.Before:
        return windows.Before(moment)

    def after(self, moment: Any) -> windows.After:
        return windows.After(moment)

    def since(self, moment: Any) -> windows.Since:
        return windows.Since(moment)

    def from_to(self, first: Any, last: Any) -> windows.FromTo:
        return windows.FromTo(first, last)

    def period(self, name: Token) -> windows.Period:
        return windows.Period(_words(name))

    def named_place(self, name: Token) -> NamedPlace:
        return NamedPlace(_string(name), position=name.start_pos or 0)

    def point(self, latitude: Token, longitude: Token) -> Point:
        return Point(_number(latitude), _number(longitude), position=latitude.start_pos or 0)

    def duration(self, amount: Token, unit: Token) -> windows.Duration:
        return windows.Duration(_number(amount), _unit(unit), position=amount.start_pos or 0)

    def literal(self, item: Any) -> Any:
        if not isinstance(item, Token):
            return item
        if item.type == "NUMBER":
            return _number(item)
        return _string(item) if item.type == "STRING" else item.type == "TRUE"

    def moment(self, token: Token) -> Node:
        return read_moment(str(token), token.start_pos or 0)


def _unit(token: Token) -> str:
    return str(token).lower().removesuffix("s")


def _clean(node: Any) -> Any:
    """The condition without any brackets left in and, or, not."""
    node = _bare(node)
    if isinstance(node, And | Or):
        return type(node)(tuple(_clean(i) for i in node.items), position=node.position)
    return Not(_clean(node.item), position=node.position) if isinstance(node, Not) else node
