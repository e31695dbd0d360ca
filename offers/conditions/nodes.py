"""The parsed form of a condition: six kinds of clause, no negation.

`not` is pushed inwards while parsing (`not (a and b)` is `not a or not b`), which keeps
three-valued logic exact: an unknown fact makes its clause unknown, negated or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, assert_never

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
Literals = str | int | float | bool

OPPOSITE: dict[Operator, Operator] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
MIRRORED: dict[Operator, Operator] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A fact on the right side of a comparison."""

    fact: str


@dataclass(frozen=True, slots=True)
class Constant:
    """`True` or `False` written out."""

    value: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes-or-no fact, wanted or not wanted."""

    fact: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """A fact compared with a literal or with another fact."""

    fact: str
    operator: Operator
    right: Literals | Name


@dataclass(frozen=True, slots=True)
class Within:
    """A fact that is (or is not) one of some values."""

    fact: str
    values: tuple[Literals, ...]
    wanted: bool


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Node, ...]


Node = Constant | Flag | Compare | Within | All | Any


def negate(node: Node) -> Node:
    """The condition that is true exactly where `node` is false, unknown where it is unknown."""
    match node:
        case Constant(value):
            return Constant(not value)
        case Flag(fact, wanted):
            return Flag(fact, not wanted)
        case Compare(fact, operator, right):
            return Compare(fact, OPPOSITE[operator], right)
        case Within(fact, values, wanted):
            return Within(fact, values, not wanted)
        case All(parts):
            return Any(tuple(negate(part) for part in parts))
        case Any(parts):
            return All(tuple(negate(part) for part in parts))
    assert_never(node)


def clauses(node: Node) -> tuple[Node, ...]:
    """The top-level clauses that must all hold, `and`s within `and`s flattened."""
    if isinstance(node, All):
        return tuple(clause for part in node.parts for clause in clauses(part))
    return (node,)


def assuming(node: Node, known: AbstractSet[str], unknown: bool) -> Node:
    """The condition where facts outside `known` are unknown, and unknown counts as `unknown`."""
    match node:
        case All(parts):
            return All(tuple(assuming(part, known, unknown) for part in parts))
        case Any(parts):
            return Any(tuple(assuming(part, known, unknown) for part in parts))
    return node if facts_of(node) <= known else Constant(unknown)


def texts_named(node: Node, fact: str) -> Iterator[str]:
    """The texts that a condition compares a fact with, whichever way."""
    match node:
        case Compare(name, _, str() as text) if name == fact:
            yield text
        case Within(name, values) if name == fact:
            yield from (str(value) for value in values)
        case All(parts) | Any(parts):
            for part in parts:
                yield from texts_named(part, fact)


def facts_of(node: Node) -> frozenset[str]:
    """The names of the facts a condition looks at."""
    return frozenset(_facts(node))


def _facts(node: Node) -> Iterator[str]:
    match node:
        case Constant():
            return
        case Compare(fact, _, Name(other)):
            yield from (fact, other)
        case Flag(fact) | Compare(fact) | Within(fact):
            yield fact
        case All(parts) | Any(parts):
            for part in parts:
                yield from _facts(part)


def written(node: Node) -> str:
    """The condition in the policy file's own syntax."""
    match node:
        case Constant(value):
            return str(value)
        case Flag(fact, wanted):
            return fact if wanted else f"not {fact}"
        case Compare(fact, operator, Name(other)):
            return f"{fact} {operator} {other}"
        case Compare(fact, operator, literal):
            return f"{fact} {operator} {_literal(literal)}"
        case Within(fact, values, wanted):
            listed = ", ".join(_literal(value) for value in values)
            return f"{fact} {'in' if wanted else 'not in'} ({listed}{',' * (len(values) == 1)})"
        case All(parts):
            return " and ".join(_nested(part) for part in parts)
        case Any(parts):
            return " or ".join(_nested(part) for part in parts)
    assert_never(node)


def _nested(node: Node) -> str:
    return f"({written(node)})" if isinstance(node, All | Any) else written(node)


def _literal(value: object) -> str:
    return '"' + value.replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
