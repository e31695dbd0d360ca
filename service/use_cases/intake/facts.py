"""Events, touches and outcomes come in: each kept once, and their lead settled anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from scoring.leads.counters import Rollup
from service.domain.lead_record import to_text
from service.domain.lead_status import after_outcome, after_touch
from service.errors import BadInput, FieldError
from service.runtime import Parts
from service.schemas import facts as bodies
from service.store.leads import accounts, facts, leads
from service.store.leads.facts import StoredEvent
from service.store.leads.idempotency import Message
from service.store.leads.leads import StoredLead
from service.use_cases.leads import identity
from service.use_cases.leads.idempotency import Answer, answer, once
from service.use_cases.leads.lead_context import Case, open_case
from service.use_cases.leads.rescoring import Settled, settle
from service.use_cases.offers.issuing import offer_if_due
from service.use_cases.offers.outcome_redemption import link_customer, settle_missed, settle_named


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """One event of a batch that was not taken, and why."""

    index: int
    code: str
    path: str


async def take_events(
    parts: Parts,
    batch: Sequence[bodies.Event],
    rejected: Sequence[RejectedEvent],
    message: Message,
) -> Answer:
    """Take a batch; events of unknown people wait for their sign-up."""
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        return once(
            connection, message, now, lambda: store_events(connection, parts, batch, rejected, now)
        )

    return await parts.store.write(work)


async def take_touch(parts: Parts, touch: bodies.Touch, message: Message) -> Answer:
    """Take one touch; from now on no offer mail leaves for this lead."""
    named(touch)
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        return once(connection, message, now, lambda: store_touch(connection, parts, touch, now))

    return await parts.store.write(work)


def store_touch(
    connection: sa.Connection, parts: Parts, touch: bodies.Touch, now: datetime
) -> Answer:
    """Store a touch, unless it is known, and settle its lead anew."""
    if facts.known(connection, "touch", [touch.id]):
        return answer({"lead_id": _find(connection, touch), "duplicate": True})
    lead = _lock(connection, touch)
    facts.keep_touch(
        connection,
        id=touch.id,
        lead=lead.id if lead else None,
        kind=touch.kind,
        by=touch.by,
        at=touch.at,
        now=now,
    )
    if lead is None:
        facts.park(connection, "touch", touch.id, named(touch))
        return answer({"lead_id": None, "duplicate": False})
    changed = after_touch(lead, kind=touch.kind, at=touch.at)
    resettle(connection, parts, open_case(changed), now)
    settle_missed(connection, parts, lead.id, now)
    return answer({"lead_id": lead.id, "duplicate": False})


async def take_outcome(parts: Parts, outcome: bodies.Outcome, message: Message) -> Answer:
    """Take one outcome; a customer's lead leaves its queue."""
    named(outcome)
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        return once(
            connection,
            message,
            now,
            lambda: store_outcome(connection, parts, outcome, message.sender, now),
        )

    return await parts.store.write(work)


def store_outcome(
    connection: sa.Connection, parts: Parts, outcome: bodies.Outcome, by: str, now: datetime
) -> Answer:
    """Store an outcome, unless it is known, settle its lead anew and the offer that it names."""
    if facts.known(connection, "outcome", [outcome.id]):
        return answer({"lead_id": _find(connection, outcome), "duplicate": True})
    lead = _lock(connection, outcome)
    facts.keep_outcome(
        connection,
        id=outcome.id,
        lead=lead.id if lead else None,
        kind=outcome.kind,
        at=outcome.at,
        body=outcome.model_dump_json(exclude_none=True),
        now=now,
    )
    if lead is None:
        facts.park(connection, "outcome", outcome.id, named(outcome))
        return answer({"lead_id": None, "duplicate": False})
    changed = after_outcome(lead, kind=outcome.kind, at=outcome.at)
    if changed.outcome == "converted" and lead.account:
        accounts.starts_paying(connection, lead.account, outcome.at, now)
    resettle(connection, parts, open_case(changed), now)
    link_customer(connection, lead.id, outcome)
    settled = settle_named(connection, parts, lead, outcome, by, now)
    return answer({"lead_id": lead.id, "duplicate": False, "offer": settled})


def resettle(connection: sa.Connection, parts: Parts, case: Case, now: datetime) -> StoredLead:
    """Settle a lead that changed and store it; the worker decides at once about an offer.

    So offers follow from all that is known, in whatever order it came, and a call never waits
    for one.
    """
    return _resettled(connection, parts, case, now, decide_at=now).stored


