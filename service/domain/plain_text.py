"""Text from outside without the marks that change how the text around it is read."""

from __future__ import annotations

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Unicode's bidirectional marks, embeddings, overrides and isolates (UAX 9): one left open turns
the rest of a line around. Letters of right-to-left scripts need none of them."""
_CONTROLS = (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))
"""Control characters, but for tab and line ends."""
_DROPPED = dict.fromkeys((*_BIDI, *_CONTROLS))


def without_marks(text: str) -> str:
    """The text without bidirectional marks and control characters."""
    return text.translate(_DROPPED)


def finalized(value: object) -> object:
    """What a template writes: text without such marks, anything else as it is."""
    return value.translate(_DROPPED) if isinstance(value, str) else value
