"""The reps' queues: a row a lead; how it enters, moves and leaves. `claims` leases it to a rep."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from service.db.prepared import Row, Statement
from service.db.tables.leads import queue

COLLEAGUE = ":"
"""Between a claim and what makes it a claim of one more lead of the company."""


def main_claim(claim: str) -> str:
    """The claim that a rep took, of one that holds a colleague with it."""
    return claim.partition(COLLEAGUE)[0]


class QueueItem(NamedTuple):
    """A lead's place in a rep's queue, or in the pool (`rep` None)."""

    lead: str
    rep: str | None
    state: str
    priority: float
    gain_minor: int
    minutes: int
    due_at: datetime
    free_at: datetime | None
    claim: str | None
    version: int
    entered_at: datetime
    returned: int
    assigned_at: datetime | None
    passed_by: str
    call_back_at: datetime | None = None
    """When the call that a rep promised is due."""

    @property
    def is_colleague(self) -> bool:
        """Whether it is held only because a claim of its company holds it too."""
        return self.claim is not None and main_claim(self.claim) != self.claim

    @property
    def passed_by_reps(self) -> tuple[str, ...]:
        """The reps who let it pass its due time, oldest first."""
        return tuple(json.loads(self.passed_by))


COLUMNS = QueueItem._fields
ALL = sa.select(*(queue.c[name] for name in COLUMNS))
_BY_LEAD = Statement(ALL.where(queue.c.lead == sa.bindparam("lead_id")))
_LOCK_IF_FREE = Statement(
    ALL.where(queue.c.lead == sa.bindparam("lead_id")).with_for_update(skip_locked=True)
)
_INSERT = Statement(queue.insert(), COLUMNS)
_REKEYED = ("priority", "gain_minor", "minutes", "due_at", "call_back_at")
_REKEY = Statement(
    sa.update(queue)
    .where(queue.c.lead == sa.bindparam("lead_id"))
    .values({n: sa.bindparam(f"_{n}") for n in _REKEYED})
)


def find(connection: sa.Connection, lead: str) -> QueueItem | None:
    """A lead's place, if it has one."""
    return read(_BY_LEAD.first(connection, lead_id=lead))


def lock_if_free(connection: sa.Connection, lead: str) -> QueueItem | None:
    """A lead's place, held until the transaction ends; None where another takes it just now."""
    return read(_LOCK_IF_FREE.first(connection, lead_id=lead))


def places_of(connection: sa.Connection, leads: Iterable[str]) -> dict[str, QueueItem]:
    """The places of those of many leads that have one."""
    rows = connection.execute(ALL.where(queue.c.lead.in_(set(leads))))
    return {row.lead: QueueItem._make(row) for row in rows}


def enter(connection: sa.Connection, item: QueueItem) -> None:
    """A new place, at the job's end."""
    _INSERT.defer(connection, **item._asdict())


def rekey(
    connection: sa.Connection,
    lead: str,
    *,
    priority: float,
    gain_minor: int,
    minutes: int,
    due_at: datetime,
    call_back_at: datetime | None,
) -> None:
    """Move a lead to where its new behaviour, or a promised call, puts it."""
    _REKEY.run(
        connection,
        lead_id=lead,
        _priority=priority,
        _gain_minor=gain_minor,
        _minutes=minutes,
        _due_at=due_at,
        _call_back_at=call_back_at,
    )


def leave(connection: sa.Connection, lead: str) -> None:
    """Take a lead out of its queue, unless a rep holds it."""
    connection.execute(sa.delete(queue).where(queue.c.lead == lead, queue.c.state != "held"))


def put_back(
    connection: sa.Connection,
    item: QueueItem,
    *,
    until: datetime | None,
    returned: int,
    due_at: datetime | None = None,
) -> None:
    """Give a held or snoozed place back: at once, or asleep until a time, due anew if told."""
    connection.execute(
        sa.update(queue)
        .where(queue.c.lead == item.lead, queue.c.version == item.version)
        .values(
            state="waiting" if until is None else "snoozed",
            claim=None,
            free_at=until,
            version=queue.c.version + 1,
            returned=returned,
            due_at=due_at or item.due_at,
        )
    )


def hold_again(
    connection: sa.Connection,
    place: QueueItem,
    *,
    rep: str,
    claim: str,
    until: datetime,
    due_at: datetime | None,
) -> bool:
    """Whether a place that nobody holds is held by a claim of before again."""
    held = connection.execute(
        sa.update(queue)
        .where(
            queue.c.lead == place.lead, queue.c.version == place.version, queue.c.state != "held"
        )
        .values(
            state="held",
            rep=rep,
            claim=claim,
            free_at=until,
            version=queue.c.version + 1,
            due_at=due_at or place.due_at,
        )
    )
    return held.rowcount == 1


def hand_over(
    connection: sa.Connection,
    place: QueueItem,
    rep: str | None,
    *,
    due_at: datetime,
    passed_by: Sequence[str],
    now: datetime,
) -> None:
    """Move a waiting lead to another rep's queue, or to the pool, with a due time of its own."""
    connection.execute(
        sa.update(queue)
        .where(queue.c.lead == place.lead, queue.c.state != "held")
        .values(rep=rep, assigned_at=now, due_at=due_at, passed_by=json.dumps(list(passed_by)))
    )


def read(row: Row | None) -> QueueItem | None:
    """The place of one row of `ALL`."""
    return None if row is None else QueueItem._make(row)
