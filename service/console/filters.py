"""What is said of a filter in an address that a page cannot read: everybody is no answer to it."""

from __future__ import annotations

from collections.abc import Mapping

_LONGEST = 60
OF_EVERY_PAGE = frozenset({"said", "undo", "kind", "back"})
"""What an address may hold beside a page's filters: what was just done."""


def not_understood(wrong: Mapping[str, str], remedy: str) -> str | None:
    """`Not understood: grade "Z9". …`, by the filters' names and what was asked; None for none."""
    if not wrong:
        return None
    told = ", ".join(f'{name} "{value[:_LONGEST]}"' for name, value in wrong.items())
    return f"Not understood: {told}. {remedy}"
