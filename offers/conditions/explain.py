"""Why a condition does not hold, clause by clause: "seats_requested 40, needs at least 60"."""

from __future__ import annotations

from typing import assert_never

from offers.conditions.evaluate import truth
from offers.conditions.nodes import (
    All,
    Any,
    Compare,
    Constant,
    Flag,
    Name,
    Node,
    Within,
    clauses,
    facts_of,
    written,
)
from offers.situation import Situation

NEEDS = {
    "==": "needs {}",
    "!=": "must not be {}",
    "<": "needs less than {}",
    "<=": "needs at most {}",
    ">": "needs more than {}",
    ">=": "needs at least {}",
}


def reasons(node: Node, situation: Situation) -> tuple[str, ...]:
    """One line for each clause that is false or unknown; empty when the condition holds."""
    found = (failure(clause, situation) for clause in clauses(node))
    return tuple(reason for reason in found if reason is not None)


def failure(clause: Node, situation: Situation) -> str | None:
    """Why one clause does not hold, or `None` when it does."""
    verdict = truth(clause, situation)
    if verdict is True:
        return None
    if verdict is None:
        missing = sorted(fact for fact in facts_of(clause) if situation.get(fact) is None)
        return _unknown(missing, clause)
    return _false(clause, situation)


def holding(node: Node, situation: Situation) -> tuple[str, ...]:
    """One line for each clause of a condition that holds, with the value that made it so."""
    return tuple(_true(clause, situation) for clause in clauses(node))


def wish(clause: Compare) -> str:
    """What a comparison asks for, in words."""
    right = clause.right.fact if isinstance(clause.right, Name) else clause.right
    return NEEDS[clause.operator].format(right)


def wanted(clause: Within) -> str:
    """What a membership asks for, in words."""
    listed = ", ".join(str(value) for value in clause.values)
    return f"needs one of {listed}" if clause.wanted else f"must not be one of {listed}"


def _unknown(missing: list[str], clause: Node) -> str:
    names = " and ".join(missing)
    if isinstance(clause, Any | All):
        return f"{names} unknown, needed for {written(clause)}"
    return f"{names} unknown"


def _false(clause: Node, situation: Situation) -> str:
    match clause:
        case Constant():
            return "the condition is never true"
        case Flag(fact, flag):
            return f"{fact} is {_said(not flag)}, needs {_said(flag)}"
        case Compare(fact, _, Name(other)):
            return f"{fact} {situation[fact]}, {wish(clause)} ({situation[other]})"
        case Compare(fact):
            return f"{fact} {situation[fact]}, {wish(clause)}"
        case Within(fact):
            return f"{fact} {situation[fact]}, {wanted(clause)}"
        case All(parts):
            return "; ".join(filter(None, (failure(part, situation) for part in parts)))
        case Any(parts):
            tried = (failure(part, situation) or "" for part in parts)
            return "none of: " + " / ".join(tried)
    assert_never(clause)


def _true(clause: Node, situation: Situation) -> str:
    match clause:
        case Constant():
            return "always true"
        case Flag(fact, flag):
            return f"{fact} is {_said(flag)}"
        case Compare(fact) | Within(fact):
            return f"{fact} {situation[fact]} ({written(clause)})"
        case All(parts):
            return " and ".join(_true(part, situation) for part in parts)
        case Any(parts):
            held = (part for part in parts if truth(part, situation))
            return _true(next(held), situation)
    assert_never(clause)


def _said(flag: bool) -> str:
    return "true" if flag else "false"
