"""Field types the bodies share: strict, so that a wrong type is refused and not guessed at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from service.domain.account_money import invoice_key


def _read_time(value: Any, _handler: ValidatorFunctionWrapHandler) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("time_type", "must be a time as text, RFC 3339")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "time_parsing", "must be a time, RFC 3339 with an offset"
        ) from None
    if at.tzinfo is None:
        raise PydanticCustomError("naive_time", "must have an offset, such as Z or +02:00")
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        at = datetime.min.replace(tzinfo=UTC)
    if not 1900 <= at.year < 2200:
        raise PydanticCustomError("time_range", "must lie between the years 1900 and 2200")
    return at


Time = Annotated[datetime, WrapValidator(_read_time)]
"""An instant, in UTC; a time without an offset is refused."""

Id = Annotated[str, Field(min_length=1, max_length=255)]
_LONGEST = 2000
Short = Annotated[str, Field(max_length=_LONGEST)]
Invoice = Annotated[Short, AfterValidator(invoice_key)]
"""An invoice's name, which tools pad and write in wide letters."""
Count = Annotated[int, Field(ge=0, le=2_147_483_647)]


def _digits(value: Any) -> Any:
    """A phone number that came as a number, as text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _count(value: Any) -> Any:
    """A count that came as text, as a number; other text stays and is refused."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        return int(value) if len(value) < 20 else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _flag(value: Any) -> Any:
    """A yes or no that came as the text "true" or "false"; other text stays and is refused."""
    known = {"true": True, "false": False}
    return known.get(value.strip().lower(), value) if isinstance(value, str) else value


def _none_for_blank(value: Any) -> Any:
    """A form's field that nobody filled in says nothing."""
    return None if isinstance(value, str) and not value.strip() else value


def _bounded(value: Any) -> Any:
    """A text of a length that is kept; a longer one is no address and no number."""
    return value[:_LONGEST] if isinstance(value, str) else value


def _nothing_for_blank(text: str) -> str:
    return text if text.strip() else ""


MailField = Annotated[Short, AfterValidator(_nothing_for_blank)]
"""What stands where a mail address is asked for; a blank text is as an empty one."""
Digits = Annotated[str, Field(max_length=2000), BeforeValidator(_digits)]
WrittenCount = Annotated[Count, BeforeValidator(_count)]
Flag = Annotated[bool, BeforeValidator(_flag)]
"""Forms send numbers as text and text as numbers: these take either, and nothing else."""
FormMail = Annotated[MailField | None, BeforeValidator(_bounded)]
FormPhone = Annotated[Digits | None, BeforeValidator(_bounded)]
FormCount = Annotated[WrittenCount | None, BeforeValidator(_none_for_blank)]
FormFlag = Annotated[Flag | None, BeforeValidator(_none_for_blank)]
FormTime = Annotated[Time | None, BeforeValidator(_none_for_blank)]
"""What a form's own field is sent as: a blank one is not told, and no address is too long."""


class Body(BaseModel):
    """What a caller sends; an unknown field is refused unless a body says otherwise."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class Answer(BaseModel):
    """What we answer; exists for the OpenAPI document."""

    model_config = ConfigDict(protected_namespaces=(), use_attribute_docstrings=True)


class Money(Body):
    """An amount in minor units (cents) of a currency."""

    minor: Annotated[int, Field(ge=0, le=10**15)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


ExternalIds = Annotated[
    dict[
        Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")],
        Annotated[str, Field(min_length=1, max_length=255)] | int | None,
    ],
    Field(max_length=20),
]
"""Other systems' names for this person: user, anonymous, hubspot, stripe, salesforce, company."""
