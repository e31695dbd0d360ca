"""What waits to be fetched from or told to a tool; each subject once, however often asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from service.db.prepared import Statement
from service.db.tables.jobs import deliveries
from service.domain.lead_record import to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing to fetch or to tell."""

    id: str
    tool: str
    what: str
    subject: str
    lead: str | None
    body: str
    told: str | None
    state: str
    version: int
    attempts: int
    asked_at: datetime


ERASED = "erased_"
"""What the id of an erased lead begins with."""
TEST = "test"
"""What a test of a connection is of, and its subject; it is tried once."""
LEASE = timedelta(minutes=2)
"""How long a worker that is not heard of again holds what it took."""
_COLUMNS = tuple(Delivery.__slots__)
_ALL = sa.select(*(deliveries.c[name] for name in _COLUMNS))
_NEW = postgresql.insert(deliveries)  # SQLite's compiler writes the same words
_ANEW = ("state", "body", "lead", "attempts", "due_at", "asked_at", "reason")
_ASK = Statement(
    _NEW.on_conflict_do_update(
        index_elements=["id"],
        set_={name: _NEW.excluded[name] for name in _ANEW} | {"version": deliveries.c.version + 1},
    ),
    ("id", "tool", "what", "subject", "version", *_ANEW),
)


def id_of(tool: str, what: str, subject: str) -> str:
    """The id of the one delivery of a subject."""
    return f"{tool}:{what}:{subject}"


def ask(
    connection: sa.Connection,
    tool: str,
    what: str,
    subject: str,
    *,
    now: datetime,
    lead: str | None = None,
    body: str = "{}",
) -> str:
    """Ask for it, again if it was done before; its id."""
    id = id_of(tool, what, subject)
    _ASK.run(
        connection,
        id=id,
        tool=tool,
        what=what,
        subject=subject,
        lead=lead,
        body=body,
        state="due",
        version=1,
        attempts=0,
        due_at=now,
        reason=None,
        asked_at=now,
    )
    return id


def hurry(connection: sa.Connection, id: str, now: datetime) -> bool:
    """Whether it waits or is being made; what waits for its next try is due at once."""
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id == id, deliveries.c.state == "due", deliveries.c.due_at > now)
        .values(due_at=now)
    )
    found = find(connection, id)
    return found is not None and found.state in ("due", "sending")


def find(connection: sa.Connection, id: str) -> Delivery | None:
    """One delivery."""
    row = connection.execute(_ALL.where(deliveries.c.id == id)).first()
    return None if row is None else Delivery(**row._mapping)


def is_any_due(connection: sa.Connection, *, now: datetime, but_for: str | None = None) -> bool:
    """Whether anything is due, `but_for` a tool that is left alone."""
    query = sa.select(deliveries.c.id).where(_is_due(now)).limit(1)
    if but_for is not None:
        query = query.where(deliveries.c.tool != but_for)
    return connection.execute(query).first() is not None


def is_unread(connection: sa.Connection, lead: str, contacts: Sequence[str]) -> bool:
    """Whether HubSpot said something of this lead that it could not be asked about yet.

    Of a deal nobody knows whose it is before it was fetched, so it may be this lead's.
    """
    waits = deliveries.c.state.in_(("due", "sending"))
    of_contact = deliveries.c.id.in_([f"hubspot:contact:{contact}" for contact in contacts])
    lookup = sa.and_(waits, deliveries.c.id == f"hubspot:lookup:{lead}")
    deal = sa.and_(waits, deliveries.c.tool == "hubspot", deliveries.c.what == "deal")
    unread = sa.or_(sa.and_(of_contact, deliveries.c.state != "done"), lookup, deal)
    return connection.execute(sa.select(deliveries.c.id).where(unread).limit(1)).first() is not None


def told_of(connection: sa.Connection, tool: str, what: str) -> list[str | None]:
    """What each delivery of a kind was answered last."""
    c = deliveries.c
    query = sa.select(c.told).where(c.tool == tool, c.what == what)
    return list(connection.execute(query).scalars())


def pay_url(connection: sa.Connection, offer: str, now: datetime) -> str | None:
    """Where an accepted offer is paid, while its checkout is open."""
    made = find(connection, f"stripe:checkout:{offer}")
    told = {} if made is None or made.told is None else json.loads(made.told)
    url, ends = told.get("url"), told.get("ends", 0)
    is_open = isinstance(url, str) and url.startswith("https://") and now.timestamp() < ends
    return url if is_open else None


