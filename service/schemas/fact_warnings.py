"""What the sender of events and outcomes should know of values that cannot be used as they came."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from babel.numbers import list_currencies

from service.schemas.facts import Outcome, Touch

LEEWAY = timedelta(minutes=5)
"""A sender's clock may be that far ahead, as with a webhook's timestamp."""
IN_FUTURE = ("time_in_future", "lies in the future; set to when it was received")
TO_COME = ("time_in_future", "lies in the future; kept as sent")
NO_CURRENCY = (
    "unknown_currency",
    "is no currency of ISO 4217; kept as sent, and no offer's amount is compared with it",
)


def in_future(at: datetime, now: datetime) -> bool:
    """Whether something is said to have happened later than any clock is ahead."""
    return at > now + LEEWAY


def counts_at(touch: Touch, now: datetime) -> datetime:
    """When a touch counts: told as of a time to come, now. An outcome counts as it was told, for
    an order or an end may be agreed ahead."""
    return now if in_future(touch.at, now) else touch.at


def lies_ahead(fact: Touch | Outcome, now: datetime) -> tuple[str, str] | None:
    """The warning of a touch or an outcome of the future; an end of access may lie ahead."""
    if not in_future(fact.at, now):
        return None
    if isinstance(fact, Touch):
        return IN_FUTURE
    return None if fact.kind == "churned" else TO_COME


@cache
def currencies() -> frozenset[str]:
    """The codes of ISO 4217, those of former currencies included."""
    return frozenset(list_currencies())
