"""For the scraper and whoever restarts things."""

from __future__ import annotations

import time
from contextlib import suppress

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import runtime_of
from service.api.problems import answers
from service.errors import Unavailable
from service.ops.gauges import look

router = APIRouter(tags=["health"])
_READY_WITHIN = 2.0
_SCRAPED_WITHIN = 8.0
"""Prometheus gives up after ten seconds."""


@router.head("/livez", include_in_schema=False)
@router.get("/livez", response_model=dict[str, str])
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_model=dict[str, str], responses=answers())
async def readyz(request: Request) -> dict[str, str]:
    """The store answers and takes writes; 503 with the reason's code while it does not."""
    runtime = runtime_of(request)
    await runtime.store.ping(within=_READY_WITHIN)
    await runtime.store.check_writes(within=_READY_WITHIN)
    return {"status": "ready", "model": runtime.model.id, "policy": runtime.policy.version}


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Prometheus text; also while the store is lost."""
    runtime = runtime_of(request)
    gauges = runtime.metrics.gauges
    if gauges.is_stale():
        started, now = time.monotonic(), runtime.clock.now()
        try:
            seen = await runtime.store.read(
                lambda connection: look(connection, runtime.model, now), within=_SCRAPED_WITHIN
            )
        except Unavailable:
            gauges.store_up.set(0)
        else:
            gauges.store_up.set(1)
            gauges.show(seen, runtime.model, now, took=time.monotonic() - started)
    with suppress(Unavailable):  # giveget_store_writable says it
        await runtime.store.check_writes(within=_READY_WITHIN)
    return Response(runtime.metrics.text(), media_type="text/plain; version=0.0.4")
