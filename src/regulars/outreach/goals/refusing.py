"""What is no goal, and the nearest rule that is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from regulars.errors import Refused
from regulars.model.phrases import Sentence
from regulars.outreach.refusals import why
from regulars.rules import Condition, Vocabulary
from regulars.rules.constructs.attribute import Attribute
from regulars.rules.constructs.comparison import Compare
from regulars.rules.constructs.exists import AnyOf, NoneOf
from regulars.rules.constructs.known import Known
from regulars.rules.constructs.logic import And, Not, Or
from regulars.rules.constructs.selection import Selection
from regulars.rules.constructs.windows import Window
from regulars.rules.subjects import fold
from regulars.rules.tree import Moment, Node

PLAN = frozenset({"plan", "plan_status", "plan_since"})
BEGUN = "plan_since"
RELATIVE = ("today", "yesterday", "now")


def begun(tree: Condition) -> bool:
    """Whether it is a plan begun: ``plan_since is known``, alone or with more that is said of the plan."""
    items = tree.items if isinstance(tree, And) else (tree,)
    return any(_known(item) for item in items) and all(_names(item) and _names(item) <= PLAN for item in items)


def _known(item: Condition) -> bool:
    return isinstance(item, Known) and not item.negated and isinstance(item.value, Attribute) \
        and fold(item.value.name) == BEGUN


def _names(item: Condition) -> set[str]:
    """The attributes it asks for; nothing of what asks for anything else of a customer."""
    own = [node for node in item.walk() if node.kind in ("attribute", "aggregate", "any", "no")]
    return {fold(node.name) if isinstance(node, Attribute) else node.kind for node in own}


def refuse(tree: Condition, vocabulary: Vocabulary) -> None:
    """Raise `Refused` where it asks for anything but what comes to happen within each one's own days."""
    _refuse_windows(tree)
    _refuse_leaf(tree, vocabulary)


def _refuse_leaf(tree: Condition, vocabulary: Vocabulary) -> None:
    if begun(tree):
        return
    if isinstance(tree, And | Or):
        for item in tree.items:
            _refuse_leaf(item, vocabulary)
        return
    if not isinstance(tree, AnyOf):
        raise Refused(_no_goal(tree), hint=_instead(tree))
    if vocabulary.fact(tree.selection.fact).table == "messages":
        raise Refused(why("Messages are no goal: who is left without one, to compare with, can open and click none."),
                      hint=why("Say what the message is to lead to, such as {rule}.", rule="any(visits)"))


def _no_goal(tree: Condition) -> Sentence:
    if isinstance(tree, NoneOf | Not):
        return why("A goal is something that happens, and {rule} is that something does not.", rule=tree.text())
    return why("{rule} is no goal: a goal is something that comes to happen to somebody.", rule=tree.text())


def _instead(tree: Condition) -> Sentence:
    """The nearest rule that is a goal."""
    rows = next(_selections(tree), None)
    if rows is not None:
        return why("Write {rule}.", rule=f"any({_plain(rows).text()})")
    if _of_plan(tree):
        moves = any(_moves(node) for node in tree.everything())
        own = f" and {tree.text()}" if isinstance(tree, Compare) and not moves else ""
        return why("Write {rule}.", rule=f"({BEGUN} is known{own})" if own else f"{BEGUN} is known")
    return why("Write what is to happen: {order}, {event}, {answer} or {plan}.", order="any(orders)",
               event="any(events where name = '…')", answer="any(answers where survey = '…')",
               plan=f"{BEGUN} is known")


def _of_plan(tree: Condition) -> bool:
    return any(isinstance(node, Attribute) and fold(node.name) in PLAN for node in tree.walk())


def _selections(tree: Node) -> Iterator[Selection]:
    return (node for node in tree.everything() if isinstance(node, Selection))


def _plain(rows: Selection) -> Selection:
    """Its rows of all time."""
    return replace(rows, column=None, window=None)


def _refuse_windows(tree: Condition) -> None:
    if isinstance(tree, And | Or):
        for item in tree.items:
            _refuse_windows(item)
        return
    moving = [node for node in tree.everything() if _moves(node)]
    if moving:
        own = [rows.window for rows in _selections(tree)]
        hint = _instead(tree) if _of_plan(tree) or all(node in own for node in moving) else why("Leave it out.")
        raise Refused(why("A goal has no window of its own ({window}): it is asked of the days that each person has "
                          "from the message on.", window=moving[0].text()), hint=hint)


def _moves(node: Node) -> bool:
    return isinstance(node, Window) or (isinstance(node, Moment) and node.word in RELATIVE)


__all__ = ["BEGUN", "PLAN", "begun", "refuse"]
