"""The answer of a guardrail: a value, never an exception."""

from __future__ import annotations

from typing import NamedTuple

Shown = str | int | float | bool | None


class GuardrailResult(NamedTuple):
    """Whether one guardrail held for one rule; `actual` is `None` when it is not known."""

    rule: str
    name: str
    held: bool
    limit: Shown
    actual: Shown

    def to_json(self) -> dict[str, Shown]:
        """The answer of `policy explain`."""
        return self._asdict()
