"""Fetches exchange rates four times a day, where an address is set; every process takes them up."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from service.integrations.exchange_rates import FetchedRates, fetch_ecb, merged
from service.integrations.http import ToolError
from service.runtime import Runtime
from service.store.ops import jobs

_TRIED, _KEPT = "rates:tried", "rates:kept"
_EVERY = timedelta(hours=6)
_LOOK_EVERY = timedelta(minutes=5)
_log = structlog.get_logger()


async def fetch_rates(runtime: Runtime) -> int:
    """Fetch what is due; 0, since no queued work is done."""
    url, now = runtime.settings.rates_url, runtime.clock.now()
    if url is None:
        return 0
    tried = await runtime.store.read(lambda connection: jobs.find(connection, _TRIED))
    if tried is None or tried.told is None or datetime.fromisoformat(tried.told) <= now - _EVERY:
        await runtime.store.write(lambda c: jobs.put_mark(c, _TRIED, now.isoformat(), now))
        kept = await runtime.store.read(lambda connection: jobs.find(connection, _KEPT))
        before = "" if kept is None or kept.told is None else kept.told
        try:
            text = merged(before, await fetch_ecb(url))
        except ToolError as error:
            _log.warning("rates.not_fetched", reason=str(error))
        else:
            await runtime.store.write(lambda c: jobs.put_mark(c, _KEPT, text, now))
            runtime.exchange_looked_at = None
    return await take_rates_up(runtime)


async def take_rates_up(runtime: Runtime) -> int:
    """Use what another process fetched; looked at every five minutes."""
    looked, now = runtime.exchange_looked_at, runtime.clock.now()
    if runtime.settings.rates_url is None or (
        looked is not None and looked <= now < looked + _LOOK_EVERY
    ):
        return 0
    runtime.exchange_looked_at = now
    kept = await runtime.store.read(lambda connection: jobs.find(connection, _KEPT))
    has = runtime.exchange.fetched if isinstance(runtime.exchange, FetchedRates) else None
    if kept is not None and kept.told is not None and kept.told != has:
        runtime.exchange = FetchedRates(runtime.settings.rates, kept.told)
    return 0
