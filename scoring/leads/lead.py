"""Lead, Event, Outcome: what scoring knows of a trial, and the only gate through time.

A fact counts from the moment it was *known*, not from the moment it happened: `Lead.as_of`
and `known_events` are the one place where that is decided, and every feature sees only
what they let through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Literal

from scoring.contact import Contact

Value = str | float | bool | None
"""What a form or an enrichment may send for one attribute; `None` is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One trial sign-up as it stands; every field but `id` may be unknown (`None`).

    `known_at` names the fields and attributes learnt after the sign-up and when; what it
    does not name was known from the start. Times are timezone-aware.
    """

    id: str
    signed_up_at: datetime | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    company: str | None = None
    account: str | None = None
    """The account's given id; without it the mail address's domain may name one."""
    website: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None
    locale: str | None = None
    seats: int | None = None
    plan: str | None = None
    trial_started_at: datetime | None = None
    trial_ends_at: datetime | None = None
    campaign_code: str | None = None
    partner: str | None = None
    do_not_email: bool | None = None
    do_not_call: bool | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Value] = field(default_factory=dict)
    known_at: Mapping[str, datetime] = field(default_factory=dict)
    contact: Contact | None = None
    """Facts read from mail address, phone and title at ingest; `None` reads them when needed."""

    def as_of(self, now: datetime) -> Lead:
        """The lead with everything learnt after `now` taken out."""
        later = {name for name, at in self.known_at.items() if at > now}
        if not later:
            return self
        kept = {name: value for name, value in self.attributes.items() if name not in later}
        blanked = dict.fromkeys(later & FIELDS)
        contact = None if later & CONTACT_FIELDS else self.contact
        return replace(self, attributes=kept, contact=contact, **blanked)  # type: ignore[arg-type]  # blanked holds only fields that may be None


FIELDS = frozenset(f.name for f in fields(Lead)) - {
    "id",
    "source",
    "attributes",
    "known_at",
    "contact",
}
"""The known fields of a lead; whatever else a form sends is an attribute."""

CONTACT_FIELDS = frozenset({"email", "phone", "title", "country"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a person did: `at` it happened, `known_at` we could have known it.

    `known_at` is the latest of the event's own time, its receipt and the moment it was joined
    to its lead.
    """

    id: str
    lead_id: str
    name: str
    at: datetime
    known_at: datetime
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a trial ended, and when."""

    lead_id: str
    kind: Literal["converted", "lost"]
    at: datetime


def known_events(events: Iterable[Event], now: datetime) -> list[Event]:
    """The events that had happened and were known at `now`, each id once, oldest first.

    Of copies that disagree the one known first counts, in whatever order they come.
    """
    seen: dict[str, Event] = {}
    for event in events:
        if event.known_at <= now and event.at <= now:
            other = seen.get(event.id)
            if other is None or _precedence(event) < _precedence(other):
                seen[event.id] = event
    return sorted(seen.values(), key=lambda event: (event.at, event.id))


def _precedence(event: Event) -> tuple[datetime, int, str, datetime]:
    day = event.at.astimezone(UTC).toordinal()
    return max(event.known_at, event.at), day, event.name, event.at
