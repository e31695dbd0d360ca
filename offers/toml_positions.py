"""Where each key and value of a TOML text stands, which `tomllib` does not tell.

`places(text)` wants a text that `tomllib` has accepted; it walks it once and notes, for each
path such as `("rule", 0, "give", "percent_off")`, where the key and the value begin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Path = tuple[str | int, ...]

_ESCAPES = {"u": 5, "U": 9}
"""Characters after the backslash of the long escapes; every other escape has one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Offsets of one key and of its value in the text."""

    key: int
    value: int


class Places:
    """The places of one TOML text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.of = _Walk(text).walk()

    def of_key(self, path: Path) -> tuple[int, int]:
        """Line and column of a key, else of the nearest table around it."""
        while path and path not in self.of:
            path = path[:-1]
        return self.position(self.of[path].key) if path else (1, 1)

    def of_value(self, path: Path) -> tuple[int, int]:
        """Line and column of a value, else of the nearest table around it."""
        return self.position(self.of[path].value) if path in self.of else self.of_key(path)

    def of_character(self, path: Path, index: int) -> tuple[int, int]:
        """Line and column of the `index`-th character of a string value."""
        offsets = _character_offsets(self.text, self.of[path].value)
        return self.position(offsets[min(index, len(offsets) - 1)])

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset in the text."""
        line_start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - line_start + 1


class _Walk:
    """One walk over a valid TOML text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Place] = {}
        self.counts: dict[Path, int] = {}

    def walk(self) -> dict[Path, Place]:
        table: Path = ()
        while self._skip_blank() < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _header(self) -> Path:
        start, is_array = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        path: Path = ()
        keys = self._keys()
        for position, key in enumerate(keys):
            path = (*path, key)
            last = position == len(keys) - 1
            if is_array and last:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        self._skip_blank()
        self.at += 2 if is_array else 1
        self.found.setdefault(path, Place(start, start))
        return path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self._keys())
        self._skip_blank()
        self.at += 1
        self._skip_blank()
        self.found[path] = Place(start, self.at)
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip_blank()
            if self.text[self.at] in "\"'":
                start = self.at
                self._string()
                keys.append(self.text[start + 1 : self.at - 1])
            else:
                start = self.at
                while self.text[self.at].isalnum() or self.text[self.at] in "_-":
                    self.at += 1
                keys.append(self.text[start : self.at])
            self._skip_blank()
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _value(self, path: Path) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._string()
        elif first == "{":
            self._inside("}", lambda _: self._pair(path))
        elif first == "[":
            self._inside("]", lambda index: self._item((*path, index)))
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _item(self, path: Path) -> None:
        self.found[path] = Place(self.at, self.at)
        self._value(path)

    def _inside(self, end: str, read: Callable[[int], None]) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip_blank()
            if self.text[self.at] == end:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            read(index)
            index += 1

    def _string(self) -> None:
        self.at = _character_offsets(self.text, self.at)[-1] + 1
        quote = self.text[self.at - 1]
        while self.at < len(self.text) and self.text[self.at] == quote:
            self.at += 1

    def _skip_blank(self) -> int:
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at].isspace():
                self.at += 1
            else:
                break
        return self.at


def _character_offsets(text: str, start: int) -> list[int]:
    """The offset of each decoded character of the string at `start`, then of its closing quote."""
    quote = text[start]
    long = text.startswith(quote * 3, start)
    close = quote * 3 if long else quote
    at = start + len(close)
    if long and text[at] == "\n":
        at += 1
    offsets = []
    while not (text.startswith(close, at) and not text.startswith(close + quote, at)):
        if quote == '"' and text[at] == "\\":
            after = text[at + 1]
            if after in " \t\n":
                at += 1
                while text[at].isspace():
                    at += 1
                continue
            offsets.append(at)
            at += 1 + _ESCAPES.get(after, 1)
            continue
        offsets.append(at)
        at += 1
    return [*offsets, at]
