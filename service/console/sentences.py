"""A rule's condition, and why it does or does not fit a lead, in the words of the facts."""

from __future__ import annotations

import re
from typing import assert_never

from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Within
from offers.situation import FACTS

_OPERATORS = {
    ">=": ": at least",
    ">": ": more than",
    "<=": ": at most",
    "<": ": less than",
    "==": ":",
    "!=": ": not",
}
_SHORT = {
    "trial_day": "trial day",
    "lifecycle_stage": "stage",
    "grade": "grade",
    "lane": "lane",
    "rep_contacted": "a rep is in touch",
    "seats_requested": "seats asked for",
}
"""Where the console has a shorter word for a fact than its caption."""
_FACT = re.compile("(" + "|".join(FACTS) + ") (is )?(?!and )")
_PLAIN = {"true": "yes", "false": "no"}


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


def in_captions(line: str, *, holds: bool) -> str:
    """`trial_day 1, needs at least 3` as `trial day: 1, needs at least 3`.

    What holds needs no condition beside its value.
    """
    told = line.partition(" (")[0] if holds else line
    first = _FACT.match(told)
    if first is None:
        return told.replace("_", " ")
    rest = told[first.end() :].replace("_", " ").replace("unknown", "not known")
    if first.group(2):
        rest = re.sub(r"\b(true|false)\b", lambda flag: _PLAIN[flag.group()], rest)
    return f"{_caption(first.group(1))}: {rest}"


def _caption(fact: str) -> str:
    return _SHORT.get(fact, FACTS[fact].caption)


def _value(value: object) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else str(value).replace("_", " ")
