"""What is to be done for a redeemed offer: one task a give, for a person or a machine.

A task is *open* while it is a person's, *requested* while a machine is asked for it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.order_check import Grant
from service.db.prepared import Statement
from service.db.tables.leads import leads, offers, tasks
from service.store.offers import offers as offer_rows
from service.store.offers.offers import StoredOffer


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One give to hand over or to take back, or one get to confirm; `value` is JSON text."""

    id: str
    offer: str
    kind: str
    give: str
    value: str
    recipe: str
    state: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    due_at: datetime | None
    reason: str | None
    """What kept a machine from doing it."""
    failed_at: datetime | None


_UNFINISHED = ("open", "requested")
_COLUMNS = tuple(Task.__slots__)
_ALL = sa.select(*(tasks.c[name] for name in _COLUMNS))
_OWED = Statement(
    sa.select(tasks.c.id)
    .join_from(tasks, offers, tasks.c.offer == offers.c.id)
    .where(
        offers.c.account == sa.bindparam("of_account"),
        tasks.c.kind == "owed",
        tasks.c.state == "open",
    )
    .limit(1)
)


def add(
    connection: sa.Connection,
    offer: str,
    kind: str,
    grants: Iterable[Grant],
    now: datetime,
    *,
    about: str = "",
    due: Mapping[str, datetime] | None = None,
) -> list[str]:
    """One open task a give or get, and a case it is `about`; what is there stays as it is.

    `due` says by when, for those that have a date. The ids of those that are new.
    """
    there = {task.id for task in of_offer(connection, offer)}
    case = f"_{about}" if about else ""
    rows = [
        {
            "id": f"task_{offer}_{kind}_{grant.give}{case}",
            "offer": offer,
            "kind": kind,
            "give": grant.give,
            "value": json.dumps(grant.value, sort_keys=True),
            "recipe": grant.recipe,
            "state": "open",
            "made_at": now,
            "due_at": (due or {}).get(grant.give),
        }
        for grant in grants
        if f"task_{offer}_{kind}_{grant.give}{case}" not in there
    ]
    if rows:
        connection.execute(tasks.insert(), rows)
    return [str(row["id"]) for row in rows]


def drop(
    connection: sa.Connection,
    offer: str,
    kind: str,
    now: datetime,
    by: str,
    *,
    give: str | None = None,
) -> tuple[set[str], set[str]]:
    """Drop an offer's unfinished tasks of one kind, of one give where it is named.

    Those that were open, and the others: those were done, or a machine was asked for them and
    may have done them.
    """
    of_kind = [task for task in of_offer(connection, offer) if task.kind == kind]
    unfinished = sa.update(tasks).where(
        tasks.c.offer == offer, tasks.c.kind == kind, tasks.c.state.in_(_UNFINISHED)
    )
    if give is not None:
        unfinished = unfinished.where(tasks.c.give == give)
    connection.execute(unfinished.values(state="dropped", ended_at=now, ended_by=by))
    dropped = {task.give for task in of_kind if task.state == "open"}
    return dropped, {task.give for task in of_kind if task.state in ("requested", "done")}


def reopen(connection: sa.Connection, offer: str, kind: str, gets: Collection[str]) -> set[str]:
    """Have an offer's dropped tasks of one kind, of these gets, as they were; whose they are."""
    found = {
        task.give: task.id
        for task in of_offer(connection, offer)
        if task.kind == kind and task.state == "dropped" and task.give in gets
    }
    again = sa.update(tasks).where(tasks.c.id.in_(found.values()))
    connection.execute(again.values(state="open", ended_at=None, ended_by=None))
    return set(found)


def request(connection: sa.Connection, task: str) -> None:
    """An open task is a machine's from now on."""
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.id == task, tasks.c.state == "open")
        .values(state="requested")
    )


