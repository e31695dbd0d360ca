"""Events, touches and outcomes come in: each kept once, and their lead settled anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from scoring.leads.counters import Rollup
from service.domain.consent import lets_join
from service.domain.lead import StoredLead
from service.domain.lead_record import to_text
from service.domain.lead_status import after_touch
from service.errors import BadInput, FieldError
from service.schemas import facts as bodies
from service.schemas.fact_warnings import counts_at, in_future
from service.store.leads import facts, leads
from service.store.leads.facts import StoredEvent
from service.store.offers import offers
from service.store.queue import queue
from service.store.queue.queue import QueueItem
from service.use_cases.leads import identity
from service.use_cases.leads.account_talks import talked
from service.use_cases.leads.lead_context import LeadContext, open_lead
from service.use_cases.leads.outcomes import settle_outcome
from service.use_cases.leads.rescoring import rescore_and_store, rescored_and_stored
from service.use_cases.offers.issuing import offer_if_due
from service.use_cases.offers.outcome_redemption import (
    NamedOffer,
    link_customer,
    settle_missed,
    settle_named,
)
from service.use_cases.tx import Tx

_MOST_WAITING = 5000
"""Events that wait under one name for its person: more are kept and counted, and join nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """One event of a batch that was not taken, and why."""

    index: int
    code: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsTaken:
    """What became of a batch of events."""

    accepted: int
    duplicates: int
    rejected: Sequence[RejectedEvent]
    in_future: Sequence[str] = ()
    """The ids of events that lie in the future: they count as of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTaken:
    """Whose a touch or an outcome is, None while it waits for its sign-up."""

    lead_id: str | None
    is_duplicate: bool = False
    offer: NamedOffer | None = None
    """What became of the offer an outcome names."""
    in_future: bool = False
    """Whether it is told as of a time to come: it counts as of now."""


def store_touch(tx: Tx, touch: bodies.Touch) -> FactTaken:
    """Store a touch, unless it is known, and settle its lead anew."""
    if facts.known(tx.connection, "touch", [touch.id]):
        return FactTaken(lead_id=find(tx.connection, touch), is_duplicate=True)
    at = counts_at(touch, tx.now)
    is_late = at != touch.at
    lead = _lock(tx.connection, touch)
    facts.insert_touch(
        tx.connection,
        id=touch.id,
        lead=lead.id if lead else None,
        kind=touch.kind,
        by=touch.by,
        at=at,
        now=tx.now,
        note=touch.note,
    )
    if lead is None:
        facts.park(tx.connection, "touch", touch.id, named(touch))
        return FactTaken(lead_id=None, in_future=is_late)
    changed = after_touch(lead, kind=touch.kind, at=at)
    talked(tx, changed)
    rescore_and_store(tx, open_lead(changed))
    settle_missed(tx, lead.id)
    return FactTaken(lead_id=lead.id, in_future=is_late)


def store_outcome(tx: Tx, outcome: bodies.Outcome, by: str) -> FactTaken:
    """Store an outcome, unless it is known, settle its lead anew and the offer that it names."""
    if facts.known(tx.connection, "outcome", [outcome.id]):
        return FactTaken(lead_id=find(tx.connection, outcome), is_duplicate=True)
    lead = _lock(tx.connection, outcome)
    facts.insert_outcome(
        tx.connection,
        id=outcome.id,
        lead=lead.id if lead else None,
        kind=outcome.kind,
        at=outcome.at,
        body=outcome.model_dump_json(exclude_none=True),
        now=tx.now,
    )
    if lead is None:
        facts.park(tx.connection, "outcome", outcome.id, named(outcome))
        return FactTaken(lead_id=None)
    settle_outcome(tx, lead, outcome)
    link_customer(tx.connection, lead.id, outcome)
    settled = settle_named(tx, lead, outcome, by)
    return FactTaken(lead_id=lead.id, offer=settled)


def look_again(tx: Tx, case: LeadContext) -> None:
    """Settle a lead whose date has come, its offers that wait for a deed, and issue one if due."""
    settled = rescored_and_stored(tx, case, decide_at=None)
    settle_missed(tx, settled.stored.id)
    if settled.stored.lane == "offer":
        offer_if_due(tx, settled)


def store_events(
    tx: Tx, batch: Sequence[bodies.Event], rejected: Sequence[RejectedEvent]
) -> EventsTaken:
    """Store those of a batch that are new, and settle their leads anew."""
    new: dict[str, bodies.Event] = {}
    for event in batch:
        new.setdefault(event.id, event)
    for id in facts.known(tx.connection, "event", list(new)):
        del new[id]
    store_new_events(tx, list(new.values()))
    return EventsTaken(
        accepted=len(new),
        duplicates=len(batch) - len(new),
        rejected=rejected,
        in_future=[id for id, event in new.items() if in_future(event.at, tx.now)],
    )


def store_new_events(
    tx: Tx,
    new: Sequence[bodies.Event],
    *,
    before: Callable[[Collection[StoredLead]], None] = lambda found: None,
) -> None:
    """Store events of which none is known, and settle their leads anew, each once.

    `before` is called with these leads, as they are, before anything is changed.
    """
    stored: list[StoredEvent] = []
    parked: list[tuple[str, identity.ExternalIds]] = []
    by_lead: dict[str, list[StoredEvent]] = {}
    named = [(event.lead_id, identity.person_ids(event.external_ids)) for event in new]
    whose = identity.find_all(tx.connection, set(named))
    for event, (lead_id, ids) in zip(new, named, strict=True):
        if identity.is_anonymous(lead=lead_id, ids=ids) and not _joins(tx, event):
            stored.append(_stored(event, None, tx.now))  # kept and counted, and joins nobody
            continue
        kept = _stored(event, whose[lead_id, ids], tx.now)
        stored.append(kept)
        if kept.lead is None:
            parked.append((event.id, identity.waits_under(lead=lead_id, ids=ids)))
        else:
            by_lead.setdefault(kept.lead, []).append(kept)
    locked = leads.lock_all(tx.connection, by_lead)
    before(locked.values())
    facts.park_all(tx.connection, "event", _within_bounds(tx, parked))
    facts.insert_events(tx.connection, stored)
    waiting = offers.leads_waiting(tx.connection, by_lead)  # theirs, or a colleague's
    places = queue.places_of(tx.connection, by_lead)
    for lead_id in sorted(waiting.union(by_lead)):  # in one order: two batches cannot deadlock
        if lead_id in by_lead:
            _count(tx, locked[lead_id], by_lead[lead_id], places)
        if lead_id in waiting:
            leads.look_again(tx.connection, lead_id, tx.now)
    tx.runtime.metrics.events.labels("accepted").inc(len(stored))


def _within_bounds(
    tx: Tx, parked: Sequence[tuple[str, identity.ExternalIds]]
) -> list[tuple[str, identity.ExternalIds]]:
    """The events with those of their names under which there is room for them."""
    waiting = facts.waiting_under(tx.connection, (name for _, names in parked for name in names))
    bounded: list[tuple[str, identity.ExternalIds]] = []
    for id, names in parked:
        free = tuple(name for name in names if waiting.get(name, 0) < _MOST_WAITING)
        for name in free:
            waiting[name] = waiting.get(name, 0) + 1
        bounded.append((id, free))
    return bounded


def _joins(tx: Tx, event: bodies.Event) -> bool:
    rule = tx.runtime.settings.join_anonymous
    return rule == "always" or (rule == "consented" and lets_join(event.consent))


def _count(
    tx: Tx, lead: StoredLead, new: Sequence[StoredEvent], places: Mapping[str, QueueItem]
) -> None:
    case = open_lead(lead)
    rollup = case.rollup or Rollup()
    for event in new:
        rollup.add(event.as_event(lead.id))
    hot_at = max(lead.hot_at, *(min(event.at, tx.now) for event in new))
    stored = lead.with_counters(rollup)._replace(hot_at=hot_at)
    rescore_and_store(tx, replace(case, stored=stored, rollup=rollup), places=places, before=lead)


def _stored(event: bodies.Event, lead: str | None, now: datetime) -> StoredEvent:
    at = now if in_future(event.at, now) else event.at
    return StoredEvent(
        id=event.id,
        lead=lead,
        name=event.name,
        at=at,
        received_at=now,
        known_at=max(at, now),
        properties=None if event.properties is None else to_text(event.properties),
    )


class NamesSomebody(Protocol):
    """What is told of one person."""

    @property
    def lead_id(self) -> str | None: ...

    @property
    def external_ids(self) -> Mapping[str, object] | None: ...


def named(fact: NamesSomebody) -> identity.ExternalIds:
    """The names under which a fact waits. Raises BadInput when it names nobody."""
    ids = identity.person_ids(fact.external_ids)
    if fact.lead_id is None and not ids:
        missing = FieldError(path="lead_id", code="missing", message="or one of external_ids")
        raise BadInput(
            "nobody_named", "it needs a lead_id or one external id", status=422, errors=[missing]
        )
    return identity.waits_under(lead=fact.lead_id, ids=ids)


def find(connection: sa.Connection, fact: NamesSomebody) -> str | None:
    """The lead that a fact is about, once it has signed up."""
    ids = identity.person_ids(fact.external_ids)
    return identity.find(connection, lead=fact.lead_id, ids=ids)


def _lock(connection: sa.Connection, fact: NamesSomebody) -> StoredLead | None:
    found = find(connection, fact)
    return None if found is None else leads.lock(connection, found)
