"""The one normal form of a code, so that it is the same at every door.

People type codes with blanks around them, in any case, and with full-width or composed letters.
"""

from __future__ import annotations

import unicodedata

LONGEST = 64
"""Characters a code may have; a page's field is as long."""


def normal_code(text: str) -> str:
    """A code as it is compared: NFKC, trimmed, case-folded."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


def is_same_code(one: object, other: object) -> bool:
    """Whether two texts are one code."""
    return (
        isinstance(one, str) and isinstance(other, str) and normal_code(one) == normal_code(other)
    )


def why_no_code(text: str) -> str | None:
    """Why no page could take a code; `None` when it can be typed and sent."""
    normal = normal_code(text)
    if not normal:
        return "is empty once its blanks are trimmed"
    if len(normal) > LONGEST or len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    for character in normal:
        if unicodedata.category(character)[0] in "CZ":
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            return (
                f"holds a blank or an invisible character ({name}): use letters, digits and . _ -"
            )
        if character not in "._-" and unicodedata.category(character)[0] not in "LMN":
            return f"holds {character!r}: use letters, digits and . _ -"
    return None
