"""Cells of files that people open in a spreadsheet: none of them may act as a formula.

What runs begins, behind spaces of any kind and signs of quoting, with `=`, `+`, `-`, `@` or the
full-width forms of them, or with a tab or a line break; numbers stay as they are. (OWASP, CSV
Injection. No library is kept for it.)
"""

from __future__ import annotations

import re
from unicodedata import category, decimal

FORMULA = "^['\\s\\u00a0\\u200b\\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^'*[\\t\\r\\n]"
"""A regular expression that Python and polars read alike."""
NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)*$"
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


_KEPT_AS_TEXT = re.compile(r"'[+-]?[(0-9][0-9.,:/() +-]*")


def typed_text(text: str) -> str:
    """A stripped cell without what keeps a spreadsheet from reading a number: `="…"`, or `'` before
    a number, a date or a telephone number."""
    if text.startswith("'") and _KEPT_AS_TEXT.fullmatch(text):
        return text[1:]
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') else text


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `plain_cell` turns it back."""
    return f"'{text}" if _FORMULA.search(text) and not _NUMBER.search(text) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.search(text[1:]) else text


def western_digits(text: str) -> str:
    """A text with the digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(decimal(c)) if category(c) == "Nd" else c for c in text)
