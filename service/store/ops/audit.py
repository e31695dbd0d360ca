"""Who did what to whom: every hand that touched a lead, a key or the service itself.

A line is written in the transaction it speaks of, with pseudonyms only. The worker then seals
lines in order, each with the hash of the one before (`offers.ledger`), so that writers never wait
for each other and a later change shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from offers.ledger import PERSONAL, START, Entry, first_broken
from offers.ledger import append as seal_after
from service.db.advisory_locks import AdvisoryLock, take
from service.db.prepared import Statement
from service.db.tables.leads import audit
from service.domain.actor import Actor

STORE = "store"
"""What a line about the store itself is about."""
BACKED_UP = "store.backed_up"
_NOTE = Statement(audit.insert(), ("at", "who", "role", "what", "about", "facts"))
_LAST = sa.select(audit).where(audit.c.number.is_not(None)).order_by(audit.c.number.desc()).limit(1)
_UNSEALED = sa.select(audit).where(audit.c.number.is_(None)).order_by(audit.c.id)
_SEALED = sa.select(audit).where(audit.c.number.is_not(None)).order_by(audit.c.number)


def note(
    connection: sa.Connection, actor: Actor, what: str, about: str, now: datetime, **facts: Any
) -> None:
    """One line. Raises ValueError on personal data among the facts."""
    personal = sorted(facts.keys() & PERSONAL)
    if personal:
        raise ValueError(f"personal data in the audit: leave out {', '.join(personal)}")
    _NOTE.run(
        connection,
        at=now,
        who=actor.who,
        role=actor.role,
        what=what,
        about=about,
        facts=json.dumps(facts, sort_keys=True, separators=(",", ":")),
    )


def seal(connection: sa.Connection, *, most: int = 500) -> int:
    """Chain lines that are not sealed yet; how many."""
    take(connection, AdvisoryLock.SEALING)
    rows = connection.execute(_UNSEALED.limit(most)).all()
    if not rows:
        return 0
    row = connection.execute(_LAST).first()
    last = None if row is None else _entry(row)
    for row in rows:
        last = seal_after(last, at=row.at, offer=row.about, step=row.what, facts=_told(row))
        connection.execute(
            sa.update(audit)
            .where(audit.c.id == row.id)
            .values(number=last.number, before=last.before, hash=last.hash)
        )
    return len(rows)


def end(connection: sa.Connection) -> tuple[int, str]:
    """The newest entry's number and hash; 0 and `START` before the first."""
    row = connection.execute(_LAST).first()
    return (0, START) if row is None else (row.number, row.hash)


def hash_at(connection: sa.Connection, number: int) -> str | None:
    """The hash of an entry; None when there is none of that number."""
    query = sa.select(audit.c.hash).where(audit.c.number == number)
    return connection.execute(query).scalar_one_or_none()


def broken_at(connection: sa.Connection) -> int | None:
    """The first sealed line that was changed, removed or put in; None when all hold."""
    return first_broken(_entries(connection))


def oldest_unsealed(connection: sa.Connection) -> datetime | None:
    """Since when a line waits for its seal."""
    row = connection.execute(_UNSEALED.limit(1)).first()
    return None if row is None else row.at


def last(connection: sa.Connection, what: str) -> datetime | None:
    """When something was last done to the store itself."""
    query = sa.select(audit.c.at).where(audit.c.about == STORE, audit.c.what == what)
    return connection.execute(query.order_by(audit.c.id.desc()).limit(1)).scalar()


def last_by(connection: sa.Connection, what: str, about: str) -> str | None:
    """Who did something to whom or what last."""
    query = sa.select(audit.c.who).where(audit.c.about == about, audit.c.what == what)
    return connection.execute(query.order_by(audit.c.id.desc()).limit(1)).scalar()


def newest(
    connection: sa.Connection, *, about: Iterable[str] | None = None, limit: int
) -> list[dict[str, Any]]:
    """Lines, newest first: all, or those about any of these."""
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if about is not None:
        query = query.where(audit.c.about.in_(list(about)))
    return [
        {
            "number": row.number,
            "at": row.at,
            "who": row.who,
            "role": row.role,
            "what": row.what,
            "about": row.about,
            "facts": json.loads(row.facts),
        }
        for row in connection.execute(query)
    ]


def lately(moment: datetime | None, now: datetime, within: timedelta) -> bool:
    """Whether a moment is known and no longer ago than `within`."""
    return moment is not None and now - moment <= within


def _entries(connection: sa.Connection) -> Iterator[Entry]:
    return (_entry(row) for row in connection.execute(_SEALED))


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        offer=row.about,
        step=row.what,
        facts=_told(row),
        before=row.before,
        hash=row.hash,
    )


def _told(row: sa.Row[Any]) -> dict[str, Any]:
    return {"who": row.who, "role": row.role, "facts": json.loads(row.facts)}


def unsealed_count(connection: sa.Connection) -> int:
    """How many lines wait for their seal."""
    count = sa.select(sa.func.count()).where(audit.c.number.is_(None))
    return int(connection.execute(count).scalar_one())
