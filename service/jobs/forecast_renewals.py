"""Forecasts once a day what the store's own customers still renew."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from service.domain.actor import WORKER
from service.runtime import Runtime
from service.store.ops import audit
from service.use_cases.tx import Tx, transact
from service.use_cases.views.renewal_forecast import forecast, keep, own_cohorts

FORECAST = "renewals.forecast"
_EVERY = timedelta(hours=24)


async def forecast_renewals(runtime: Runtime) -> int:
    """Returns 0, since no queued work is done. The fit runs beside the loop, not in a write."""
    now = runtime.clock.now()
    ran = await runtime.store.read(lambda connection: audit.last(connection, FORECAST))
    if audit.lately(ran, now, _EVERY):
        return 0
    cohorts = await runtime.store.read(lambda c: own_cohorts(Tx(c, runtime, now)))
    discount = runtime.policy.discount_percent
    made = await asyncio.to_thread(forecast, cohorts, discount_percent=discount, now=now)

    def store(tx: Tx) -> None:
        keep(tx, made)
        tx.audit(FORECAST, audit.STORE, due=sum(one.due for one in made))

    await transact(runtime, store, actor=WORKER)
    return 0