def look_again(connection: sa.Connection, parts: Parts, case: Case, now: datetime) -> None:
    """Settle a lead whose date has come, and issue its offer when one is due."""
    settled = _resettled(connection, parts, case, now, decide_at=None)
    if settled.stored.lane == "offer":
        offer_if_due(connection, parts, settled, now)


def _resettled(
    connection: sa.Connection,
    parts: Parts,
    case: Case,
    now: datetime,
    *,
    decide_at: datetime | None,
) -> Settled:
    before = case.stored.hundredths
    settled = settle(connection, parts, case, as_of=now, now=now)
    if settled.stored.lane == "offer" and decide_at is not None:
        stored = settled.stored._replace(look_again_at=decide_at)
        settled = replace(settled, stored=stored)
    stored = settled.stored
    leads.update(connection, stored)
    if stored.hundredths != before and settled.score is not None:
        leads.keep_score(connection, lead=stored.id, score=stored.score, at=now)
    return settled


def store_events(
    connection: sa.Connection,
    parts: Parts,
    batch: Sequence[bodies.Event],
    rejected: Sequence[RejectedEvent],
    now: datetime,
) -> Answer:
    """Store those of a batch that are new, and settle their leads anew."""
    seen = facts.known(connection, "event", [event.id for event in batch])
    duplicates = 0
    new: list[StoredEvent] = []
    by_lead: dict[str, list[StoredEvent]] = {}
    whose: dict[object, str | None] = {}
    for event in batch:
        if event.id in seen:
            duplicates += 1
            continue
        seen.add(event.id)
        ids = identity.person_ids(event.external_ids)
        named = event.lead_id or ids
        if named not in whose:
            whose[named] = identity.find(connection, lead=event.lead_id, ids=ids)
        stored = _stored(event, whose[named], now)
        new.append(stored)
        if stored.lead is None:
            names = identity.waits_under(lead=event.lead_id, ids=ids)
            facts.park(connection, "event", event.id, names)
        else:
            by_lead.setdefault(stored.lead, []).append(stored)
    facts.keep_events(connection, new)
    for lead_id in sorted(by_lead):  # always in one order, so that two batches cannot deadlock
        _count(connection, parts, lead_id, by_lead[lead_id], now)
    parts.metrics.events.labels("accepted").inc(len(new))
    return answer(
        {
            "accepted": len(new),
            "duplicates": duplicates,
            "rejected": [{"index": r.index, "code": r.code, "path": r.path} for r in rejected],
        }
    )


def _count(
    connection: sa.Connection,
    parts: Parts,
    lead_id: str,
    new: Sequence[StoredEvent],
    now: datetime,
) -> None:
    lead = leads.lock(connection, lead_id)
    assert lead is not None
    case = open_case(lead)
    rollup = case.rollup or Rollup()
    for event in new:
        rollup.add(event.as_event(lead_id))
    hot_at = max(lead.hot_at, *(min(event.at, now) for event in new))
    stored = lead._replace(rollup=to_text(rollup.to_json()), hot_at=hot_at)
    resettle(connection, parts, replace(case, stored=stored, rollup=rollup), now)


def _stored(event: bodies.Event, lead: str | None, now: datetime) -> StoredEvent:
    return StoredEvent(
        id=event.id,
        lead=lead,
        name=event.name,
        at=event.at,
        received_at=now,
        known_at=max(event.at, now),
        properties=None if event.properties is None else to_text(event.properties),
    )


def named(fact: bodies.Touch | bodies.Outcome) -> identity.ExternalIds:
    """The names under which a fact waits. Raises BadInput when it names nobody."""
    ids = identity.person_ids(fact.external_ids)
    if fact.lead_id is None and not ids:
        missing = FieldError(path="lead_id", code="missing", message="or one of external_ids")
        raise BadInput(
            "nobody_named", "it needs a lead_id or one external id", status=422, errors=[missing]
        )
    return identity.waits_under(lead=fact.lead_id, ids=ids)


def _find(connection: sa.Connection, fact: bodies.Touch | bodies.Outcome) -> str | None:
    ids = identity.person_ids(fact.external_ids)
    return identity.find(connection, lead=fact.lead_id, ids=ids)


def _lock(connection: sa.Connection, fact: bodies.Touch | bodies.Outcome) -> StoredLead | None:
    found = _find(connection, fact)
    return None if found is None else leads.lock(connection, found)
