"""Reads which event names are signs of buying (`lists/intents.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Intent:
    """A kind of buying signal, its caption, what who shows it did, and the phrases that name it."""

    kind: str
    caption: str
    did: str
    phrases: tuple[str, ...]


@cache
def _shipped() -> tuple[Intent, ...]:
    text = files("scoring").joinpath("lists/intents.toml").read_text(encoding="utf-8")
    return tuple(
        Intent(entry["kind"], entry["caption"], entry["did"], tuple(entry["phrases"]))
        for entry in tomllib.loads(text)["intent"]
    )


INTENTS = _shipped()
KINDS = ("any", *(intent.kind for intent in INTENTS))
"""Every counter kind: `any` counts all events."""


@lru_cache(maxsize=65_536)
def kinds_of(event_name: str) -> tuple[int, ...]:
    """The positions in `KINDS` that an event of this name counts towards."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", event_name).lower()
    words = f" {re.sub(r'[^a-z0-9]+', ' ', spaced).strip()} "
    found = [0]
    for position, intent in enumerate(INTENTS, start=1):
        if any(f" {phrase} " in words for phrase in intent.phrases):
            found.append(position)
    return tuple(found)
