"""Lines whose letters were read in the wrong encoding, such as "KÃ¶ln" for Köln.

Stands in for ftfy, which mends text: here a person is told, and exports the file again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_AROUND = re.compile(r"\w*[^\x00-\x7f]{2,}\w*")


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
        return [
            f"{self._lines:,} lines hold letters in the wrong encoding ({self._first}): such texts "
            "match no others; export the file again as UTF-8"
        ]
