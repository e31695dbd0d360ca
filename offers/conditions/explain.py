"""Why a condition holds or not, clause by clause: values first, words where they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, assert_never

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
from offers.situation import Situation, Value

NEEDS = {
    "==": "needs {}",
    "!=": "must not be {}",
    "<": "needs less than {}",
    "<=": "needs at most {}",
    ">": "needs more than {}",
    ">=": "needs at least {}",
}


class Reason(NamedTuple):
    """What one clause came to.

    The clause holds fact, operator and limit; `actual` are the values of `facts`. Of facts that
    are unknown a plain clause says no more than that; a compound one has its `parts`.
    """

    code: Literal["holds", "fails", "unknown", "closed"]
    facts: tuple[str, ...] = ()
    clause: Node | None = None
    actual: tuple[Value, ...] = ()
    parts: tuple[Reason, ...] = ()
    days: str = ""
    """When the rule is open, of one that is closed today."""


def reasons(node: Node, situation: Situation) -> tuple[Reason, ...]:
    """One for each clause that is false or unknown; empty when the condition holds."""
    return reasons_of(clauses(node), situation)


def reasons_of(parts: Iterable[Node], situation: Situation) -> tuple[Reason, ...]:
    """One for each part that is false or unknown."""
    failed = (failure(part, situation) for part in parts)
    return tuple(reason for reason in failed if reason is not None)


def failure(clause: Node, situation: Situation) -> Reason | None:
    """Why one clause does not hold, or `None` when it does."""
    verdict = truth(clause, situation)
    if verdict is True:
        return None
    if verdict is None:
        missing = tuple(sorted(fact for fact in facts_of(clause) if situation.get(fact) is None))
        is_compound = isinstance(clause, Any | All)
        return Reason("unknown", missing, clause if is_compound else None)
    return _reason("fails", clause, situation)


def holding(node: Node, situation: Situation) -> tuple[Reason, ...]:
    """One for each clause of a condition that holds, with the value that made it so."""
    return tuple(_reason("holds", clause, situation) for clause in clauses(node))


def in_words(reason: Reason) -> str:
    """`seats_requested 40, needs at least 60`."""
    clause = reason.clause
    if reason.code == "closed":
        return f"open {reason.days}"
    if reason.code == "unknown":
        needed = "" if clause is None else f", needed for {written(clause)}"
        return f"{' and '.join(reason.facts)} unknown{needed}"
    assert clause is not None
    return _held(reason, clause) if reason.code == "holds" else _failed(reason, clause)


def wish(clause: Compare) -> str:
    """What a comparison asks for, in words."""
    right = clause.right.fact if isinstance(clause.right, Name) else clause.right
    return NEEDS[clause.operator].format(right)


def wanted(clause: Within) -> str:
    """What a membership asks for, in words."""
    listed = ", ".join(str(value) for value in clause.values)
    return f"needs one of {listed}" if clause.wanted else f"must not be one of {listed}"


def _reason(code: Literal["holds", "fails"], clause: Node, situation: Situation) -> Reason:
    match clause:
        case All(parts) | Any(parts):
            if code == "holds":
                met = (part for part in parts if truth(part, situation))
                shown = tuple(_reason("holds", part, situation) for part in met)
            else:
                shown = reasons_of(parts, situation)
            return Reason(code, (), clause, (), shown)
        case Constant():
            return Reason(code, (), clause)
        case Flag(fact) | Compare(fact) | Within(fact):
            facts = [fact]
            if isinstance(clause, Compare) and isinstance(clause.right, Name):
                facts.append(clause.right.fact)
            return Reason(code, tuple(facts), clause, tuple(situation[each] for each in facts))
    assert_never(clause)


def _failed(reason: Reason, clause: Node) -> str:
    match clause:
        case Constant():
            return "the condition is never true"
        case Flag(fact, flag):
            return f"{fact} is {_flag(not flag)}, needs {_flag(flag)}"
        case Compare(fact, _, Name()):
            return f"{fact} {reason.actual[0]}, {wish(clause)} ({reason.actual[1]})"
        case Compare(fact):
            return f"{fact} {reason.actual[0]}, {wish(clause)}"
        case Within(fact):
            return f"{fact} {reason.actual[0]}, {wanted(clause)}"
        case All():
            return "; ".join(in_words(part) for part in reason.parts)
        case Any():
            return "none of: " + " / ".join(in_words(part) for part in reason.parts)
    assert_never(clause)


def _held(reason: Reason, clause: Node) -> str:
    match clause:
        case Constant():
            return "always true"
        case Flag(fact, flag):
            return f"{fact} is {_flag(flag)}"
        case Compare(fact) | Within(fact):
            return f"{fact} {reason.actual[0]} ({written(clause)})"
        case All():
            return " and ".join(in_words(part) for part in reason.parts)
        case Any():
            return in_words(reason.parts[0])
    assert_never(clause)


def _flag(flag: bool) -> str:
    return "true" if flag else "false"
