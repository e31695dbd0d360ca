"""The queues as people see them: a rep's page in its order, and how much waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from service.db.tables.leads import IS_CALLED_BACK, IS_TAKEN, IS_WAITING, leads, queue
from service.domain.lane_reasons import in_words, why_from
from service.domain.lead import score_in_words
from service.domain.lead_record import Record
from service.store.queue.queue import ALL, COLLEAGUE, COLUMNS, QueueItem

_IS_COLLEAGUE = queue.c.claim.contains(COLLEAGUE)
_OF_LEAD = ("id", "record", "contact", "score", "hot_at", "lane_why", "account")


class WaitingLead(NamedTuple):
    """What a rep needs to see of a lead in a queue."""

    id: str
    record_json: str
    contact_json: str
    score_json: str | None
    hot_at: datetime
    lane_why_json: str
    account: str | None

    @property
    def record(self) -> Record:
        """What is known of it."""
        record: Record = json.loads(self.record_json)
        return record

    @property
    def country(self) -> str | None:
        """Its country, ISO 3166 alpha-2."""
        country: str | None = json.loads(self.contact_json)["country"]
        return country

    @property
    def lane_why(self) -> str:
        """Why it is in its lane, in words."""
        return in_words(why_from(self.lane_why_json))

    @property
    def score_in_words(self) -> dict[str, Any] | None:
        """Its score as answers show it; None for who may not be scored."""
        return score_in_words(self.score_json)


def page(
    connection: sa.Connection, rep: str, *, now: datetime, limit: int
) -> list[tuple[QueueItem, WaitingLead]]:
    """A rep's places in the order they will come, each with what a rep needs to see of its lead.

    Held ones (before what a claim holds beside its lead), promised calls whose time has come,
    late ones by due time, waiting ones by priority, then the snoozed. What waits comes from an
    index in its order, so that a page costs the same however long the queue is; for the rest, what
    all reps have taken is looked through.
    """
    found: list[tuple[QueueItem, WaitingLead]] = []
    for conditions, order in _parts(now):
        if len(found) == limit:
            break
        found += _page_part(connection, rep, conditions, order, limit - len(found))
    return found


def first_places(
    connection: sa.Connection, rep: str, *, now: datetime, limit: int
) -> list[QueueItem]:
    """The places that come first in a rep's queue, in the order of `page`, without the snoozed."""
    found: list[QueueItem] = []
    for conditions, order in _parts(now)[:-1]:
        if len(found) < limit:
            query = ALL.where(queue.c.rep == rep, *conditions)
            rows = connection.execute(query.order_by(*order).limit(limit - len(found)))
            found += map(QueueItem._make, rows)
    return found


def promised(
    connection: sa.Connection, rep: str, *, now: datetime, limit: int
) -> list[tuple[QueueItem, WaitingLead]]:
    """The calls of a rep's queue that are promised and lie ahead, the next first."""
    lies_ahead = (IS_CALLED_BACK, queue.c.call_back_at > now, queue.c.state != "held")
    order = (queue.c.call_back_at, queue.c.lead)
    return _page_part(connection, rep, lies_ahead, order, limit)


def places_count(connection: sa.Connection, rep: str) -> int:
    """How many leads have a place in a rep's queue."""
    parts = (
        sa.select(sa.func.count()).where(queue.c.rep == rep, part).scalar_subquery()
        for part in (IS_WAITING, IS_TAKEN)
    )
    return int(connection.execute(sa.select(sum(parts, sa.literal(0)))).scalar_one())


def _parts(now: datetime) -> tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...]:
    """Conditions and order of what is held, promised by now, late, what waits, and the snoozed."""
    not_promised = sa.or_(queue.c.call_back_at.is_(None), queue.c.call_back_at > now)
    # `+ 0` keeps planners off the index of due times: it would find nearly all, and sort them
    not_late = queue.c.due_at.op("+")(sa.literal_column("0")) > now
    return (
        (
            (IS_TAKEN, queue.c.state == "held"),
            (_IS_COLLEAGUE, queue.c.priority.desc(), queue.c.lead),
        ),
        (
            (IS_WAITING, IS_CALLED_BACK, queue.c.call_back_at <= now),
            (queue.c.call_back_at, queue.c.lead),
        ),
        ((IS_WAITING, queue.c.due_at <= now, not_promised), (queue.c.due_at, queue.c.lead)),
        ((IS_WAITING, not_late, not_promised), (queue.c.priority.desc(), queue.c.lead)),
        ((IS_TAKEN, queue.c.state == "snoozed"), (queue.c.priority.desc(), queue.c.lead)),
    )


def _page_part(
    connection: sa.Connection, rep: str, conditions: Sequence[Any], order: Sequence[Any], limit: int
) -> list[tuple[QueueItem, WaitingLead]]:
    places = (
        sa.select(queue).where(queue.c.rep == rep, *conditions).order_by(*order).limit(limit)
    ).subquery()
    rows = connection.execute(
        sa.select(
            *(places.c[name] for name in COLUMNS),
            *(leads.c[name].label(f"lead_{name}") for name in _OF_LEAD),
        ).join_from(places, leads, places.c.lead == leads.c.id)
    )
    shown = [
        (
            QueueItem(**{name: row[name] for name in COLUMNS}),
            WaitingLead(*(row[f"lead_{name}"] for name in _OF_LEAD)),
        )
        for row in rows.mappings()
    ]
    by_time = order[0].name if isinstance(order[0], sa.Column) else None
    shown.sort(
        key=lambda one: (
            one[0].is_colleague,
            -one[0].priority if by_time is None else getattr(one[0], by_time),
            one[0].lead,
        )
    )
    return shown


def pool_waits(connection: sa.Connection) -> bool:
    """Whether a lead that is nobody's waits to be taken."""
    waiting = sa.select(queue.c.lead).where(queue.c.rep.is_(None), IS_WAITING)
    return connection.execute(waiting.limit(1)).first() is not None


def depth(connection: sa.Connection) -> list[tuple[str | None, str, int]]:
    """How many places there are, by rep and state."""
    waits = sa.select(queue.c.rep, sa.literal_column("'waiting'"), sa.func.count())
    taken = sa.select(queue.c.rep, queue.c.state, sa.func.count()).where(IS_TAKEN)
    rows = connection.execute(
        sa.union_all(
            waits.where(IS_WAITING).group_by(queue.c.rep),
            taken.group_by(queue.c.rep, queue.c.state),
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def oldest_waiting(connection: sa.Connection) -> datetime | None:
    """When the lead that has waited longest came into a queue."""
    return connection.execute(sa.select(sa.func.min(queue.c.entered_at)).where(IS_WAITING)).scalar()


def overdue_count(connection: sa.Connection, now: datetime) -> int:
    """How many waiting leads are past their due time."""
    count = sa.select(sa.func.count()).where(IS_WAITING, queue.c.due_at < now)
    return int(connection.execute(count).scalar_one())


def leases_ended_before(connection: sa.Connection, at: datetime) -> int:
    """How many leads are still held though their lease ended before a moment."""
    ended = sa.select(sa.func.count()).where(
        IS_TAKEN, queue.c.state == "held", queue.c.free_at < at
    )
    return int(connection.execute(ended).scalar_one())
