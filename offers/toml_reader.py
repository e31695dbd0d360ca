"""Reading a TOML file's tables so that every mistake is kept, with line and column."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from offers.problems import PolicyError, Problem, did_you_mean
from offers.toml_positions import Path, Places

MOST_CHARACTERS, MOST_TABLES, DEEPEST = 400_000, 4_000, 16
"""Far beyond any policy a person keeps; below what would stall a parser."""
_STRINGS = (
    r'"""(?:\\.|[^\\])*?"""',
    r"\'\'\'.*?\'\'\'",
    r'"(?:\\.|[^"\\\n])*"',
    r"'[^'\n]*'",
    r"#[^\n]*",
)
_QUIET = re.compile("|".join(_STRINGS), re.S)


def _out_of_bounds(text: str) -> Problem | None:
    """What is too large, too deep or too much in a text, before any parser sees it."""
    if len(text) > MOST_CHARACTERS:
        return Problem(1, 1, f"a policy may have {MOST_CHARACTERS:,} characters")
    depth = tables = 0
    for number, line in enumerate(_QUIET.sub(_blank, text).split("\n"), start=1):
        if line.partition("=")[0].count(".") > DEEPEST:
            return Problem(number, 1, f"a key may have {DEEPEST} parts")
        tables += line.lstrip().startswith("[")
        for sign in line:
            depth += (sign in "[{(") - (sign in "]})")
            if depth > DEEPEST:
                return Problem(number, 1, f"nested deeper than {DEEPEST}")
    if tables > MOST_TABLES:
        return Problem(1, 1, f"a policy may have {MOST_TABLES:,} tables")
    return None


def _blank(found: re.Match[str]) -> str:
    """A string or a comment without what it says, its lines kept."""
    return "\n" * found.group().count("\n")


class TomlReader:
    """One file's values, read key by key; what is wrong gathers in `problems`."""

    def __init__(self, text: str, name: str) -> None:
        self.problems: list[Problem] = []
        text = text.replace("\r\n", "\n")
        if (problem := _out_of_bounds(text)) is not None:
            raise PolicyError(name, [problem])
        try:
            self.data: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(name, [_syntax_problem(error, text)]) from None
        except RecursionError:
            raise PolicyError(name, [Problem(1, 1, "too deeply nested")]) from None
        self.places = Places(text)

    def at(self, path: Path) -> Any:  # whatever TOML holds
        """The value at a path, or `None`."""
        value: Any = self.data
        for step in path:
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def blame_key(self, path: Path, message: str) -> None:
        """A problem with a key or a table."""
        self.problems.append(Problem(*self.places.of_key(path), message))

    def blame(self, path: Path, message: str) -> None:
        """A problem with a value."""
        self.problems.append(Problem(*self.places.of_value(path), message))

    def table(self, path: Path, known: Iterable[str] | None, *, required: bool = False) -> bool:
        """Whether a table is there; keys it must not have are problems."""
        value = self.at(path)
        spoken = ".".join(str(step) for step in path)
        if value is None:
            if required:
                self.problems.append(Problem(1, 1, f"no [{spoken}] table"))
            return False
        if not isinstance(value, Mapping):
            self.blame(path, f"`{spoken}` must be a table")
            return False
        if known is not None:
            known = tuple(known)
            for key in value:
                if key not in known:
                    where = (*path, key)
                    suggestion = did_you_mean(key, known) or f"; known: {', '.join(known)}"
                    self.blame_key(where, f"unknown key `{key}`{suggestion}")
        return True

    def whole(self, path: Path, low: int, high: int, *, required: bool = False) -> int | None:
        """A whole number in a range."""
        value = self._value(path, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.blame(path, f"`{path[-1]}` {value} must be a whole number")
            return None
        if not low <= value <= high:
            self.blame(path, f"`{path[-1]}` {value} is outside {low:,}–{high:,}")
            return None
        return value

    def share(self, path: Path) -> Decimal | None:
        """A number from 0 to 1."""
        value = self._value(path, required=False)
        if value is None:
            return None
        is_number = isinstance(value, int | Decimal) and not (
            isinstance(value, bool) or Decimal(value).is_nan()  # which compares with nothing
        )
        if not is_number or not 0 <= value <= 1:
            hint = ""
            if is_number and 1 < value <= 100:
                hint = f"; did you mean {Decimal(value) / 100:f}?"
            self.blame(path, f"`{path[-1]}` {value} must be a number from 0 to 1{hint}")
            return None
        return Decimal(value)

    def text(self, path: Path, *, required: bool = False) -> str | None:
        """Text that is not empty."""
        value = self._value(path, required)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.blame(path, f"`{path[-1]}` must be text in quotes")
            return None
        return value

    def day(self, path: Path, *, required: bool = False) -> date | None:
        """A date without a time."""
        value = self._value(path, required)
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            with suppress(ValueError):
                value = date.fromisoformat(value)
        if not isinstance(value, date) or isinstance(value, datetime):
            self.blame(path, f"`{path[-1]}` must be a date, as 2026-12-31")
            return None
        if not is_reckoned_with(value):
            self.blame(
                path, f"`{path[-1]}` {value} {BEYOND}; leave it out where there is no such day"
            )
            return None
        return value

    def _value(self, path: Path, required: bool) -> Any:  # whatever TOML holds
        value = self.at(path)
        if value is None and required:
            self.blame_key(path, f"no `{path[-1]}`")
        return value


BEYOND = "is beyond the days reckoned with, 1000-01-01 to 9989-12-31"


def is_reckoned_with(day: date) -> bool:
    """Whether the years around it can be reckoned with too, in any zone."""
    return 1000 <= day.year < 9990


def _syntax_problem(error: tomllib.TOMLDecodeError, text: str) -> Problem:
    found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    message = re.sub(r" \(at .*\)$", "", str(error))
    if found:
        return Problem(int(found[1]), int(found[2]), f"no valid TOML: {message}")
    return Problem(text.count("\n") + 1, 1, f"no valid TOML: {message}")
