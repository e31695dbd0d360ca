"""The small mistakes: each mutant is a file's syntax tree with exactly one of them.

To add a kind of mistake: a case in `_wrong`, which answers each changed node and what was done.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy, deepcopy
from dataclasses import dataclass

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One file with one mistake."""

    file: str
    number: int
    line: str
    """The line as written, without its indentation."""
    change: str
    code: ast.Module

    @property
    def key(self) -> tuple[str, str, str]:
        """What equivalent.toml names it by: it survives when lines move."""
        return self.file, self.line, self.change

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.change} in `{self.line}`"


def mutants_of(file: str, text: str) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    lines = text.splitlines()
    tree = ast.parse(text)
    for node in sorted(_executed(tree), key=lambda each: (each.lineno, each.col_offset)):  # type: ignore[attr-defined]  # those that have a place
        for wrong, change in _wrong(node):
            changed = deepcopy(tree, {id(node): wrong})  # the copy has `wrong` in the node's place
            yield Mutant(
                file=file,
                number=node.lineno,
                line=lines[node.lineno - 1].strip(),
                change=change,  # type: ignore[attr-defined]  # those that have a place
                code=ast.fix_missing_locations(changed),
            )


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Every expression and return that runs: no types, no docstrings, no imports."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _executed(child)


def _wrong(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """A node with one mistake, and what was done to it."""
    match node:
        case ast.Compare(ops=ops):
            for index, old in enumerate(ops):
                operators = [*ops[:index], _OPERATORS[type(old)](), *ops[index + 1 :]]
                yield _with(node, ops=operators), _said(old, operators[index])
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            new = _OPERATORS[type(op)]()
            yield _with(node, op=new), _said(op, new)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand, "Not left out"
        case ast.UnaryOp(op=ast.USub()):
            yield node.operand, "minus left out"
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value), f"{value} → {not value}"
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1), f"{value} → {value + 1}"
        case ast.Constant(value=str() as value):
            yield ast.Constant(f"{value}?"), f"text {value!r} → with a ? more"
        case ast.IfExp(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test)), "condition turned round"
        case ast.If(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), test)), "condition turned round"
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None)), "returns None"
        case ast.Call(func=ast.Name(id=name)) if name in _NAMES:
            yield _with(node, func=ast.Name(_NAMES[name], ast.Load())), f"{name} → {_NAMES[name]}"


def _with(node: ast.AST, **changes: object) -> ast.AST:
    changed = copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _said(old: ast.AST, new: ast.AST) -> str:
    return f"{type(old).__name__} → {type(new).__name__}"


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
