"""Which kind of action an event is in a report, and what the kind is called in each language.

Pure but for the table: `service/lists/report_kinds.toml`, or one's own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from service.domain.usage_report import TOGETHER
from service.errors import ConfigurationError

REST = "rest"
_FALLBACK = "en"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of action: the phrases that name it, its caption by language."""

    kind: str
    phrases: tuple[str, ...]
    captions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportKinds:
    """The kinds in the order in which they are tried; the last is everything else."""

    kinds: Sequence[Kind]
    left_out: tuple[str, ...]

    def kind_of(self, event: str) -> str | None:
        """The kind of an event by its name; None where it counts for nothing."""
        words = f" {spelled(event)} "
        if any(words.startswith(f" {phrase} ") for phrase in self.left_out):
            return None
        for kind in self.kinds:
            if any(f" {phrase} " in words for phrase in kind.phrases):
                return kind.kind
        return REST

    def caption(self, kind: str, language: str) -> str:
        """What a kind is called; one that is in the table no more goes by its own name."""
        named = next((each for each in self.kinds if each.kind == kind), None)
        if named is None:
            return kind.replace("_", " ")
        return named.captions.get(language, named.captions[_FALLBACK])

    def place(self, kind: str) -> int:
        """Where a kind stands in a report: as in the table, what is together at the end."""
        order = [each.kind for each in self.kinds]
        return order.index(kind) if kind in order else len(order) + (kind == TOGETHER)


def spelled(text: str) -> str:
    """A name in small letters, its words with one space between."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).lower()
    return " ".join(re.findall(r"\w+", spaced.replace("_", " ")))


@lru_cache(maxsize=4)
def read_report_kinds(path: Path | None = None) -> ReportKinds:
    """The table in a file, or the shipped one. Raises ConfigurationError naming the place."""
    try:
        text = (
            path.read_text(encoding="utf-8")
            if path is not None
            else files("service").joinpath("lists/report_kinds.toml").read_text(encoding="utf-8")
        )
        told = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"report_kinds: {path} cannot be read: {error}") from None
    listed = told.get("kind", [])
    if not isinstance(listed, list):
        raise ConfigurationError("report_kinds: kinds are tables [[kind]]")
    kinds = [_kind(each, f"[[kind]] {number}") for number, each in enumerate(listed, 1)]
    names = [kind.kind for kind in kinds]
    for name in names:
        if names.count(name) > 1 or name in (REST, TOGETHER):
            raise ConfigurationError(f"report_kinds: kind {name!r} is there already")
    rest = _kind({"kind": REST, "phrases": [], **_table(told.get("rest"), "[rest]")}, "[rest]")
    return ReportKinds(
        kinds=(*kinds, rest), left_out=_phrases(told.get("left_out", []), "left_out")
    )


def _kind(told: Any, place: str) -> Kind:
    table = _table(told, place)
    name = table.get("kind")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"report_kinds: {place} needs a kind of small letters, digits and underscores"
        )
    captions = _table(table.get("caption"), f"{place} caption")
    if not isinstance(captions.get(_FALLBACK), str):
        raise ConfigurationError(f"report_kinds: {place} needs a caption in en at least")
    if not all(isinstance(text, str) and text.strip() for text in captions.values()):
        raise ConfigurationError(f"report_kinds: {place}: every caption is a text")
    return Kind(kind=name, phrases=_phrases(table.get("phrases"), place), captions=captions)


def _table(told: Any, place: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise ConfigurationError(f"report_kinds: {place} must be a table")
    return told


def _phrases(told: Any, place: str) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(each, str) and each for each in told):
        raise ConfigurationError(f"report_kinds: {place}: phrases are a list of texts")
    return tuple(spelled(each) for each in told)
