"""The bodies of what happens to a lead: events, touches, outcomes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from service.domain.account_money import Kind
from service.schemas.fields import (
    Body,
    Count,
    ExternalIds,
    Id,
    Invoice,
    MailField,
    Money,
    Short,
    Time,
)


class Event(Body):
    """Something a person did."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    name: Annotated[str, Field(min_length=1, max_length=255)]
    at: Time
    properties: dict[str, Any] | None = None
    consent: Any = None
    """True, or a consent banner's categories by name: lets an anonymous event join a person."""


class Events(Body):
    """A batch; each is taken or rejected for itself."""

    events: Annotated[
        list[Any],
        Field(max_length=5000, json_schema_extra={"items": {"$ref": "#/components/schemas/Event"}}),
    ]


class Touch(Body):
    """A contact by a person, ours or seen in the CRM."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    kind: Literal["call", "email", "meeting", "chat", "reply"]
    by: Annotated[str, Field(max_length=255)] | None = None
    at: Time
    note: Annotated[str, Field(max_length=10_000)] | None = None
    """What was said."""


class Bounce(Body):
    """A mail that came back, or a complaint about one."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    email: MailField | None = None
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    kind: Literal["hard", "soft", "complaint"]
    at: Time


class Outcome(Body):
    """How a trial ended, and how its customer went on."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    kind: Kind
    at: Time
    """When it was paid, changed or refunded; of who churned, when access ends."""
    reason: Short | None = None
    plan: Short | None = None
    seats: Count | None = None
    term_months: Annotated[int, Field(ge=0, le=120)] | None = None
    prepaid: bool | None = None
    period_months: Annotated[int, Field(ge=1, le=120)] | None = None
    """Months that the amount covers; without it one, or the term when prepaid."""
    begun_at: Time | None = None
    """When a transfer that took days was ordered."""
    amount: Money | None = None
    invoice: Invoice | None = None
    billing_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    offer: Short | None = None
    """The id or the code of the offer that this order redeems."""
    shows: dict[str, str | int | bool] | None = None
    """What the order's own numbers cannot show of the offer's gets: a referral, a case study."""
    subscription: Short | None = None
    """Which of an account's subscriptions it is about, where it has several."""

    @model_validator(mode="after")
    def _says_what(self) -> Outcome:
        needed = _NEEDED.get(self.kind, ())
        says_how = self.seats is not None or self.plan is not None
        is_paid = self.amount is not None and self.invoice is not None
        if self.kind == "changed" and not says_how and not is_paid:
            raise PydanticCustomError("missing", "changed needs seats, plan or a paid invoice")
        if missing := [name for name in needed if getattr(self, name) is None]:
            told = {"kind": self.kind, "missing": " and ".join(missing)}
            raise PydanticCustomError("missing", "{kind} needs {missing}", told)
        return self


_NEEDED = {"refunded": ("invoice", "amount")}
