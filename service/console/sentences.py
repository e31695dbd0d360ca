"""A rule's condition, and why it does or does not fit a lead, in the words of the facts."""

from __future__ import annotations

from typing import assert_never

from offers.conditions.explain import NEEDS, Reason
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
_BOUNDS = {
    ">=": "at least",
    ">": "more than",
    "<=": "at most",
    "<": "less than",
    "==": "",
    "!=": "other than",
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


def fact_said(fact: str, value: object) -> str:
    """`seats asked for: 60`."""
    return f"{_caption(fact)}: {_value(value)}"


def in_captions(reason: Reason) -> str:
    """`trial day: 1, needs at least 3`; what holds needs no condition beside its value."""
    clause = reason.clause
    if reason.code == "closed":
        return f"open {reason.days}"
    if reason.code == "unknown":
        return f"{' and '.join(map(_caption, reason.facts))}: not known"
    match clause:
        case Constant(value):
            return "everybody" if value else "nobody"
        case All():
            return "; ".join(map(in_captions, reason.parts))
        case Any() if reason.code == "holds":
            return in_captions(reason.parts[0])
        case Any():
            return "none of: " + " / ".join(map(in_captions, reason.parts))
        case Flag(fact) | Compare(fact) | Within(fact):
            return f"{_caption(fact)}: {_value(reason.actual[0])}{_asked(reason)}"
    raise AssertionError("a reason of a clause has one")


def missing(reason: Reason) -> str:
    """What a clause that fails still needs: `grade A1 or A2 (now B2)`."""
    if reason.code == "unknown":
        return f"{' and '.join(map(_caption, reason.facts))} (not known)"
    match reason.clause:
        case Compare(fact, operator, literal) if not isinstance(literal, Name):
            wanted = f"{_BOUNDS[operator]} {_value(literal)}".strip()
            return f"{_caption(fact)} {wanted} (now {_value(reason.actual[0])})"
        case Within(fact, values, True):
            listed = " or ".join(map(_value, values))
            return f"{_caption(fact)} {listed} (now {_value(reason.actual[0])})"
        case Flag(fact, wanted):
            return _caption(fact) if wanted else f"that it is not so: {_caption(fact)}"
    return in_captions(reason)


def lacking(reason: Reason) -> str:
    """What a clause that fails asks for, whoever is asked: `seats asked for: at least 20`."""
    if reason.code == "closed":
        return f"the rule is open {reason.days} only"
    if reason.code == "unknown" or reason.clause is None:
        return f"{' and '.join(map(_caption, reason.facts))} (not known)"
    return said(reason.clause)


def _asked(reason: Reason) -> str:
    """What a clause that fails asks for."""
    if reason.code == "holds":
        return ""
    match reason.clause:
        case Flag(_, wanted):
            return f", needs {_value(wanted)}"
        case Compare(_, operator, Name(other)):
            return f", {NEEDS[operator].format(_caption(other))} ({_value(reason.actual[1])})"
        case Compare(_, operator, literal):
            return f", {NEEDS[operator].format(_value(literal))}"
        case Within(_, values, wanted):
            listed = ", ".join(map(_value, values))
            return f", {'needs' if wanted else 'must not be'} one of {listed}"
    return ""


def _caption(fact: str) -> str:
    return _SHORT.get(fact, FACTS[fact].caption)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("_", " ")