def claim(
    connection: sa.Connection,
    *,
    now: datetime,
    limit: int,
    only: str | None = None,
    but_for: str | None = None,
    kind: tuple[str, str] | None = None,
    told: Callable[[Delivery], str | None] = attrgetter("told"),
) -> list[Delivery]:
    """What is due, `but_for` a tool or of one `kind` (a tool and what), held for a while.

    The first due first; of one due time, what was asked for first, and by its id at last.
    What a lost worker held comes again. `told` is what a row says of its last telling while it is
    held; those that are returned say what they said.
    """
    first = (deliveries.c.due_at, deliveries.c.asked_at, deliveries.c.id)
    query = _ALL.where(_is_due(now)).order_by(*first)
    if only is not None:
        query = query.where(deliveries.c.id == only)
    if but_for is not None:
        query = query.where(deliveries.c.tool != but_for)
    if kind is not None:
        query = query.where(deliveries.c.tool == kind[0], deliveries.c.what == kind[1])
    query = query.limit(limit).with_for_update(skip_locked=True)
    found = [Delivery(**row._mapping) for row in connection.execute(query)]
    for one in found:
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id == one.id)
            .values(state="sending", due_at=now + LEASE, attempts=one.attempts + 1, told=told(one))
        )
    return found


def end(
    connection: sa.Connection, one: Delivery, *, state: str, told: str | None, reason: str | None
) -> bool:
    """Whether it now is done or has failed: not if it was asked for again meanwhile."""
    return _change(connection, one, {"state": state, "told": told or one.told, "reason": reason})


def try_again(connection: sa.Connection, one: Delivery, *, at: datetime, reason: str) -> None:
    """Not now; the other things of this tool that are due wait as long."""
    _change(connection, one, {"state": "due", "due_at": at, "reason": reason})


def put_off(
    connection: sa.Connection,
    one: Delivery,
    *,
    until: datetime,
    reason: str | None = None,
    told: str | None = None,
) -> None:
    """Not before then, as if it had not been tried; `told` puts back what it said before."""
    values = {"state": "due", "due_at": until, "attempts": one.attempts, "reason": reason}
    _change(connection, one, values if told is None else values | {"told": told})


def put_told(connection: sa.Connection, id: str, told: str) -> None:
    """Another word of what a tool was told last."""
    connection.execute(sa.update(deliveries).where(deliveries.c.id == id).values(told=told))


def forget_told(connection: sa.Connection, id: str, told: str) -> None:
    """Have the next asking say something new, whatever it says; `told` is what is known then."""
    values = {"told": told, "body": "{}"}
    connection.execute(sa.update(deliveries).where(deliveries.c.id == id).values(values))


def forget_erased(connection: sa.Connection, one: Delivery) -> None:
    """Take out what was told of a lead that is erased by now: the id of its contact is in it."""
    if one.lead is not None and one.lead.startswith(ERASED):
        connection.execute(sa.delete(deliveries).where(deliveries.c.id == one.id))


def hold(connection: sa.Connection, tool: str, until: datetime) -> None:
    """A tool that says it is too much gets nothing until then."""
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.tool == tool, deliveries.c.state == "due", deliveries.c.due_at < until)
        .values(due_at=until)
    )


def try_failed(connection: sa.Connection, tool: str, now: datetime) -> int:
    """Make what failed of a tool due again, as it was asked for; how much that is."""
    failed = sa.and_(deliveries.c.tool == tool, deliveries.c.state == "failed")
    again = {"state": "due", "attempts": 0, "due_at": now, "reason": None}
    return connection.execute(sa.update(deliveries).where(failed).values(again)).rowcount


def deliver_again(connection: sa.Connection, id: str, now: datetime) -> None:
    """Make what was delivered, or failed, due once more, as the same asking."""
    ended = sa.and_(deliveries.c.id == id, deliveries.c.state.in_(("done", "failed")))
    again = {"state": "due", "attempts": 0, "due_at": now, "reason": None}
    connection.execute(sa.update(deliveries).where(ended).values(again))


