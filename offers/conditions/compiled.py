"""Conditions turned into Python code once, at load: the fast twin of evaluate.py.

Only our own checked nodes are written out, names as dictionary keys and literals as bound
constants, so no text of a policy is ever executed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any as Whatever
from typing import assert_never

from offers.conditions.explain import Reason, failure
from offers.conditions.nodes import (
    All,
    Any,
    Compare,
    Constant,
    Flag,
    Name,
    Node,
    Within,
    facts_of,
    negate,
)
from offers.situation import Situation

Predicate = Callable[[Situation], bool]
Answers = Callable[[Situation], tuple[bool, ...]]


def all_matching(nodes: Sequence[Node]) -> Callable[[Situation], list[int]]:
    """A function that lists the positions of the conditions that are true, in order."""
    code = _Code()
    tests = [f"if {code.true(node)}: add({position})" for position, node in enumerate(nodes)]
    body = ["found = []", "add = found.append", *tests, "return found"]
    made: Callable[[Situation], list[int]] = code.function("all_matching", code.facts(nodes), *body)
    return made


def truths(nodes: Sequence[Node]) -> Answers:
    """A function that answers, for each condition, whether it is true."""
    code = _Code()
    answer = "".join(f"{code.true(node)}," for node in nodes)
    made: Answers = code.function("truths", code.facts(nodes), f"return ({answer})")
    return made


def failures(nodes: Sequence[Node]) -> Callable[[Situation], tuple[Reason | None, ...]]:
    """A function that answers, for each clause, why it does not hold, or `None` when it does."""
    code = _Code()
    answer = "".join(f"None if {code.true(node)} else {code.failure(node)}," for node in nodes)
    made: Callable[[Situation], tuple[Reason | None, ...]] = code.function(
        "failures", code.facts(nodes), f"return ({answer})"
    )
    return made


def held(guarded: Sequence[tuple[Node, bool]]) -> Answers:
    """Like `truths`, for conditions each with what unknown counts as."""
    code = _Code()
    answer = "".join(f"{code.held(node, unknown)}," for node, unknown in guarded)
    nodes = [node for node, _ in guarded]
    made: Answers = code.function("held", code.facts(nodes), f"return ({answer})")
    return made


def all_held(guarded: Sequence[tuple[Node, bool]]) -> Predicate:
    """A function that says whether all of them hold, each with what unknown counts as."""
    code = _Code()
    answer = " and ".join(code.held(node, unknown) for node, unknown in guarded) or "True"
    made: Predicate = code.function(
        "all_held", code.facts([node for node, _ in guarded]), f"return {answer}"
    )
    return made


class _Code:
    """The source of one function and the constants bound to it."""

    def __init__(self) -> None:
        self.constants: dict[str, object] = {}
        self.variables: dict[str, str] = {}

    def true(self, node: Node) -> str:
        """A Python expression that is `True` exactly where the condition is true."""
        match node:
            case Constant(value):
                return str(value)
            case Flag(fact, wanted):
                return f"({self._variable(fact)} is {wanted})"
            case Compare(fact, "==", right) if not isinstance(right, Name):
                return f"({self._variable(fact)} == {self._constant(right)})"
            case Compare(fact, operator, right):
                left = self._variable(fact)
                if isinstance(right, Name):
                    other = self._variable(right.fact)
                    known = f"{left} is not None and {other} is not None"
                    return f"({known} and {left} {operator} {other})"
                return f"({left} is not None and {left} {operator} {self._constant(right)})"
            case Within(fact, values, wanted):
                left, listed = self._variable(fact), self._constant(frozenset(values))
                if wanted:
                    return f"({left} in {listed})"
                return f"({left} is not None and {left} not in {listed})"
            case All(parts):
                return "(" + " and ".join(self.true(part) for part in parts) + ")"
            case Any(parts):
                return "(" + " or ".join(self.true(part) for part in parts) + ")"
        assert_never(node)

    def held(self, node: Node, unknown: bool) -> str:
        """An expression for a condition where an unknown fact counts as `unknown`."""
        return f"(not {self.true(negate(node))})" if unknown else self.true(node)

    def failure(self, node: Node) -> str:
        """An expression for the reason explain.py gives for a clause that does not hold."""
        if not isinstance(node, Flag | Compare | Within) or len(facts_of(node)) > 1:
            return f"{self._constant(partial(failure, node))}(situation)"
        variable = self._variable(node.fact)
        facts = (node.fact,)
        unknown = self._constant(Reason("unknown", facts))
        if isinstance(node, Flag):
            false = self._constant(failure(node, {node.fact: not node.wanted}))
            return f"({unknown} if {variable} is None else {false})"
        reason, shown, clause = map(self._constant, (Reason, facts, node))
        false = f"{reason}('fails', {shown}, {clause}, ({variable},))"
        return f"({unknown} if {variable} is None else {false})"

    def facts(self, nodes: Sequence[Node]) -> list[str]:
        """The lines that look each fact up once."""
        names = sorted({fact for node in nodes for fact in facts_of(node)})
        return [f"{self._variable(name)} = get({self._constant(name)})" for name in names]

    def function(self, name: str, *lines: str | list[str]) -> Whatever:  # typed by its callers
        """The compiled function."""
        flat = [line for part in lines for line in (part if isinstance(part, list) else [part])]
        body = "".join(f"    {line}\n" for line in ["get = situation.get", *flat])
        source = f"def {name}(situation):\n{body}"
        scope: dict[str, Whatever] = dict(self.constants)
        exec(compile(source, f"<{name}>", "exec"), scope)  # noqa: S102 - our own nodes only
        return scope[name]

    def _variable(self, fact: str) -> str:
        return self.variables.setdefault(fact, f"f{len(self.variables)}")

    def _constant(self, value: object) -> str:
        if isinstance(value, bool | int):
            return repr(value)
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name
