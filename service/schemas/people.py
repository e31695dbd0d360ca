"""The bodies people send: reps' desks, claims, offers."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from service.domain.committee import Role, Stance
from service.domain.priority import Disposition
from service.schemas.codes import Country, Language
from service.schemas.fields import Body, Count, Invoice, Money, Short, Time

_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=300)]
ClockTime = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError(
            "unknown_timezone", "must be an IANA time zone, such as Europe/Berlin"
        ) from None
    return name


Version = Annotated[int, Field(ge=0, le=2_147_483_647)]


class Hours(Body):
    """A working week: the same hours on each of its days (Monday is 1), by the zone's clock."""

    timezone: Annotated[str, Field(max_length=100), AfterValidator(_is_zone)]
    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)] = (
        Field(default_factory=lambda: [1, 2, 3, 4, 5])
    )
    start: ClockTime
    end: ClockTime

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Hours:
        if self.end <= self.start:
            raise PydanticCustomError("no_hours", "end must be later than start")
        return self


def _read_day(value: object) -> object:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 2200:
        raise PydanticCustomError("day_parsing", "must be a day, such as 2026-12-24")
    return day


Day = Annotated[date, BeforeValidator(_read_day)]


class Absence(Body):
    """Days off by the calendar of the rep's zone, the first and the last of them included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Absence:
        if self.last < self.first:
            raise PydanticCustomError("reversed_days", "to must be no earlier than from")
        return self


def _apart(absences: list[Absence]) -> list[Absence]:
    """In their order. Raises where two share a day."""
    ordered = sorted(absences, key=lambda each: each.first)
    if any(after.first <= before.last for before, after in pairwise(ordered)):
        raise PydanticCustomError(
            "overlapping_days", "two absences share a day: make them one or move them apart"
        )
    return ordered


class RepBody(Body):
    """A sales rep; an empty list covers everything."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    email: Short | None = None
    languages: Annotated[list[Language], Field(max_length=300)] = Field(default_factory=list)
    """By code or English name; kept as codes, which is what leads are matched by."""
    countries: Annotated[list[Country], Field(max_length=300)] = Field(default_factory=list)
    segments: _Names = Field(default_factory=list)
    capacity: Annotated[int, Field(ge=0, le=10_000)] | None = None
    available: bool = True
    hours: Hours | None = None
    """Without them first-response times run around the clock."""
    absences: Annotated[list[Absence], Field(max_length=100), AfterValidator(_apart)] = Field(
        default_factory=list
    )
    """Days on which they get nothing new, and on which no first-response time runs."""


class Done(Body):
    """How the work on a lead ended."""

    version: Version
    disposition: Disposition
    objection: Annotated[str, Field(max_length=255)] | None = None
    note: Annotated[str, Field(max_length=10_000)] | None = None
    all: bool = False
    """The same for every lead of the company that the claim holds."""
    until: Time | None = None
    """With `call_back`: when the lead comes back; without it, in a day."""

    @model_validator(mode="after")
    def _until_is_for_calling_back(self) -> Done:
        if self.until is not None and self.disposition != "call_back":
            raise PydanticCustomError("not_called_back", "until goes with call_back only")
        return self


class ObjectionBody(Body):
    """One objection of the team's list."""

    id: Annotated[str, Field(pattern="^[a-z0-9_-]{1,64}$")]
    label: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class Objections(Body):
    """The team's list, in its order."""

    objections: Annotated[list[ObjectionBody], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _each_once(self) -> Objections:
        if len({each.id for each in self.objections}) < len(self.objections):
            raise PydanticCustomError("repeated_id", "each id may stand once")
        return self


class Release(Body):
    """A lead given back."""

    version: Version
    reason: Short | None = None


class Snooze(Body):
    """A lead put to sleep."""

    version: Version
    until: Time


class Extend(Body):
    """A longer lease."""

    version: Version


class OfferRequest(Body):
    """Whether to issue what is decided."""

    dry_run: bool = False
    campaign_code: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """A code the lead showed to whoever asks."""
    partner: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """Whose code it is."""


class PolicyText(Body):
    """A policy file's text."""

    text: Annotated[str, Field(min_length=1, max_length=200_000)]


class Publish(Body):
    """Why a policy is put to work."""

    reason: Annotated[str, Field(max_length=2000, pattern=r"\S")]


class PauseMail(Body):
    """Why no mail leaves."""

    reason: Annotated[str, Field(max_length=2000)] = ""


class Stop(Body):
    """Why a code is stopped, or a paused rule works again."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class LiftSuppression(Body):
    """An address that bounced and works again, and how that is known."""

    email: Short
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Nothing(Body):
    """An empty body."""


class Approve(Body):
    """An approval: as asked, or for other seats or a smaller discount, with a word to the asker."""

    comment: Annotated[str, Field(max_length=1000)] | None = None
    seats: Count | None = None
    percent_off: Annotated[int, Field(ge=1, le=100)] | None = None


class Accept(Body):
    """What the customer takes: as many seats as quoted, or as they choose."""

    seats: Count | None = None


class GiveFailed(Body):
    """Why a give could not be handed over; a person reads it."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class OrderBody(Body):
    """What was ordered and paid."""

    plan: Short
    seats: Count
    term_months: Annotated[int, Field(ge=1, le=120)]
    prepaid: bool = False
    period_months: Annotated[int, Field(ge=1, le=120)] | None = None
    """Months that the first invoice covers; without it one, or the term when prepaid."""
    paid_at: Time | None = None
    begun_at: Time | None = None
    """When a transfer that takes days was ordered; it counts as of then once it arrives."""
    amount: Money | None = None
    billing_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    invoice: Invoice | None = None
    shows: dict[str, str | int | bool] | None = None


class Redeem(Body):
    """An order that comes to redeem an offer."""

    order: OrderBody


class Reverse(Body):
    """What became of a redeemed order; null: all of it was refunded."""

    order: OrderBody | None


class PersonSaid(Body):
    """What somebody knows of a person's part in the purchase."""

    role: Role | None = None
    stance: Stance | None = None
