"""The bodies and queries of figures about many accounts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from service.schemas.fields import Body, Money


def _read_moment(value: Any) -> Any:
    """A day is its beginning in UTC; a time needs an offset."""
    if not isinstance(value, str):
        return value
    try:
        if len(value) == 10:
            return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not 1900 <= at.year < 2200:
        said = "must be a day, such as 2026-12-24, or a time with an offset"
        raise PydanticCustomError("moment_parsing", said)
    return at.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_read_moment)]


class MonthlyCost(Body):
    """What a channel cost in a calendar month."""

    month: Annotated[str, Field(pattern="^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$")]
    amount: Money


class ChannelCosts(Body):
    """All that a channel cost, month by month; what is not named is forgotten."""

    costs: Annotated[list[MonthlyCost], Field(max_length=600)]
