"""Deletes data past its retention period: each kind has its days in the settings, 0 keeps it.

Old rows are looked for on a reading connection and deleted by their keys in small writes, so
that nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from service.domain.actor import WORKER
from service.runtime import Runtime
from service.settings import Settings
from service.store.leads import leads, retention
from service.store.ops import audit
from service.use_cases.intake.erasure import erase_lead
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
_EVERY = timedelta(hours=24)
RETENTION_RAN = "retention.ran"


def days_kept(settings: Settings) -> Mapping[str, int]:
    """Days that each kind of data is kept, by kind; 0 means for ever."""
    return {kind: getattr(settings, f"keep_{kind}_days") for kind in retention.KINDS}


async def retain(runtime: Runtime) -> int:
    """Delete expired data once a day; returns 0, since it processes no queued work."""
    now = runtime.clock.now()
    ran = await runtime.store.read(lambda connection: audit.last(connection, RETENTION_RAN))
    if audit.lately(ran, now, _EVERY):
        return 0
    deleted: dict[str, int] = {}
    for kind, days in days_kept(runtime.settings).items():
        if days:
            deleted[kind] = await _delete(runtime, kind, now - timedelta(days=days))
    deleted["leads"] = await _erase_leads(runtime, now)
    gone = {kind: count for kind, count in deleted.items() if count}
    await transact(
        runtime, lambda tx: tx.audit(RETENTION_RAN, audit.STORE, gone=gone), actor=WORKER
    )
    _log.info(RETENTION_RAN, **gone)
    return 0


async def _delete(runtime: Runtime, kind: str, before: datetime) -> int:
    count = 0
    while keys := await runtime.store.read(lambda c: retention.old_keys(c, kind, before)):
        await runtime.store.write(partial(retention.delete, kind=kind, keys=keys))
        count += len(keys)
    return count


async def _erase_leads(runtime: Runtime, now: datetime) -> int:
    days = runtime.settings.keep_leads_days
    if not days:
        return 0
    before, count = now - timedelta(days=days), 0
    while ids := await runtime.store.read(lambda c: retention.old_leads(c, before)):
        for lead_id in ids:
            await transact(runtime, partial(_erase_one, lead_id=lead_id), actor=WORKER)
        count += len(ids)
    return count


def _erase_one(tx: Tx, *, lead_id: str) -> None:
    lead = leads.lock(tx.connection, lead_id)
    if lead is not None:
        erase_lead(tx, lead, is_asked=False)
