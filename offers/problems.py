"""What is wrong with a policy or a situation: where it stands, what it is, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class Problem(NamedTuple):
    """One mistake; line and column count from 1 (0 where there is no text to point at)."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class PolicyError(Exception):
    """A policy that does not load, with every problem found in it, in file order."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(f"{name}: {problem}" for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion in words for a misspelt name, or nothing."""
    candidates = list(known)
    by_case = {candidate.casefold(): candidate for candidate in candidates}
    close = get_close_matches(word.casefold(), by_case, n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{by_case[close[0]]}`?"
    starts = [name for name in candidates if len(word) > 2 and name.startswith(word.casefold())]
    return f"; did you mean `{starts[0]}`?" if starts else ""
