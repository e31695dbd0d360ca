"""A call between us and a machine, as it was heard: in, from a sender; out, to a tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["in", "out"]
ROWS_REJECTED = "rows_rejected"
"""The code of a batch that was accepted but for some of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """What was said; nothing of it is masked yet, so it is kept only by `masking`."""

    direction: Direction
    method: str
    target: str
    """A route of ours, without its values, or a tool's host and path."""
    status: int
    """0: no answer came."""
    code: str
    """Why there was no good answer, where the caller knows it."""
    request: str | None
    """The message's id, or the one of ours that a fault named."""
    took_ms: float
    body: Any
    """Bytes as they came, or the value that was sent as JSON or as a form."""
    answer: Any
    tool: str | None = None
    lead: str | None = None
    delivery: str | None = None
    """What it delivered, by its id."""
