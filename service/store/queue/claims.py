"""Claims: a waiting lead leased to one rep by conditional update, fenced by a version.

Whoever changes a lead locks it first and its place after; so does the end of a claim here, or
the two would wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import IS_CALLED_BACK, IS_TAKEN, IS_WAITING, claims, leads, queue
from service.store.queue.queue import ALL, COLUMNS, QueueItem, read

_LEAD_AND_PLACE = ALL.select_from(sa.join(leads, queue, leads.c.id == queue.c.lead))
_HELD = Statement(_LEAD_AND_PLACE.where(queue.c.claim == sa.bindparam("held")).with_for_update())
_NOW: Any = sa.bindparam("now", type_=queue.c.due_at.type)  # an expression of any column's type


def _best(whose: Any, which: Sequence[Any], order: Any) -> Any:
    """The lead that comes first by one index; PostgreSQL skips what another claims just now."""
    return (
        sa.select(queue.c.lead)
        .where(whose, IS_WAITING, *which)
        .order_by(queue.c.rep, order)  # the index's order: PostgreSQL sorts a pool told by one half
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite has one writer
        .scalar_subquery()
    )


_MINE = queue.c.rep == sa.bindparam("mine")
_POOL = queue.c.rep.is_(None)
TAKE = (  # one round trip; each next pick is looked up only when those before found none
    sa.update(queue)
    .where(
        queue.c.lead
        == sa.func.coalesce(
            *(
                _best(whose, which, order)
                for whose in (_MINE, _POOL)
                for which, order in (
                    ((IS_CALLED_BACK, queue.c.call_back_at <= _NOW), queue.c.call_back_at),
                    ((queue.c.due_at <= _NOW,), queue.c.due_at),
                    ((), queue.c.priority.desc()),
                )
            )
        ),
        IS_WAITING,
    )
    .values(
        state="held",
        rep=sa.bindparam("mine"),
        claim=sa.bindparam("new_claim"),
        free_at=sa.bindparam("lease_until"),
        version=queue.c.version + 1,
    )
    .returning(*(queue.c[name] for name in COLUMNS))
)
_KEPT = ("id", "lead", "rep", "claimed_at", "due_at", "minutes", "gain_minor")
_TAKE = Statement(TAKE)
_KEEP = Statement(claims.insert(), _KEPT)


def _take_and_keep() -> sa.Select[Any]:
    """Both in one statement, which SQLite cannot say."""
    taken = TAKE.cte("taken")
    t = taken.c
    kept = claims.insert().from_select(
        _KEPT, sa.select(t.claim, t.lead, t.rep, _NOW, t.due_at, t.minutes, t.gain_minor)
    )
    return sa.select(taken).add_cte(kept.cte("kept"))


TAKE_AND_KEEP = _take_and_keep()
_TAKE_AND_KEEP = Statement(TAKE_AND_KEEP)
_ENDED = Statement(  # every claim asks for these first: nobody waits for who gives them back now
    _LEAD_AND_PLACE.where(IS_TAKEN, queue.c.free_at <= _NOW)
    .limit(100)
    .with_for_update(skip_locked=True)
)


def claim_next(
    connection: sa.Connection, *, rep: str, claim: str, now: datetime, lease_until: datetime
) -> QueueItem | None:
    """The rep's best lead, now leased to them; then the pool's.

    Promised calls whose time has come are first, then what is past due.

    None when nothing waits.
    """
    in_one_statement = connection.dialect.name == "postgresql"
    take = _TAKE_AND_KEEP if in_one_statement else _TAKE
    taken = read(
        take.first(connection, mine=rep, new_claim=claim, lease_until=lease_until, now=now)
    )
    if taken is not None and not in_one_statement:
        _KEEP.defer(
            connection,
            id=claim,
            lead=taken.lead,
            rep=rep,
            claimed_at=now,
            due_at=taken.due_at,
            minutes=taken.minutes,
            gain_minor=taken.gain_minor,
        )
    return taken


def claim_place(
    connection: sa.Connection,
    item: QueueItem,
    *,
    rep: str,
    claim: str,
    now: datetime,
    until: datetime,
) -> QueueItem | None:
    """A place that nobody holds, locked before, now leased to a rep; None if it moved meanwhile."""
    taken = connection.execute(
        sa.update(queue)
        .where(
            queue.c.lead == item.lead,
            queue.c.version == item.version,
            queue.c.state.in_(("waiting", "snoozed")),
        )
        .values(state="held", rep=rep, claim=claim, free_at=until, version=queue.c.version + 1)
    )
    if taken.rowcount != 1:
        return None
    kept = {"id": claim, "lead": item.lead, "rep": rep, "claimed_at": now}
    kept |= {name: getattr(item, name) for name in ("due_at", "minutes", "gain_minor")}
    connection.execute(claims.insert(), kept)
    return item._replace(
        state="held", rep=rep, claim=claim, free_at=until, version=item.version + 1
    )


def held(connection: sa.Connection, claim: str) -> QueueItem | None:
    """The place a claim holds, while it holds it; locked with its lead."""
    return read(_HELD.first(connection, held=claim))


def remove_held(connection: sa.Connection, claim: str) -> None:
    """End a place whose work is done."""
    connection.execute(sa.delete(queue).where(queue.c.claim == claim))


def extend(connection: sa.Connection, item: QueueItem, *, lease_until: datetime) -> None:
    """A longer lease, under a new version."""
    connection.execute(
        sa.update(queue)
        .where(queue.c.lead == item.lead, queue.c.version == item.version)
        .values(free_at=lease_until, version=queue.c.version + 1)
    )


def ended(connection: sa.Connection, now: datetime) -> list[QueueItem]:
    """Places whose lease or snooze has run out, locked with their leads."""
    return [QueueItem._make(row) for row in _ENDED.all(connection, now=now)]


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


_STAYS_OPEN = Statement(
    sa.select(claims.c.id)
    .where(claims.c.id == sa.bindparam("claim"), claims.c.ended_at.is_(None))
    .with_for_update(read=True)
)


def stays_open(connection: sa.Connection, claim: str) -> bool:
    """Whether a claim has not ended, nor will before this transaction does; its end is awaited."""
    return _STAYS_OPEN.first(connection, claim=claim) is not None


def find_claim(connection: sa.Connection, claim: str) -> tuple[str, str, str | None] | None:
    """A claim's lead, rep and how it ended."""
    row = connection.execute(
        sa.select(claims.c.lead, claims.c.rep, claims.c.ended).where(claims.c.id == claim)
    ).first()
    return None if row is None else (row.lead, row.rep, row.ended)


