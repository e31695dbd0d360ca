"""Leads at moments: all that was known then, and the features' values there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scoring.contact import Contact, read_contact
from scoring.features import Feature, Moment
from scoring.leads.colleagues import Colleagues, account_of
from scoring.leads.columns import Column, column
from scoring.leads.counters import Rollup
from scoring.leads.lead import Event, Lead


@dataclass(frozen=True, slots=True)
class History:
    """What all leads did: each one's events, and who of an account was active when."""

    events: Mapping[str, Sequence[Event]]
    colleagues: Colleagues

    @classmethod
    def of(cls, leads: Sequence[Lead], events: Mapping[str, Sequence[Event]]) -> History:
        """The events of these leads by lead id."""
        return cls(events, Colleagues.of([(lead, _account(lead)) for lead in leads], events))


def moment(lead: Lead, history: History | None, now: datetime | None) -> Moment:
    """All that was known of a lead at `now`; without a clock, all there is."""
    then = lead if now is None else lead.as_of(now)
    contact = _contact(then)
    counters = None
    if history is not None and now is not None:
        counters = Rollup.of(history.events.get(lead.id, ()), now).counters(now)
        active = history.colleagues.active(lead.id, account_of(lead, contact), now)
        counters = replace(counters, colleagues_active_7d=active)
    return Moment(lead=then, contact=contact, counters=counters, now=now)


def _contact(lead: Lead) -> Contact:
    return lead.contact or read_contact(
        email=lead.email, phone=lead.phone, title=lead.title, country=lead.country
    )


def _account(lead: Lead) -> str | None:
    return account_of(lead, _contact(lead))


def feature_columns(features: Sequence[Feature], moments: Sequence[Moment]) -> dict[str, Column]:
    """Every feature's value at every moment, by feature name."""
    return {f.name: column(f.kind, [f.value(m) for m in moments]) for f in features}
