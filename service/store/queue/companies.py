"""The places of one company's leads: a claim of one of them holds the others that wait."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from service.db.advisory_locks import AdvisoryLock, take
from service.db.prepared import Statement
from service.db.tables.leads import IS_TAKEN, IS_WAITING, claims, leads, queue
from service.store.queue.queue import ALL, COLLEAGUE, QueueItem

_MOST = 100
_PLACES = ALL.select_from(sa.join(leads, queue, leads.c.id == queue.c.lead))
_OF_COMPANY = leads.c.account == sa.bindparam("account")
_OTHERS = Statement(
    _PLACES.where(_OF_COMPANY, queue.c.lead != sa.bindparam("but_for")).limit(_MOST)
)
_FREE = Statement(  # what another job changes just now is left to it
    _PLACES.where(_OF_COMPANY, queue.c.lead != sa.bindparam("but_for"), IS_WAITING)
    .order_by(queue.c.priority.desc(), queue.c.lead)
    .limit(_MOST)
    .with_for_update(skip_locked=True)
)
_HELD_WITH = Statement(
    _PLACES.where(
        IS_TAKEN,
        queue.c.claim >= sa.bindparam("first_claim"),
        queue.c.claim < sa.bindparam("last_claim"),
    )
    .order_by(queue.c.priority.desc(), queue.c.lead)
    .with_for_update()
)
_HOLD = Statement(
    sa.update(queue)
    .where(queue.c.lead == sa.bindparam("held_lead"))
    .values(
        state="held",
        rep=sa.bindparam("held_by"),
        claim=sa.bindparam("held_as"),
        free_at=sa.bindparam("held_until", type_=queue.c.free_at.type),
        version=queue.c.version + 1,
    )
)


def others(connection: sa.Connection, account: str, lead: str) -> list[QueueItem]:
    """The places of a company's other leads, as they stand."""
    rows = _OTHERS.all(connection, account=account, but_for=lead)
    return [QueueItem._make(row) for row in rows]


def lock(connection: sa.Connection, account: str) -> None:
    """One claim of a company at a time."""
    take(connection, AdvisoryLock.CLAIMING_OF, of=account)


def waiting(connection: sa.Connection, account: str, lead: str) -> list[QueueItem]:
    """The waiting places of a company's other leads, best first, locked with their leads."""
    rows = _FREE.all(connection, account=account, but_for=lead)
    return [QueueItem._make(row) for row in rows]


def held_with(connection: sa.Connection, claim: str) -> list[QueueItem]:
    """The places that a claim holds beside its own, best first, locked with their leads."""
    first, last = f"{claim}{COLLEAGUE}", f"{claim}{chr(ord(COLLEAGUE) + 1)}"
    rows = _HELD_WITH.all(connection, first_claim=first, last_claim=last)
    return [QueueItem._make(row) for row in rows]


def hold(
    connection: sa.Connection, place: QueueItem, *, rep: str, claim: str, until: datetime
) -> QueueItem:
    """Let a claim hold one more place of its company."""
    own = f"{claim}{COLLEAGUE}{secrets.token_hex(4)}"
    _HOLD.run(connection, held_lead=place.lead, held_by=rep, held_as=own, held_until=until)
    return place._replace(
        state="held", rep=rep, claim=own, free_at=until, version=place.version + 1
    )


def forget_claim(connection: sa.Connection, claim: str) -> None:
    """Take back a claim of a moment ago: its lead was another rep's company."""
    connection.execute(sa.delete(claims).where(claims.c.id == claim))
