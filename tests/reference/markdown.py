"""Markdown, as far as the reference needs it."""

from __future__ import annotations

from collections.abc import Iterable


def page(title: str, *parts: str) -> str:
    """A page; who edits it by hand is told where it comes from."""
    said = "<!-- Written by `python -m tests.reference` from the code: change it there. -->"
    return "\n\n".join([said, f"# {title}", *(part.rstrip() for part in parts if part)]) + "\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; a bar or a line's end in a cell breaks nothing."""
    heads = list(heads)
    lines = [_row(heads), _row("---" for _ in heads)]
    return "\n".join([*lines, *(_row(_cell(cell) for cell in row) for row in rows)])


def code(text: str) -> str:
    """Text as code."""
    return f"`{text}`" if text else ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