def trouble(
    connection: sa.Connection, tool: str, before: datetime
) -> list[tuple[str, str | None, int]]:
    """What of a tool failed, or waits since before a moment: its state, the reason, how much."""
    c = deliveries.c
    waits = sa.and_(c.state.in_(("due", "sending")), c.asked_at < before)
    query = sa.select(c.state, c.reason, sa.func.count()).where(
        c.tool == tool, sa.or_(c.state == "failed", waits)
    )
    rows = connection.execute(query.group_by(c.state, c.reason).order_by(sa.func.count().desc()))
    return [("failed" if row[0] == "failed" else "late", row[1], int(row[2])) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What of one tool is not told or fetched yet."""

    count: int
    since: datetime
    """When the oldest of it was asked for."""
    next_at: datetime
    """When the first is tried."""
    failing: int
    """How many were tried and failed."""
    failing_since: datetime | None
    """When the oldest of these was asked for."""
    reason: str | None
    """Why one of these failed last."""


def backlog(connection: sa.Connection) -> dict[str, Backlog]:
    """What waits, by tool; nothing of a tool for which nothing does."""
    c = deliveries.c
    tried = c.reason.is_not(None)
    query = (
        sa.select(
            c.tool,
            sa.func.count().label("count"),
            sa.func.min(c.asked_at).label("since"),
            sa.func.min(c.due_at).label("next_at"),
            sa.func.count(sa.case((tried, 1))).label("failing"),
            sa.func.min(sa.case((tried, c.asked_at))).label("failing_since"),
            sa.func.max(sa.case((tried, c.reason))).label("reason"),
        )
        .where(c.state.in_(("due", "sending")), c.subject != "")  # a step's mark is no delivery
        .group_by(c.tool)
    )
    rows = (dict(row._mapping) for row in connection.execute(query))
    return {row.pop("tool"): Backlog(**row) for row in rows}


def given_up(connection: sa.Connection, *, but_for: str) -> dict[str, int]:
    """How much failed for good, by tool, `but_for` a reason; a test is over once it was tried."""
    c = deliveries.c
    query = sa.select(c.tool, sa.func.count()).where(
        c.state == "failed", c.what != TEST, sa.or_(c.reason.is_(None), c.reason != but_for)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query.group_by(c.tool))}


def put_mark(connection: sa.Connection, id: str, told: str, now: datetime) -> None:
    """How far something was looked at."""
    again = sa.update(deliveries).where(deliveries.c.id == id).values(told=told)
    if connection.execute(again).rowcount == 0:
        tool, what, *_ = id.split(":")
        connection.execute(
            deliveries.insert(),
            {
                "id": id,
                "tool": tool,
                "what": what,
                "subject": "",
                "lead": None,
                "body": "{}",
                "told": told,
                "state": "done",
                "version": 1,
                "attempts": 0,
                "due_at": now,
                "reason": None,
                "asked_at": now,
            },
        )


def forget_mark(connection: sa.Connection, id: str) -> None:
    """Take a mark out, if there is one."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.id == id))


def forget_marks(connection: sa.Connection, ids: Sequence[str], named: str) -> None:
    """Take out those of these marks that name something."""
    names_it = deliveries.c.told.contains(to_text(named), autoescape=True)
    connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(ids), names_it))


def waiting(connection: sa.Connection) -> list[tuple[str, str, int]]:
    """How many deliveries there are by tool and state."""
    c = deliveries.c
    counted = sa.select(c.tool, c.state, sa.func.count()).group_by(c.tool, c.state)
    return [(row[0], row[1], int(row[2])) for row in connection.execute(counted)]


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Whether it waits and its time has come, or a clock that ran ahead has held it."""
    c = deliveries.c
    is_held = sa.and_(c.state == "sending", c.due_at > now + 2 * LEASE)
    return sa.and_(c.state.in_(("due", "sending")), sa.or_(c.due_at <= now, is_held))


def _change(connection: sa.Connection, one: Delivery, values: dict[str, object]) -> bool:
    changed = connection.execute(
        sa.update(deliveries)
        .where(
            deliveries.c.id == one.id,
            deliveries.c.version == one.version,
            deliveries.c.state == "sending",
            deliveries.c.attempts == one.attempts + 1,  # counted by the claim it is held by
        )
        .values(values)
    )
    return changed.rowcount == 1
