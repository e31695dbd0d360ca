"""The reps' queues: a row a waiting lead, claimed by conditional update, fenced by a version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.store.schema import claims, leads, queue, reps
from service.store.statements import Row, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
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

    @property
    def passed_by_reps(self) -> tuple[str, ...]:
        """The reps who let it pass its due time, oldest first."""
        return tuple(json.loads(self.passed_by))


_COLUMNS = tuple(QueueItem.__slots__)
_ALL = sa.select(*(queue.c[name] for name in _COLUMNS))
_BY_LEAD = Statement(_ALL.where(queue.c.lead == sa.bindparam("lead_id")))
_HELD = Statement(_ALL.where(queue.c.claim == sa.bindparam("held")).with_for_update())
_INSERT = Statement(queue.insert(), _COLUMNS)
_NOW: Any = sa.bindparam("now", type_=queue.c.due_at.type)  # an expression of any column's type
_REKEY = Statement(
    sa.update(queue)
    .where(queue.c.lead == sa.bindparam("lead_id"))
    .values({n: sa.bindparam(f"_{n}") for n in ("priority", "gain_minor", "minutes", "due_at")})
)


def _best(whose: Any, overdue: Sequence[Any], order: Any) -> Any:
    """The lead that comes first by one index; PostgreSQL skips what another claims just now."""
    return (
        sa.select(queue.c.lead)
        .where(whose, queue.c.state == "waiting", *overdue)
        .order_by(order)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite has one writer
        .scalar_subquery()
    )


_MINE = queue.c.rep == sa.bindparam("mine")
_POOL = queue.c.rep.is_(None)
_TAKE = Statement(  # one round trip; each next pick is looked up only when those before found none
    sa.update(queue)
    .where(
        queue.c.lead
        == sa.func.coalesce(
            *(
                _best(whose, overdue, order)
                for whose in (_MINE, _POOL)
                for overdue, order in (
                    ((queue.c.due_at <= _NOW,), queue.c.due_at),
                    ((), queue.c.priority.desc()),
                )
            )
        ),
        queue.c.state == "waiting",
    )
    .values(
        state="held",
        rep=sa.bindparam("mine"),
        claim=sa.bindparam("new_claim"),
        free_at=sa.bindparam("lease_until"),
        version=queue.c.version + 1,
    )
    .returning(*(queue.c[name] for name in _COLUMNS))
)
_KEEP_CLAIM = Statement(
    claims.insert(), ("id", "lead", "rep", "claimed_at", "minutes", "gain_minor")
)
_ENDED = Statement(
    _ALL.where(
        sa.or_(queue.c.state == "held", queue.c.state == "snoozed"), queue.c.free_at <= _NOW
    ).limit(100)
)


def find(connection: sa.Connection, lead: str) -> QueueItem | None:
    """A lead's place, if it has one."""
    return _read(_BY_LEAD.first(connection, lead_id=lead))


def enter(connection: sa.Connection, item: QueueItem) -> None:
    """A new place, at the job's end."""
    _INSERT.later(connection, **{name: getattr(item, name) for name in _COLUMNS})


def rekey(
    connection: sa.Connection,
    lead: str,
    *,
    priority: float,
    gain_minor: int,
    minutes: int,
    due_at: datetime,
) -> None:
    """Move a lead to where its new behaviour puts it."""
    _REKEY.run(
        connection, lead_id=lead,
        _priority=priority, _gain_minor=gain_minor, _minutes=minutes, _due_at=due_at,
    )  # fmt: skip


def leave(connection: sa.Connection, lead: str) -> None:
    """Take a lead out of its queue, unless a rep holds it."""
    connection.execute(sa.delete(queue).where(queue.c.lead == lead, queue.c.state != "held"))


def claim_next(
    connection: sa.Connection, *, rep: str, claim: str, now: datetime, lease_until: datetime
) -> QueueItem | None:
    """The rep's best lead, now leased to them; past due ones first, then the pool's.

    None when nothing waits.
    """
    taken = _read(
        _TAKE.first(connection, mine=rep, new_claim=claim, lease_until=lease_until, now=now)
    )
    if taken is not None:
        _KEEP_CLAIM.later(
            connection, id=claim, lead=taken.lead, rep=rep, claimed_at=now,
            minutes=taken.minutes, gain_minor=taken.gain_minor,
        )  # fmt: skip
    return taken


def held(connection: sa.Connection, claim: str) -> QueueItem | None:
    """The place a claim holds, while it holds it."""
    return _read(_HELD.first(connection, held=claim))


def remove_held(connection: sa.Connection, claim: str) -> None:
    """End a place whose work is done."""
    connection.execute(sa.delete(queue).where(queue.c.claim == claim))


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


def extend(connection: sa.Connection, item: QueueItem, *, lease_until: datetime) -> None:
    """A longer lease, under a new version."""
    connection.execute(
        sa.update(queue)
        .where(queue.c.lead == item.lead, queue.c.version == item.version)
        .values(free_at=lease_until, version=queue.c.version + 1)
    )


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


def breached(connection: sa.Connection, now: datetime, *, limit: int) -> list[str]:
    """Leads that wait, though they should have been answered by now; longest ago first.

    What nobody took from the pool either is left where it is.
    """
    rows = connection.execute(
        sa.select(queue.c.lead)
        .join_from(queue, leads, queue.c.lead == leads.c.id)
        .where(
            queue.c.state == "waiting",
            queue.c.due_at <= now,
            sa.or_(queue.c.rep.is_not(None), leads.c.unclaimed_at.is_(None)),
        )
        .order_by(queue.c.due_at, queue.c.lead)
        .limit(limit)
    )
    return list(rows.scalars())


