"""Makes once a day the usage reports whose periods are over."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog

from service.domain.actor import WORKER
from service.logs import fault
from service.runtime import Runtime
from service.store.leads import usage_reports
from service.store.ops import audit
from service.use_cases.reports.making import make_due
from service.use_cases.tx import transact

MADE = "reports.made"
_EVERY = timedelta(hours=20)
"""So that a day's round, which starts when the last one did or later, never wanders past a day."""
_log = structlog.get_logger()


async def make_reports(runtime: Runtime) -> int:
    """The number of periods that were settled, each order's in a transaction of its own.

    One order's fault keeps no other waiting: it is logged, and tried again with the next day's.
    """
    if not runtime.settings.usage_report:
        return 0
    now = runtime.clock.now()
    ran = await runtime.store.read(lambda connection: audit.last(connection, MADE))
    if audit.lately(ran, now, _EVERY):
        return 0
    settled = failed = 0
    for order in await runtime.store.read(usage_reports.all_running):
        try:
            settled += await transact(runtime, partial(make_due, order_id=order), actor=WORKER)
        except Exception as error:  # one order that cannot be made keeps no other waiting
            failed += 1
            _log.error("report.failed", order=order, **fault(error))
    note = {"settled": settled, "failed": failed}
    await transact(runtime, lambda tx: tx.audit(MADE, audit.STORE, **note), actor=WORKER)
    return settled
