"""What a person did, as somebody would tell a colleague: newest first, buying signs in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.leads.intents import INTENTS, kinds_of
from service.console.words import ago

_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One kind of thing they did: when last, and how often."""

    says: str
    ago: str
    times: int


def deeds(events: Iterable[Mapping[str, Any]], now: datetime, most: int = _MOST) -> Sequence[Deed]:
    """The newest kinds of what was done by now; signs of buying before anything else."""
    last: dict[tuple[bool, str], list[datetime]] = {}
    for event in events:
        if event["at"] <= now:
            last.setdefault(_named(str(event["name"])), []).append(event["at"])
    told = [(is_sign, max(times), says, len(times)) for (is_sign, says), times in last.items()]
    chosen = sorted(told, key=lambda each: (not each[0], now - each[1]))[:most]
    return [
        Deed(says=says, ago=ago(at, now), times=times)
        for _, at, says, times in sorted(chosen, key=lambda each: now - each[1])
    ]


def _named(event: str) -> tuple[bool, str]:
    """Whether it is a sign of buying, and its words: `Looked at pricing`, else its own name."""
    kinds = kinds_of(event)
    if len(kinds) > 1:
        return True, INTENTS[kinds[1] - 1].did
    words = " ".join(event.replace("_", " ").replace("-", " ").split())
    return False, words[:1].upper() + words[1:]
