"""The body of `POST /v1/signups`, field by field as the contract names them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from service.schemas.fields import (
    Body,
    ExternalIds,
    FormCount,
    FormFlag,
    FormMail,
    FormPhone,
    FormTime,
    Id,
    Short,
    Time,
)


class Consent(Body):
    """Why we may write to this person, in whose words, and where they said so."""

    model_config = ConfigDict(extra="ignore")

    ground: Annotated[str, Field(min_length=1, max_length=100)]
    at: Time | None = None
    wording: Annotated[str, Field(max_length=10_000)] | None = None
    source: Short | None = None
    purpose: Short | None = None
    """What for: without it our offers."""
    partner: Short | None = None
    """Whose products they agree to hear of too."""
    notice_at: Time | None = None
    """When they were told that we write about similar products: `trial_account` needs it."""


class Signup(Body):
    """One trial sign-up; what is not named here becomes an attribute and a warning."""

    model_config = ConfigDict(extra="allow")

    id: Id | None = None
    external_ids: ExternalIds | None = None
    email: FormMail = None
    phone: FormPhone = None
    first_name: Short | None = None
    last_name: Short | None = None
    title: Short | None = None
    company: Short | None = None
    website: Short | None = None
    country: Short | None = None
    region: Short | None = None
    timezone: Short | None = None
    locale: Short | None = None
    seats: FormCount = None
    plan: Short | None = None
    trial_started_at: FormTime = None
    trial_ends_at: FormTime = None
    signed_up_at: FormTime = None
    source: dict[str, Short | int | float | bool | None] | None = None
    campaign_code: Short | None = None
    partner: Short | None = None
    referred_by: Short | None = None
    """Who sent them: a lead's id, an offer's code or its link."""
    consent: Consent | None = None
    do_not_email: FormFlag = None
    do_not_call: FormFlag = None
    do_not_profile: FormFlag = None
    attributes: dict[str, Any] | None = None
