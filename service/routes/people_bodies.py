"""The bodies people send: reps' desks, claims, offers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.rep_queue import Disposition
from service.routes.fields import Body, Count, Money, Short, Time

_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=300)]
Version = Annotated[int, Field(ge=0, le=2_147_483_647)]


class RepBody(Body):
    """A sales rep; an empty list covers everything."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    email: Short | None = None
    languages: _Names = Field(default_factory=list)
    countries: _Names = Field(default_factory=list)
    segments: _Names = Field(default_factory=list)
    capacity: Annotated[int, Field(ge=0, le=10_000)] | None = None
    available: bool = True


class Done(Body):
    """How the work on a lead ended."""

    version: Version
    disposition: Disposition
    objection: Annotated[str, Field(max_length=255)] | None = None
    note: Annotated[str, Field(max_length=10_000)] | None = None


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


class Nothing(Body):
    """An empty body."""


class OrderBody(Body):
    """What was ordered and paid."""

    plan: Short
    seats: Count
    term_months: Annotated[int, Field(ge=1, le=120)]
    prepaid: bool = False
    paid_at: Time | None = None
    amount: Money | None = None
    billing_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    invoice: Short | None = None
    shows: dict[str, str | int | bool] | None = None


class Redeem(Body):
    """An order that comes to redeem an offer."""

    order: OrderBody


class Reverse(Body):
    """What became of a redeemed order; null: all of it was refunded."""

    order: OrderBody | None
