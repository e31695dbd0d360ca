"""A rep ended the work on a lead in another tool: their claim ends as if they had said so here.

Who never claimed the lead here, and worked on it there, claims it and is done in one step.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from service.domain.priority import Disposition
from service.store.leads import leads
from service.store.queue import claims, queue
from service.store.queue.queue import QueueItem
from service.use_cases.queue.claims import ClaimStep, done
from service.use_cases.tx import Tx


def done_elsewhere(tx: Tx, lead_id: str, disposition: Disposition) -> ClaimStep | None:
    """How the claim ended; None where the lead waits for no rep any more."""
    if leads.lock(tx.connection, lead_id) is None:
        return None
    place = queue.find(tx.connection, lead_id)
    if place is None or place.rep is None:
        return None
    held = _held(tx, place, place.rep)
    if held is None or held.claim is None:
        return None
    return done(tx, held.claim, place.rep, version=held.version, disposition=disposition)


def _held(tx: Tx, place: QueueItem, rep: str) -> QueueItem | None:
    """The place as its rep holds it now, whatever became of their lease."""
    until = tx.now + timedelta(seconds=tx.runtime.settings.lease_seconds)
    if place.state != "held":
        claim = f"claim_{secrets.token_hex(10)}"
        return claims.claim_place(
            tx.connection, place, rep=rep, claim=claim, now=tx.now, until=until
        )
    if place.free_at is not None and place.free_at <= tx.now:  # they were at work all the same
        claims.extend(tx.connection, place, lease_until=until)
        return place._replace(version=place.version + 1, free_at=until)
    return place
