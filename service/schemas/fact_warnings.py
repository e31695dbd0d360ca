"""What the sender of events and outcomes should know of values that cannot be used as they came."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from babel.numbers import list_currencies

from service.schemas.facts import Outcome, Touch

LEEWAY = timedelta(minutes=5)
"""A sender's clock may be that far ahead, as with a webhook's timestamp."""
IN_FUTURE = ("time_in_future", "lies in the future; set to when it was received")
NO_CURRENCY = (
    "unknown_currency",
    "is no currency of ISO 4217; kept as sent, and no offer's amount is compared with it",
)


def in_future(at: datetime, now: datetime) -> bool:
    """Whether something is said to have happened later than any clock is ahead."""
    return at > now + LEEWAY


def counts_at(fact: Touch | Outcome, now: datetime) -> datetime:
    """When a touch or an outcome counts: now for what is told as of a time to come, but for an
    end of access, which may lie ahead."""
    may_lie_ahead = isinstance(fact, Outcome) and fact.kind == "churned"
    return now if in_future(fact.at, now) and not may_lie_ahead else fact.at


@cache
def currencies() -> frozenset[str]:
    """The codes of ISO 4217, those of former currencies included."""
    return frozenset(list_currencies())
