"""What a tool's message says in our own words, each part ready for the use case that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from service.schemas.facts import Event, Touch
from service.schemas.signup import Signup
from service.store.leads.idempotency import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLead:
    """Facts of a lead, with the message that carried them."""

    signup: Signup
    message: Message
    raw: bytes
    is_browser: bool = False
    """Whether it came over a connection whose key is public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that one delivery says."""

    leads: list[ToldLead] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    erased: list[tuple[str, str]] = field(default_factory=list)
    """Who asked to be erased: a kind of external id, and theirs."""


def message_of(tool: str, id: str, at: datetime | None) -> Message:
    """The message of a tool's own id; a repeat may carry another envelope, so no body counts.

    Its stamp is the tool's own time: of two facts the one told later stands, whenever they come.
    """
    sent_at = 0 if at is None else max(int(at.timestamp()), 0)
    return Message(sender=f"connect:{tool}", id=id[:255], body_hash=tool, sent_at=sent_at)


def read_iso(value: object) -> datetime | None:
    """A time as text with an offset."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None and 1900 <= at.year < 2200 else None
    except (ValueError, OverflowError):
        return None


def read_unix(value: object, *, per_second: int = 1) -> datetime | None:
    """A time as seconds, or parts of one, since 1970; a number or its digits."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    seconds = value / per_second
    return datetime.fromtimestamp(seconds, UTC) if seconds < 4e9 else None


def text_of(given: Mapping[str, Any], *path: str) -> str | None:
    """A text at a path of objects; a number as text, anything else as none."""
    value: Any = given
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value.strip() or None if isinstance(value, str) else None
