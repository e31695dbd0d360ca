"""What is old enough goes: each kind of data has its time in the settings, 0 keeps it.

Old rows are looked for on a reading connection and deleted by their keys in small writes, so
that nobody waits for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from service.db.tables.leads import captured_mail, events, lead_versions, messages, parked, scores
from service.db.tables.leads import leads as leads_table
from service.domain.actor import WORKER
from service.runtime import Runtime
from service.store.leads import leads
from service.store.ops import audit
from service.use_cases.intake.erasure import erase_lead
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
_AT_ONCE = 500
_EVERY = timedelta(hours=24)
WHAT = "retention.ran"


def kinds(runtime: Runtime) -> tuple[tuple[str, sa.Table, sa.ColumnElement[Any], int], ...]:
    """Each kind of data: its setting, table, age and days."""
    settings = runtime.settings
    return (
        ("messages", messages, messages.c.received_at, settings.keep_messages_days),
        ("captured_mail", captured_mail, captured_mail.c.at, settings.keep_captured_mail_days),
        ("events", events, events.c.received_at, settings.keep_events_days),
        ("payloads", lead_versions, lead_versions.c.received_at, settings.keep_payloads_days),
        ("scores", scores, scores.c.at, settings.keep_scores_days),
    )


async def retain(runtime: Runtime) -> int:
    """Delete what is too old, once a day; never done with work of its own."""
    now = runtime.clock.now()
    ran = await runtime.store.read(lambda connection: audit.last(connection, WHAT))
    if audit.lately(ran, now, _EVERY):
        return 0
    gone: dict[str, int] = {}
    for name, table, age, days in kinds(runtime):
        gone[name] = await _delete(runtime, table, age < now - timedelta(days=days)) if days else 0
    gone["leads"] = await _erase_leads(runtime, now)
    gone = {name: count for name, count in gone.items() if count}
    await transact(runtime, lambda tx: tx.audit(WHAT, audit.STORE, gone=gone), actor=WORKER)
    _log.info(WHAT, **gone)
    return 0


async def _delete(runtime: Runtime, table: sa.Table, is_old: sa.ColumnElement[bool]) -> int:
    key = sa.tuple_(*table.primary_key)
    query = sa.select(*table.primary_key).where(is_old).limit(_AT_ONCE)

    def find(connection: sa.Connection) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(query)]

    count = 0
    while keys := await runtime.store.read(find):

        def delete(connection: sa.Connection, keys: list[tuple[Any, ...]] = keys) -> None:
            connection.execute(sa.delete(table).where(key.in_(keys)))
            if table is events:
                waits = sa.and_(parked.c.what == "event", parked.c.id.in_([k[0] for k in keys]))
                connection.execute(sa.delete(parked).where(waits))

        await runtime.store.write(delete)
        count += len(keys)
    return count


async def _erase_leads(runtime: Runtime, now: datetime) -> int:
    """Leads that came to nothing long ago; customers stay."""
    days = runtime.settings.keep_leads_days
    if not days:
        return 0
    old = (
        sa.select(leads_table.c.id)
        .where(
            leads_table.c.hot_at < now - timedelta(days=days),
            leads_table.c.received_at < now - timedelta(days=days),
            leads_table.c.erased_at.is_(None),
            sa.func.coalesce(leads_table.c.outcome, "") != "converted",
        )
        .limit(_AT_ONCE)
    )
    count = 0
    while found := await runtime.store.read(lambda c: list(c.execute(old).scalars())):
        for lead in found:
            await transact(runtime, partial(_erase_one, lead_id=lead), actor=WORKER)
        count += len(found)
    return count


def _erase_one(tx: Tx, *, lead_id: str) -> None:
    lead = leads.lock(tx.connection, lead_id)
    if lead is not None:
        erase_lead(tx, lead)
