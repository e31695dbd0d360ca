"""Where in a text mail addresses stand: "Name <mail>", two addresses, a note beside one.

Whether what is found is an address is for `mailbox` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_TEXT = 2000
"""Characters read of a text; what is longer holds no address of a form."""

_WRAPPING = " \t\r\n\f\v\u00a0\u200b\u200c\u200d\u2060\ufeff,;<>\"'"
_BETWEEN = re.compile(r"[\s;,|<>()\[\]{}\"#]+|/(?=[^/@\s]+@)")
_SCHEME = re.compile(r"(?<!\w)(?:mailto|smtp|sip|x500|e-?mail):", re.IGNORECASE)
"""What links, Exchange's proxy addresses and forms put before an address."""


def candidates(text: str) -> Iterator[str]:
    """What may be an address in a text, in its order: "Name <mail>", two addresses, a note."""
    readable = _SCHEME.sub(" ", text.replace("＠", "@"))
    if text.count("@") == 1:
        readable = re.sub(r"(?<=\S)\s+@\s+(?=\S)", "@", readable)
    parts = [part for part in _BETWEEN.split(readable) if part]
    for place, part in enumerate(parts):
        address = part.partition("?")[0].strip(_WRAPPING + ":*").rstrip(".").lower()
        if address.count("@") == 1 and not _is_spoilt(parts[:place]):
            yield address


def _is_spoilt(before: list[str]) -> bool:
    """Whether the one word before an address is a part of it rather than a name: "jane doe@…"."""
    return len(before) == 1 and before[0].isalpha() and before[0].islower()


def bare_address(text: str | None) -> str:
    """The address without display name, `mailto:` and what copying leaves around it."""
    address = (text or "").strip(_WRAPPING)
    if address.count("<") == 1:
        address = address.rpartition("<")[2].partition(">")[0].strip(_WRAPPING)
    address = address.lower()
    return address.removeprefix("mailto:").strip(_WRAPPING)
