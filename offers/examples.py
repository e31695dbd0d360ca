"""An example of every give and get: how the shipped policy writes it, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from offers.policy import default_policy
from offers.terms.get import Get
from offers.terms.gives import Give


@dataclass(frozen=True, slots=True)
class Example:
    """`extra_months = 3`, and its phrase."""

    written: str
    says: str


@cache
def give_examples() -> dict[str, Example]:
    """By kind."""
    return _examples(give for rule in default_policy().rules for give in rule.gives)


@cache
def get_examples() -> dict[str, Example]:
    """By kind."""
    return _examples(get for rule in default_policy().rules for get in rule.gets)


def _examples(terms: Iterable[Give | Get]) -> dict[str, Example]:
    found: dict[str, Example] = {}
    for term in terms:
        found.setdefault(term.kind, Example(as_toml(term.kind, term.value), term.phrase()))
    return found


def as_toml(key: str, value: object) -> str:
    """A key with its value, as a policy file writes it."""
    return f"{key} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{ " + ", ".join(as_toml(key, each) for key, each in value.items()) + " }"
    return str(value)
