"""A rule's condition in the words of the facts it looks at."""

from __future__ import annotations

from typing import assert_never

from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Within
from offers.situation import FACTS

_OPERATORS = {
    ">=": ": at least", ">": ": more than", "<=": ": at most", "<": ": less than", "==": ":",
    "!=": ": not",
}  # fmt: skip


def said(node: Node) -> str:
    """`seats asked for: at least 60; unless a rep is in touch`."""
    match node:
        case Constant(value):
            return "everybody" if value else "nobody"
        case Flag(fact, wanted):
            return _caption(fact) if wanted else f"unless {_caption(fact)}"
        case Compare(fact, operator, Name(other)):
            return f"{_caption(fact)}{_OPERATORS[operator]} {_caption(other)}"
        case Compare(fact, operator, literal):
            return f"{_caption(fact)}{_OPERATORS[operator]} {_value(literal)}"
        case Within(fact, values, wanted):
            listed = ", ".join(_value(value) for value in values)
            return f"{_caption(fact)}: {'one of' if wanted else 'none of'} {listed}"
        case All(parts):
            return "; ".join(said(part) for part in parts)
        case Any(parts):
            return "(" + " or ".join(said(part) for part in parts) + ")"
    assert_never(node)


def _caption(fact: str) -> str:
    return FACTS[fact].caption


def _value(value: object) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else str(value).replace("_", " ")
