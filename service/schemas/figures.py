"""The bodies and queries of figures about many accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from service.schemas.fields import Body, Money


def _read_moment(value: Any) -> Any:
    """A day, or a time with an offset."""
    if not isinstance(value, str):
        return value
    try:
        is_day = len(value) == 10
        at = date.fromisoformat(value) if is_day else datetime.fromisoformat(value)
    except ValueError:
        at = None
    if isinstance(at, datetime) and at.tzinfo is None:
        at = None
    if at is None or not 1900 <= at.year < 2200:
        said = "must be a day, such as 2026-12-24, or a time with an offset"
        raise PydanticCustomError("moment_parsing", said)
    return at.astimezone(UTC) if isinstance(at, datetime) else at


Moment = Annotated[datetime | date, BeforeValidator(_read_moment)]
"""A day begins where the policy is."""


class MonthlyCost(Body):
    """What a channel cost in a calendar month."""

    month: Annotated[str, Field(pattern="^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]
    amount: Money


class ChannelCosts(Body):
    """All that a channel cost, month by month; what is not named is forgotten."""

    costs: Annotated[list[MonthlyCost], Field(max_length=600)]