def leave_to_person(connection: sa.Connection, task: str, *, reason: str, now: datetime) -> bool:
    """An unfinished task is a person's from now on, who reads why; whether it was one."""
    left = connection.execute(
        sa.update(tasks)
        .where(tasks.c.id == task, tasks.c.state.in_(_UNFINISHED))
        .values(state="open", reason=reason, failed_at=now)
    )
    return left.rowcount == 1


def unanswered(connection: sa.Connection, before: datetime, *, limit: int) -> list[Task]:
    """What a machine was asked for before a moment and has not answered, the oldest first."""
    late = _ALL.where(tasks.c.state == "requested", tasks.c.made_at < before)
    rows = connection.execute(late.order_by(tasks.c.made_at, tasks.c.id).limit(limit))
    return [Task(**row._mapping) for row in rows]


def finish(connection: sa.Connection, task: str, *, by: str, now: datetime) -> Task | None:
    """Mark a task done, once; the task as it then stands."""
    connection.execute(
        sa.update(tasks)
        .where(tasks.c.id == task, tasks.c.state.in_(_UNFINISHED))
        .values(state="done", ended_at=now, ended_by=by)
    )
    return find(connection, task)


def confirmed(connection: sa.Connection, offer: str) -> dict[str, Any]:
    """The gets of an offer that somebody confirmed, and what they are."""
    done = sa.select(tasks.c.give, tasks.c.value).where(
        tasks.c.offer == offer, tasks.c.kind == "confirm", tasks.c.state == "done"
    )
    return {row.give: json.loads(row.value) for row in connection.execute(done)}


def owes(connection: sa.Connection, account: str) -> bool:
    """Whether an account promised something with an order and has not done it yet."""
    return _OWED.first(connection, of_account=account) is not None


def due_by(connection: sa.Connection, until: datetime) -> list[Task]:
    """Open tasks with a date that comes by then."""
    dated = _ALL.where(tasks.c.state == "open", tasks.c.due_at <= until)
    rows = connection.execute(dated.order_by(tasks.c.due_at, tasks.c.id))
    return [Task(**row._mapping) for row in rows]


def find(connection: sa.Connection, task: str) -> Task | None:
    """One task."""
    row = connection.execute(_ALL.where(tasks.c.id == task)).first()
    return None if row is None else Task(**row._mapping)


_ASKED = ("accepted", "question")


def asked_at(connection: sa.Connection, lead: str) -> list[datetime]:
    """When the lead asked for a rep on an offer's page: by accepting it, or by a question."""
    found = sa.select(tasks.c.made_at).join_from(tasks, offers, tasks.c.offer == offers.c.id)
    query = found.where(offers.c.lead == lead, tasks.c.kind.in_(_ASKED))
    return list(connection.execute(query).scalars())


def of_offer(connection: sa.Connection, offer: str) -> list[Task]:
    """An offer's tasks, oldest first."""
    rows = connection.execute(
        _ALL.where(tasks.c.offer == offer).order_by(tasks.c.made_at, tasks.c.id)
    )
    return [Task(**row._mapping) for row in rows]


def listed(connection: sa.Connection, *, state: str, limit: int) -> list[Task]:
    """Tasks of one state, the oldest first."""
    rows = connection.execute(
        _ALL.where(tasks.c.state == state).order_by(tasks.c.made_at, tasks.c.id).limit(limit)
    )
    return [Task(**row._mapping) for row in rows]


def open_with_offers(
    connection: sa.Connection, *, rep: str | None, limit: int
) -> list[tuple[Task, StoredOffer]]:
    """Tasks that wait for a person, the oldest first, each with its offer; of one rep's leads."""
    query = _ALL.join_from(tasks, offers, tasks.c.offer == offers.c.id)
    if rep is not None:
        query = query.join(leads, offers.c.lead == leads.c.id).where(leads.c.rep == rep)
    query = query.where(tasks.c.state == "open").order_by(tasks.c.made_at, tasks.c.id)
    found = [Task(**row._mapping) for row in connection.execute(query.limit(limit))]
    whose = offer_rows.some(connection, {task.offer for task in found})
    return [(task, whose[task.offer]) for task in found]
