"""Lines whose letters were read in the wrong encoding, such as "KÃ¶ln" for Köln.

Stands in for ftfy, which mends text: here a person is told, and exports the file again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_AROUND = re.compile(r"\w*[^\x00-\x7f]{2,}\w*")
_LETTERS = (
    r"\u00a1-\u017f\u01a0\u01a1\u01af\u01b0\u0218-\u021b\u1e00-\u1eff"
    r"\u2000-\u206f\u20a0-\u20cf\u2122\U0001f000-\U0001faff"
)
_SCRIPTS = r"\u0370-\u04ff\u0590-\u06ff\u0900-\u0e7f\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_IN_USE = re.compile(rf"(?:[\x00-\x7f]|[{_LETTERS}]|[{_SCRIPTS}]{{2,}})*")
"""What people write. BEAUTÉ® as UTF-8 would end with a phonetic sign: it is meant as it stands."""


@dataclass(slots=True)
class Garbled:
    """Counts the lines that are UTF-8 taken for cp1252."""

    _lines: int = 0
    _first: str = ""

    def watch(self, lines: Iterable[str]) -> Iterator[str]:
        """The same lines."""
        for line in lines:
            if not line.isascii():
                self._look(line)
            yield line

    def _look(self, line: str) -> None:
        try:
            meant = line.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return
        if not _IN_USE.fullmatch(meant):
            return
        self._lines += 1
        if not self._first:
            found = _AROUND.search(line)
            read = found[0] if found else line.strip()[:20]
            right = read.encode("cp1252").decode("utf-8", "ignore") if found else meant[:20]
            self._first = f'"{read[:30]}" for "{right[:30]}"'

    def notes(self) -> list[str]:
        """What was seen, in words."""
        if not self._lines:
            return []
        lines = "1 line holds" if self._lines == 1 else f"{self._lines:,} lines hold"
        return [
            f"{lines} letters in the wrong encoding ({self._first}): such texts match no others; "
            "export the file again as UTF-8"
        ]
