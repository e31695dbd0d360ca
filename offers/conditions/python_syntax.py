"""What parse.py needs to know of Python's own syntax trees."""

from __future__ import annotations

import ast
import io
import tokenize


def depth(tree: ast.AST) -> int:
    """Levels of brackets and operators."""
    return 1 + max((depth(child) for child in ast.iter_child_nodes(tree)), default=0)


def has_comment(text: str) -> bool:
    """Whether Python would leave out a part of the text."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return any(token.type == tokenize.COMMENT for token in tokens)


def unknown_part(tree: ast.expr) -> str | None:
    """What of a call or a dot a condition does not know: `function len`, `attribute lower`."""
    match tree:
        case ast.Call(func=ast.Name(id=name)):
            return f"function `{name}`"
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Attribute(attr=name):
            return f"attribute `{name}`"
    return None


def names_in(tree: ast.expr) -> list[str]:
    """The names an expression holds, also behind a dot."""
    parts = [part for part in ast.walk(tree) if isinstance(part, ast.Name | ast.Attribute)]
    return [part.id if isinstance(part, ast.Name) else part.attr for part in parts]


def spoken(tree: ast.expr) -> str:
    """What an expression is called in a message."""
    names = {
        ast.Call: "a call",
        ast.Attribute: "a dot",
        ast.Subscript: "an index",
        ast.BinOp: "arithmetic",
        ast.Lambda: "lambda",
        ast.IfExp: "if-else",
        ast.Tuple: "a tuple",
        ast.Name: "a name",
        ast.JoinedStr: "an f-string",
    }
    return names.get(type(tree), f"`{ast.unparse(tree)[:40]}`")
