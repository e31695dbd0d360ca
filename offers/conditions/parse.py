"""From the text of a condition to its checked form, by the standard `ast` module.

Allowed: names of known facts, literals, comparisons (chained too), `in` and `not in` a tuple,
`and`, `or`, `not`. Everything else is a problem at its line and column.
"""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Callable, Mapping

from offers.conditions.nodes import (
    MIRRORED,
    All,
    Any,
    Compare,
    Constant,
    Flag,
    Literals,
    Name,
    Node,
    Operator,
    Within,
    negate,
)
from offers.conditions.python_syntax import depth, has_comment, names_in, spoken, unknown_part
from offers.problems import Problem, did_you_mean
from offers.situation import FACTS, Fact

LONGEST = 4000
"""Characters of a condition; a longer one is a mistake, and nobody could read it."""

DEEPEST = 30
"""Levels of brackets and operators."""

Locate = Callable[[int], tuple[int, int]]
"""From a character's index in the condition to its line and column in the file."""

_OPERATORS: dict[type[ast.cmpop], Operator] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def parse_condition(
    text: str, locate: Locate = lambda index: (1, index + 1), facts: Mapping[str, Fact] = FACTS
) -> tuple[Node, tuple[Problem, ...]]:
    """The checked form of a condition, and everything wrong with it."""
    flat = text.replace("\n", " ").replace("\r", " ")
    start = len(flat) - len(flat.lstrip())
    reading = _Reading(flat.strip(), start, locate, facts)
    return reading.node(), tuple(reading.problems)


