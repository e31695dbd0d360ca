"""A condition's truth in one situation: true, false, or unknown (`None`), after Kleene.

This is the plain reading of the language; compiled.py is its fast twin and a test holds the
two together.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any as Whatever
from typing import assert_never

from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Operator, Within
from offers.situation import Situation, Value

COMPARISONS: dict[Operator, Callable[[Whatever, Whatever], bool]] = {  # the parser compared types
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def truth(node: Node, situation: Situation) -> bool | None:
    """Whether the condition holds; `None` when a fact it needs is unknown."""
    match node:
        case Constant():
            return node.value
        case Flag(fact, wanted):
            flag = situation.get(fact)
            return None if flag is None else flag is wanted
        case Compare(fact, comparison, right):
            return _compare(situation.get(fact), comparison, _right(right, situation))
        case Within(fact, values, wanted):
            value = situation.get(fact)
            return None if value is None else (value in values) is wanted
        case All(parts):
            return _all(truth(part, situation) for part in parts)
        case Any(parts):
            return _any(truth(part, situation) for part in parts)
    assert_never(node)


def _right(right: object, situation: Situation) -> object:
    return situation.get(right.fact) if isinstance(right, Name) else right


def _compare(left: Value, comparison: Operator, right: object) -> bool | None:
    if left is None or right is None:
        return None
    return COMPARISONS[comparison](left, right)


def _all(truths: Iterable[bool | None]) -> bool | None:
    known = list(truths)
    if False in known:
        return False
    return None if None in known else True


def _any(truths: Iterable[bool | None]) -> bool | None:
    known = list(truths)
    if True in known:
        return True
    return None if None in known else False