class EndedClaim(NamedTuple):
    """A claim and how it ended, with what stood before as JSON; None while it is held."""

    lead: str
    rep: str
    ended: str | None
    ended_at: datetime | None
    objection: str | None
    undo: str | None


_ENDED_CLAIM = Statement(
    sa.select(*(claims.c[name] for name in EndedClaim._fields))
    .where(claims.c.id == sa.bindparam("claim"))
    .with_for_update()
)


def find_ended(connection: sa.Connection, claim: str) -> EndedClaim | None:
    """A claim and how it ended, locked."""
    row = _ENDED_CLAIM.first(connection, claim=claim)
    return None if row is None else EndedClaim._make(row)


def keep_undo(connection: sa.Connection, claim: str, before: str) -> None:
    """Keep what stood before a claim ended, so that its end can be taken back."""
    connection.execute(sa.update(claims).where(claims.c.id == claim).values(undo=before))


def reopen(connection: sa.Connection, claim: str) -> None:
    """The claim has not ended after all."""
    ends = ("ended", "ended_at", "disposition", "objection", "note", "undo")
    change = sa.update(claims).where(claims.c.id == claim)
    connection.execute(change.values(dict.fromkeys(ends)))


def newest_of(connection: sa.Connection, lead: str) -> str | None:
    """The claim that took a lead last."""
    newest = sa.select(claims.c.id).where(claims.c.lead == lead)
    found: str | None = connection.execute(
        newest.order_by(claims.c.claimed_at.desc()).limit(1)
    ).scalar()
    return found


def last_done(connection: sa.Connection, lead: str) -> datetime | None:
    """When a rep last ended work on a lead with a disposition."""
    ended = sa.select(sa.func.max(claims.c.ended_at)).where(
        claims.c.lead == lead, claims.c.ended == "done"
    )
    found: datetime | None = connection.execute(ended).scalar()
    return found


def claims_of(connection: sa.Connection, lead: str) -> list[dict[str, Any]]:
    """Every claim of a lead, oldest first."""
    rows = connection.execute(
        sa.select(claims).where(claims.c.lead == lead).order_by(claims.c.claimed_at)
    )
    return [dict(row._mapping) for row in rows]
