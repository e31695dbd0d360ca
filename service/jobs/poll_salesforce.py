"""Asks Salesforce what changed, and takes it: a kind of record at a time, page by page.

A delivery `salesforce:poll:KIND` is one pass, so that one worker makes it and a busy tool is asked
again later. How far it came stands in the mark of the kind, moved on in the transaction that stores
the rows: who is killed between two begins at the mark, and what is read twice says nothing new.
A pass begins a little before the end of the one before it, since a record may be committed
with a time that has passed; within a pass rows follow each other by time and id.

`salesforce:lookup:leads` finds the records of leads that are linked with none, by mail address.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from service.domain.lead import StoredLead
from service.domain.lead_record import time_text
from service.errors import Unavailable
from service.integrations.salesforce import ASKED, NAME, Deal, Person, Row, Task
from service.integrations.salesforce_client import Salesforce
from service.integrations.salesforce_ids import kind_of
from service.jobs.lead_changes import changes_after, move_on
from service.logs import fault
from service.runtime import Runtime
from service.store.leads import external_ids, leads
from service.store.ops import jobs
from service.store.ops.jobs import Delivery
from service.use_cases.intake import salesforce as intake
from service.use_cases.queue.crm_owner import follow_owner
from service.use_cases.queue.crm_tasks import end_by_task
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
POLL, LOOKUP = "poll", "lookup"
_ASKED_AT = f"{NAME}:asked"
_LOOKED_UP = f"{NAME}:looked-up"
_LAP = timedelta(minutes=10)
"""Read twice: the longest that a transaction of Salesforce may run before it commits."""
_MOST_PAGES = 10
"""Of one pass, before other work has its turn."""
_ROWS_AT_ONCE = 200
"""Rows that one transaction takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far the passes of a kind came."""

    since: datetime
    """The newest row of the last whole pass."""
    after: tuple[datetime, str] | None = None
    """The last row that was taken, while a pass is under way."""

    def to_text(self) -> str:
        """As it is kept."""
        after = None if self.after is None else [self.after[0].isoformat(), self.after[1]]
        return json.dumps({"since": self.since.isoformat(), "after": after})


async def poll_salesforce(runtime: Runtime) -> int:
    """Ask for a pass of each kind, and for a look-up, when it is time; how much was asked for."""
    if runtime.tools.salesforce is None:
        return 0
    now, every = runtime.clock.now(), timedelta(seconds=runtime.settings.salesforce_poll_seconds)
    if await runtime.store.read(lambda c: not _is_time(c, now, every)):
        return 0

    def ask(connection: sa.Connection) -> int:
        if not _is_time(connection, now, every):
            return 0
        jobs.put_mark(connection, _ASKED_AT, now.isoformat(), now)
        wanted = [*((POLL, kind) for kind in ASKED), (LOOKUP, "leads")]
        idle = [each for each in wanted if not _is_waiting(connection, *each)]
        for what, subject in idle:
            jobs.ask(connection, NAME, what, subject, now=now)
        return len(idle)

    return await runtime.store.write(ask)


def _is_time(connection: sa.Connection, now: datetime, every: timedelta) -> bool:
    asked = jobs.find(connection, _ASKED_AT)
    return asked is None or asked.told is None or datetime.fromisoformat(asked.told) <= now - every


def _is_waiting(connection: sa.Connection, what: str, subject: str) -> bool:
    """Whether it is under way, or waits for its next try as a busy tool asked."""
    found = jobs.find(connection, f"{NAME}:{what}:{subject}")
    return found is not None and found.state in ("due", "sending")


async def _poll(runtime: Runtime, one: Delivery) -> str | None:
    """When a whole pass of a kind ended; None when others go on with it."""
    client, kind = runtime.tools.salesforce, one.subject
    if client is None or kind not in ASKED:
        return None
    begun_at = runtime.clock.now()
    mark = await runtime.store.read(lambda c: mark_of(c, kind, begun_at))
    page = await client.changed(kind, mark.since - _LAP, mark.after)
    newest = mark.since if mark.after is None else max(mark.since, mark.after[0])
    is_sorted, pages = True, 0
    while True:
        for start in range(0, len(page.rows), _ROWS_AT_ONCE):
            rows = page.rows[start : start + _ROWS_AT_ONCE]
            last = mark.after[0] if mark.after else None
            is_sorted = is_sorted and _follow(last, rows)
            newest = max(newest, *(row.at for row in rows))
            after = (rows[-1].at, rows[-1].id) if is_sorted else mark.after
            moved = await _take(runtime, client, kind, rows, mark, replace(mark, after=after))
            if moved is None:
                return None  # another worker goes on from where it is
            mark = moved
        pages += 1
        if page.next is None:
            break
        if pages >= _MOST_PAGES and is_sorted:
            again = partial(jobs.ask, tool=NAME, what=POLL, subject=kind, now=runtime.clock.now())
            await runtime.store.write(again)
            return None
        page = await client.more(kind, page.next)
    ended = Mark(since=min(newest, begun_at))  # a record of the future must hide none of today
    await transact(runtime, lambda tx: _move(tx, kind, mark, ended))
    return time_text(begun_at)


def _follow(last: datetime | None, rows: Sequence[Row]) -> bool:
    """Whether rows come by time: only then does the last one say how far we are."""
    times = [row.at for row in rows]
    return times == sorted(times) and (last is None or last <= times[0])


async def _take(
    runtime: Runtime, client: Salesforce, kind: str, rows: Sequence[Row], mark: Mark, next: Mark
) -> Mark | None:
    """The mark after these rows, stored with what they say; None where it was moved meanwhile."""
    people = [row for row in rows if isinstance(row, Person)]
    tasks = [row for row in rows if isinstance(row, Task)]
    deals = [row for row in rows if isinstance(row, Deal)]
    now = runtime.clock.now()
    found = await runtime.store.read(lambda c: intake.known(Tx(c, runtime, now), people))
    known = [one for one in people if one.id in found.leads]
    of_new = {found.leads[one.id] for one in found.new}
    others = await runtime.store.read(lambda c: intake.contacts_of_leads(c, of_new))
    more, is_open = await _history(runtime, client, found.new, others)
    if deals:
        named = {id for deal in deals for id in deal.contacts}
        asked = await runtime.store.read(lambda c: intake.contacts_of(c, named))
        is_open |= await client.open_deals(asked) if asked else {}

    def take(tx: Tx, people: Sequence[Person], tasks: Sequence[Task]) -> Mark | None:
        if mark_of(tx.connection, kind, tx.now).after != mark.after:
            return None
        _store(tx, people, tasks, is_open)
        return _move(tx, kind, mark, next)

    tasks = [*tasks, *more]
    try:
        return await transact(runtime, partial(take, people=known, tasks=tasks))
    except Unavailable:
        raise  # the store's fault: everything waits
    except Exception as error:  # one record must not keep back all others
        _log.error("salesforce.page_fault", kind=kind, **fault(error))
    await _one_by_one(runtime, known, tasks, is_open)
    return await transact(runtime, lambda tx: _move(tx, kind, mark, next))


async def _one_by_one(
    runtime: Runtime, people: Sequence[Person], tasks: Sequence[Task], is_open: dict[str, bool]
) -> None:
    """Take each record in a transaction of its own; what cannot be taken is named in the log."""
    parts: list[tuple[str, Sequence[Person], Sequence[Task], dict[str, bool]]] = [
        *((each.id, (each,), (), {}) for each in people),
        *((each.id, (), (each,), {}) for each in tasks),
        *((id, (), (), {id: is_one}) for id, is_one in is_open.items()),
    ]
    for id, some, of_tasks, deals in parts:
        try:
            await transact(runtime, partial(_store, people=some, tasks=of_tasks, is_open=deals))
        except Unavailable:
            raise
        except Exception as error:
            _log.error("salesforce.record_left_out", record=id, **fault(error))


async def _history(
    runtime: Runtime, client: Salesforce, new: Sequence[Person], others: Sequence[str] = ()
) -> tuple[list[Task], dict[str, bool]]:
    """What was done about records that are linked now, since a poll tells of later things only;
    and whether a deal is open of their contacts, and of the others that their leads have."""
    ids = [person.id for person in new]
    if not ids:
        return [], {}
    since = runtime.clock.now() - timedelta(days=runtime.settings.touch_days)
    contacts = [id for id in ids if kind_of(id) == "Contact"]
    is_open = await client.open_deals([*contacts, *others]) if contacts else {}
    return await client.tasks_of(ids, since), is_open


def _store(
    tx: Tx, people: Sequence[Person], tasks: Sequence[Task], is_open: dict[str, bool]
) -> None:
    for owned in intake.take_people(tx, people):
        tx.flush()
        follow_owner(tx, owned.lead, owned.owner)
    tx.flush()
    intake.take_tasks(tx, tasks)
    for task in tasks:
        end_by_task(tx, task)
    intake.take_deals(tx, is_open)


def mark_of(connection: sa.Connection, kind: str, now: datetime) -> Mark:
    """How far a kind was polled; the first pass begins now: look-ups bring what was before."""
    found = jobs.find(connection, f"{NAME}:mark:{kind}")
    if found is None or found.told is None:
        return Mark(since=now)
    told = json.loads(found.told)
    after = told["after"] and (datetime.fromisoformat(told["after"][0]), str(told["after"][1]))
    return Mark(since=datetime.fromisoformat(told["since"]), after=after)


def _move(tx: Tx, kind: str, mark: Mark, next: Mark) -> Mark | None:
    """The next mark, kept; None where another worker moved it meanwhile."""
    if mark_of(tx.connection, kind, tx.now).after != mark.after:
        return None
    jobs.put_mark(tx.connection, f"{NAME}:mark:{kind}", next.to_text(), tx.now)
    return next


async def _lookup(runtime: Runtime, one: Delivery) -> str | None:
    """Find the records of leads that changed and have none."""
    client = runtime.tools.salesforce
    if client is None:
        return None
    changed = await runtime.store.read(lambda c: changes_after(c, _LOOKED_UP))
    emails = await runtime.store.read(lambda c: _unlinked(c, [lead for _, lead in changed]))
    people = await client.people_with(emails) if emails else []
    tasks, is_open = await _history(runtime, client, people)

    try:
        await transact(runtime, partial(_store, people=people, tasks=tasks, is_open=is_open))
    except Unavailable:
        raise
    except Exception as error:  # as in a page
        _log.error("salesforce.page_fault", kind=LOOKUP, **fault(error))
        await _one_by_one(runtime, people, tasks, is_open)
    if changed:  # after what was found is stored: looked up twice is looked up once
        now = runtime.clock.now()
        await runtime.store.write(lambda c: move_on(c, _LOOKED_UP, changed, now))
    return None


def _unlinked(connection: sa.Connection, ids: Sequence[str]) -> list[str]:
    """The mail addresses of those of some leads that no record is linked with."""
    found = leads.some(connection, dict.fromkeys(ids))
    emails = [
        str(lead.fields["email"])
        for lead in found
        if lead.erased_at is None
        and lead.fields.get("email")
        and NAME not in external_ids.of_lead(connection, lead.id)
    ]
    return list(dict.fromkeys(emails))


def is_unread(connection: sa.Connection, lead: StoredLead, since: datetime) -> bool:
    """Whether Salesforce may say something of this lead that it was not asked about since then.

    A linked lead's record is polled; whose record was never looked for may have one.
    """
    if NAME in external_ids.of_lead(connection, lead.id):
        ended = [told or "" for told in jobs.told_of(connection, NAME, POLL)]
        return not ended or min(ended) < time_text(since)
    found = jobs.find(connection, _LOOKED_UP)
    told = None if found is None else found.told
    looked_up_at = None if told is None else datetime.fromisoformat(told.partition(" ")[0])
    return looked_up_at is None or looked_up_at < lead.received_at


HANDLERS = {POLL: _poll, LOOKUP: _lookup}
"""How each is done."""
