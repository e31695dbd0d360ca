"""Facts of a file come in as the webhooks' do; events by the batch, as `POST /v1/events` has them.

What is known already changes nothing, and a fact of somebody unknown waits for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from service.errors import BadInput
from service.importers.rows import Row, RowError
from service.schemas.fact_warnings import IN_FUTURE, counts_at, in_future, lies_ahead
from service.schemas.facts import Event, Outcome, Touch
from service.store.leads import facts, imports, leads
from service.use_cases.intake.facts import store_new_events, store_outcome, store_touch
from service.use_cases.intake.taking import Batch
from service.use_cases.leads import identity
from service.use_cases.tx import Tx

F = TypeVar("F", Event, Touch, Outcome)


def take_events(tx: Tx, batch: Batch, rows: Sequence[Row]) -> None:
    """Take the events of some rows, each lead settled once."""
    named: dict[str, Event] = {}
    by_email: dict[str, str | None] = {}
    for row in rows:
        assert isinstance(row.body, Event)
        try:
            event = _named(tx, row.body, row.email, by_email)
            named.setdefault(event.id, event)
        except RowError as error:
            batch.refused.append((row, str(error)))
    seen = facts.known(tx.connection, "event", list(named))
    new = [event for id, event in named.items() if id not in seen]
    imports.insert_facts(tx.connection, batch.id, "event", [event.id for event in new])
    store_new_events(tx, new, before=lambda found: batch.keep_all(tx.connection, found))
    late = sum(in_future(event.at, tx.now) for event in new)
    batch.told += Counter({("at", IN_FUTURE[1]): late})
    batch.taken += len(new)
    batch.known += len(rows) - len(batch.refused) - len(new)


def take_facts(tx: Tx, batch: Batch, rows: Sequence[Row]) -> None:
    """Take the touches or outcomes of some rows."""
    for row in rows:
        try:
            assert isinstance(row.body, Touch | Outcome)
            told = row.body
            if isinstance(told, Touch):
                told = told.model_copy(update={"at": counts_at(told, tx.now)})
            is_new = take_fact(tx, batch, told, row.email)
            tx.flush()  # the next row may be about the same lead
            if is_new and (ahead := lies_ahead(row.body, tx.now)) is not None:
                batch.told += Counter({("at", ahead[1]): 1})
            batch.taken += is_new
            batch.known += not is_new
        except (RowError, BadInput) as error:
            batch.refused.append((row, str(error)))


def take_fact(tx: Tx, batch: Batch, body: Touch | Outcome, email: str | None) -> bool:
    """Take one touch or outcome; whether it said anything new. Raises RowError and BadInput."""
    what: facts.Fact
    fact: Touch | Outcome
    if isinstance(body, Touch):
        what, fact = "touch", _named(tx, body, email, {})
    else:
        what, fact = "outcome", _named(tx, body, email, {})
    if facts.known(tx.connection, what, [fact.id]):
        return False
    account = _keep(tx, batch, fact.lead_id, identity.person_ids(fact.external_ids))
    batch.keep_account(tx.connection, account)
    imports.insert_facts(tx.connection, batch.id, what, [fact.id])
    if isinstance(fact, Touch):
        store_touch(tx, fact)
    else:
        store_outcome(tx, fact, batch.id)
    return True


def _keep(tx: Tx, batch: Batch, named: str | None, ids: identity.ExternalIds) -> str | None:
    """Keep the lead that a fact names as it is, if it has signed up; its account."""
    lead_id = identity.find(tx.connection, lead=named, ids=ids)
    if lead_id is None:
        return None
    lead = leads.find(tx.connection, lead_id)
    assert lead is not None
    batch.keep(tx.connection, lead)
    return lead.account


def _named(tx: Tx, fact: F, email: str | None, by_email: dict[str, str | None]) -> F:
    """The fact with its lead, when only a mail address names it. Raises RowError."""
    if fact.lead_id is not None or fact.external_ids:
        return fact
    assert email is not None  # read_row saw to it
    if email not in by_email:
        by_email[email] = identity.by_address(tx.connection, tx.runtime, email)
    lead = by_email[email]
    if lead is None:
        raise RowError("no lead has this mail address; import its lead first")
    return fact.model_copy(update={"lead_id": lead})
