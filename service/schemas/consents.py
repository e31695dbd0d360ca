"""What is said of consents: the request for one, and what became of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from service.schemas.fields import Answer, Body, ExternalIds, Id, MailField


class ConsentRequest(Body):
    """Of whom to ask a consent by mail, and what for."""

    email: MailField | None = None
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """What for; without it our offers."""
    partner: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Whose products the mails would be about too."""
    wording: Annotated[str, Field(min_length=1, max_length=600)] | None = None
    """The sentence they agree to, as mail and page show it; without it ours, in their language."""


class ConsentAsked(Answer):
    """Whether it was asked, is given already, or may not be asked."""

    consent: str | None
    state: str
    why: str | None
