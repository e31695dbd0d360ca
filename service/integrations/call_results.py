"""Call tools' words for how a call ended, as results of a screening; by a file, or the shipped one.

To read another tool's outcomes: lines in a TOML file, `[results]` with `"theirs" = "ours"`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from service.domain.screening import RESULTS, Result
from service.errors import ConfigurationError

_BETWEEN = re.compile(r"[\s_–—-]+")


@dataclass(frozen=True, slots=True)
class CallResults:
    """Results by their words in one spelling."""

    by_word: Mapping[str, Result]

    def known(self, word: str) -> Result | None:
        """The result that a word means."""
        return self.by_word.get(_spelled(word))

    def result_of(self, word: str) -> str:
        """The result that a word means, or the word as it came."""
        return self.known(word) or word

    def of_tags(self, tags: Iterable[str]) -> Result | None:
        """What several words mean together, the one said last at the end."""
        found = [result for tag in tags if (result := self.known(tag)) is not None]
        return "do_not_call" if "do_not_call" in found else next(reversed(found), None)


def read_call_results(path: Path | None) -> CallResults:
    """The shipped words with a file's over them. Raises ConfigurationError."""
    shipped = files("service").joinpath("lists/call_results.toml").read_text(encoding="utf-8")
    given: Any = {}
    if path is not None:
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8")).get("results", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"call_results: {path}: {error}") from None
    if not isinstance(given, dict):
        raise ConfigurationError(f"call_results: {path}: [results] must be a table")
    for word, result in given.items():
        if result not in RESULTS:
            raise ConfigurationError(
                f'call_results: "{word}" is {result!r}, which is none of {", ".join(RESULTS)}'
            )
    words = {**{result: result for result in RESULTS}, **tomllib.loads(shipped)["results"], **given}
    return CallResults({_spelled(word): result for word, result in words.items()})


def _spelled(word: str) -> str:
    return _BETWEEN.sub(" ", word.casefold()).strip()