def with_absent(connection: sa.Connection, *, limit: int) -> list[str]:
    """Leads that wait for a rep who is away or paused."""
    absent = connection.execute(
        sa.select(reps.c.id).where(
            sa.or_(reps.c.available.is_(False), reps.c.paused_at.is_not(None))
        )
    )
    found: list[str] = []
    for rep in list(absent.scalars()):
        rows = connection.execute(
            sa.select(queue.c.lead)
            .where(queue.c.rep == rep, queue.c.state == "waiting")
            .order_by(queue.c.due_at)
            .limit(limit - len(found))
        )
        found += rows.scalars()
    return found


def is_silent(connection: sa.Connection, rep: str, *, since: datetime) -> bool:
    """Whether a rep neither took nor ended any work since then."""
    acted = connection.execute(
        sa.select(claims.c.id)
        .where(
            claims.c.rep == rep,
            sa.or_(
                claims.c.claimed_at > since,
                sa.and_(claims.c.ended_at > since, claims.c.ended != "expired"),
            ),
        )
        .limit(1)
    )
    return acted.first() is None


def ended(connection: sa.Connection, now: datetime) -> list[QueueItem]:
    """Places whose lease or snooze has run out."""
    return [
        QueueItem(**dict(zip(_COLUMNS, row, strict=True)))
        for row in _ENDED.all(connection, now=now)
    ]


def end_claim(
    connection: sa.Connection,
    claim: str,
    *,
    how: str,
    now: datetime,
    disposition: str | None = None,
    objection: str | None = None,
    note: str | None = None,
) -> None:
    """Write down how a claim ended."""
    connection.execute(
        sa.update(claims)
        .where(claims.c.id == claim, claims.c.ended_at.is_(None))
        .values(ended=how, ended_at=now, disposition=disposition, objection=objection, note=note)
    )


def find_claim(connection: sa.Connection, claim: str) -> tuple[str, str, str | None] | None:
    """A claim's lead, rep and how it ended."""
    row = connection.execute(
        sa.select(claims.c.lead, claims.c.rep, claims.c.ended).where(claims.c.id == claim)
    ).first()
    return None if row is None else (row.lead, row.rep, row.ended)


def claims_of(connection: sa.Connection, lead: str) -> list[dict[str, Any]]:
    """Every claim of a lead, oldest first."""
    rows = connection.execute(
        sa.select(claims).where(claims.c.lead == lead).order_by(claims.c.claimed_at)
    )
    return [dict(row._mapping) for row in rows]


_SHOWN_OF_LEAD = ("record", "contact", "score", "hot_at", "lane_why", "account")


def page(
    connection: sa.Connection, rep: str, *, now: datetime, limit: int
) -> list[tuple[QueueItem, dict[str, Any]]]:
    """A rep's places in the order they will come, each with what a rep needs to see of its lead.

    Held ones, late ones by due time, waiting ones by priority, then the snoozed; each part comes
    from an index in its order, so that a page costs the same however long the queue is.
    """
    parts: tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...] = (
        ((queue.c.state == "held",), (queue.c.priority.desc(), queue.c.lead)),
        ((queue.c.state == "waiting", queue.c.due_at <= now), (queue.c.due_at, queue.c.lead)),
        (
            (queue.c.state == "waiting", queue.c.due_at > now),
            (queue.c.priority.desc(), queue.c.lead),
        ),
        ((queue.c.state == "snoozed",), (queue.c.priority.desc(), queue.c.lead)),
    )
    found: list[tuple[QueueItem, dict[str, Any]]] = []
    for conditions, order in parts:
        if len(found) == limit:
            break
        found += _page_part(connection, rep, conditions, order, limit - len(found))
    return found


def _page_part(
    connection: sa.Connection,
    rep: str,
    conditions: Sequence[Any],
    order: Sequence[Any],
    limit: int,
) -> list[tuple[QueueItem, dict[str, Any]]]:
    places = (
        sa.select(queue).where(queue.c.rep == rep, *conditions).order_by(*order).limit(limit)
    ).subquery()
    rows = connection.execute(
        sa.select(
            *(places.c[name] for name in _COLUMNS),
            *(leads.c[name].label(f"lead_{name}") for name in _SHOWN_OF_LEAD),
        ).join_from(places, leads, places.c.lead == leads.c.id)
    )
    shown = [
        (
            QueueItem(**{name: row[name] for name in _COLUMNS}),
            {name: row[f"lead_{name}"] for name in _SHOWN_OF_LEAD},
        )
        for row in rows.mappings()
    ]
    is_late = order[0] is queue.c.due_at
    shown.sort(key=lambda one: (one[0].due_at if is_late else -one[0].priority, one[0].lead))
    return shown


def pool_waits(connection: sa.Connection) -> bool:
    """Whether a lead that is nobody's waits to be taken."""
    waiting = sa.select(queue.c.lead).where(queue.c.rep.is_(None), queue.c.state == "waiting")
    return connection.execute(waiting.limit(1)).first() is not None


def depth(connection: sa.Connection) -> list[tuple[str | None, str, int]]:
    """How many places there are, by rep and state."""
    rows = connection.execute(
        sa.select(queue.c.rep, queue.c.state, sa.func.count()).group_by(queue.c.rep, queue.c.state)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _read(row: Row | None) -> QueueItem | None:
    return None if row is None else QueueItem(**dict(zip(_COLUMNS, row, strict=True)))