class _Reading:
    """One pass over one condition, gathering problems."""

    def __init__(self, text: str, start: int, locate: Locate, facts: Mapping[str, Fact]) -> None:
        self.text = text
        self.start = start
        self.locate = locate
        self.facts = facts
        self.problems: list[Problem] = []

    def node(self) -> Node:
        """The checked form; meaningless when there are problems."""
        tree = self._tree(self.text)
        try:
            if tree is None:
                return Constant(False)
            if depth(tree) > DEEPEST:
                return self._refuse(tree, "too deeply nested: split the rule in two")
            return self._condition(tree)
        except RecursionError:
            self._add(0, "too deeply nested")
            return Constant(False)

    def _tree(self, text: str) -> ast.expr | None:
        if not text:
            self._add(0, "an empty condition: write who the rule is for")
            return None
        if len(text) > LONGEST:
            self._add(0, f"{len(text)} characters in one condition, at most {LONGEST}")
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text, mode="eval").body
            if has_comment(text):
                self._add(text.index("#"), "no comments inside a condition: put them above `when`")
                return None
            return tree
        except SyntaxError as error:
            index = error.offset - 1 if error.offset else len(text)
            self._add(min(index, len(text)), f"this is no condition: {error.msg}")
        except (ValueError, RecursionError, MemoryError, tokenize.TokenError):
            self._add(0, "this is no condition Python's parser can read")
        return None

    def _condition(self, tree: ast.expr) -> Node:
        match tree:
            case ast.BoolOp(op=ast.And(), values=values):
                return All(tuple(self._condition(value) for value in values))
            case ast.BoolOp(values=values):
                return Any(tuple(self._condition(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return negate(self._condition(operand))
            case ast.Compare():
                return self._comparison(tree)
            case ast.Constant(value=bool(value)):
                return Constant(value)
            case ast.Name():
                return self._flag(tree)
            case ast.Constant():
                return self._refuse(tree, "a value alone is no condition: compare it with a fact")
        if unknown_part(tree) is not None:
            return self._refuse_unknown(tree)
        return self._refuse(tree, f"{spoken(tree)} is not allowed in a condition")

    def _flag(self, tree: ast.Name) -> Node:
        fact = self._fact(tree)
        if fact is None:
            return Constant(False)
        if fact.type != "flag":
            return self._refuse(tree, f"`{fact.name}` is no yes-or-no fact: write `{_usual(fact)}`")
        return Flag(fact.name, True)

    def _comparison(self, tree: ast.Compare) -> Node:
        operands = [tree.left, *tree.comparators]
        parts = [
            self._pair(left, operator, right)
            for left, operator, right in zip(operands, tree.ops, operands[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Node:
        if isinstance(operator, ast.In | ast.NotIn):
            return self._membership(left, right, wanted=isinstance(operator, ast.In))
        written = _OPERATORS.get(type(operator))
        if written is None:
            return self._refuse(left, "`is` is not allowed: write `==` or `!=`")
        if not isinstance(left, ast.Name):
            if not isinstance(right, ast.Name):
                part = next((side for side in (left, right) if unknown_part(side)), None)
                if part is not None:
                    return self._refuse_unknown(part)
                return self._refuse(left, "this compares no fact")
            left, right, written = right, left, MIRRORED[written]
        fact = self._fact(left)
        if isinstance(right, ast.Name):
            return self._two_facts(fact, written, right)
        literal = self._literal(right)
        if fact is None or literal is None:
            return Constant(False)
        if written not in ("==", "!=") and fact.type in ("text", "flag"):
            listed = f'`{fact.name} in ("…", "…")`' if fact.type == "text" else f"`{fact.name}`"
            return self._refuse(
                left, f"`{fact.name}` is {fact.type}, it has no order: write {listed}"
            )
        if not self._fits(fact, literal, right):
            return Constant(False)
        if isinstance(literal, bool):
            return Flag(fact.name, literal is (written == "=="))
        return Compare(fact.name, written, literal)

    def _two_facts(self, fact: Fact | None, written: Operator, right: ast.Name) -> Node:
        other = self._fact(right)
        if fact is None or other is None:
            return Constant(False)
        numbers = ("whole", "number")
        if fact.type != other.type and not (fact.type in numbers and other.type in numbers):
            return self._refuse(
                right,
                f"`{fact.name}` is {fact.type}, `{other.name}` is {other.type}: not comparable",
            )
        if fact.type not in numbers and written not in ("==", "!="):
            return self._refuse(right, f"`{fact.name}` has no order: only == and != compare it")
        return Compare(fact.name, written, Name(other.name))

    def _membership(self, left: ast.expr, right: ast.expr, *, wanted: bool) -> Node:
        if not isinstance(left, ast.Name):
            if unknown_part(left) is not None:
                return self._refuse_unknown(left)
            return self._refuse(left, "the left side of `in` must be a fact")
        fact = self._fact(left)
        if not isinstance(right, ast.Tuple | ast.List | ast.Set) or not right.elts:
            return self._refuse(right, 'the right side of `in` must be a list: write `("…", "…")`')
        literals = [self._literal(item) for item in right.elts]
        if fact is None or None in literals:
            return Constant(False)
        known = [
            literal
            for literal, item in zip(literals, right.elts, strict=True)
            if literal is not None and self._fits(fact, literal, item)
        ]
        return Within(fact.name, tuple(dict.fromkeys(known)), wanted)

    def _fact(self, tree: ast.Name) -> Fact | None:
        fact = self.facts.get(tree.id)
        if fact is None:
            self._refuse(tree, f"unknown fact `{tree.id}`{did_you_mean(tree.id, self.facts)}")
        elif not fact.decides_offers:
            self._refuse(tree, f"`{fact.name}` never decides an offer: a browser can write it")
            return None
        return fact

    def _literal(self, tree: ast.expr) -> Literals | None:
        match tree:
            case ast.Constant(value=str() | bool() | int() | float() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
        part = unknown_part(tree)
        what = f"{spoken(tree)} is not allowed here" if part is None else f"there is no {part}"
        self._refuse(tree, f"{what}: write a literal")
        return None

    def _fits(self, fact: Fact, literal: Literals, tree: ast.expr) -> bool:
        complaint = fact.complaint(literal)
        if complaint is None:
            return True
        hint = ""
        if fact.type == "number" and isinstance(literal, int | float) and 1 < literal <= 100:
            hint = f"; did you mean {literal / 100:g}?" if fact.high == 1 else ""
        self._refuse(tree, f"`{fact.name}` {complaint}{hint}")
        return False

    def _refuse_unknown(self, tree: ast.expr) -> Node:
        """A call or a dot, with what one may write of the fact in it."""
        known = [self.facts[name] for name in names_in(tree) if name in self.facts]
        fact = next((fact for fact in known if fact.decides_offers), None)
        hint = 'a fact compared with a literal, as `country == "DE"`'
        if fact is not None:
            hint = f"`{_usual(fact)}`"
            hint += f' or `{fact.name} in ("…", "…")`' if fact.type == "text" else ""
        return self._refuse(tree, f"there is no {unknown_part(tree)}: write {hint}")

    def _refuse(self, tree: ast.expr, message: str) -> Node:
        before = self.text.encode()[: tree.col_offset]
        self._add(len(before.decode()), message)
        return Constant(False)

    def _add(self, index: int, message: str) -> None:
        line, column = self.locate(self.start + index)
        self.problems.append(Problem(line, column, message))


def _usual(fact: Fact) -> str:
    """How a condition usually asks for a fact."""
    if fact.type == "flag":
        return fact.name
    return f'{fact.name} == "…"' if fact.type == "text" else f"{fact.name} >= …"
