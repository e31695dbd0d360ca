"""Cells of files that people open in a spreadsheet: none of them may act as a formula."""

from __future__ import annotations

from scoring.files.values import as_number

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `plain_cell` turns it back."""
    is_formula = text.lstrip("'").startswith(_FORMULA) and as_number(text) is None
    return f"'{text}" if is_formula else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given."""
    is_safe = text.startswith("'") and text.lstrip("'").startswith(_FORMULA)
    return text[1:] if is_safe else text
