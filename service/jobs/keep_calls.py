"""Writes down the calls that this process answered and made, masked, beside its work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from service.domain.http_calls import HttpCall
from service.domain.masking import masked
from service.runtime import Runtime
from service.store.leads import external_ids, personal_data
from service.store.ops import http_calls
from service.use_cases.intake.erasure import lead_key

_log = structlog.get_logger()
_HUBSPOT_CONTACT = "hubspot:contact:"


async def keep_calls(runtime: Runtime) -> int:
    """Write what waits; returns 0, since no queued work is done."""
    taken, dropped = runtime.calls.take()
    if dropped:
        _log.warning("calls.not_kept", count=dropped)
    if not taken:
        return 0
    rows = await asyncio.to_thread(lambda: [_row(at, call) for at, call in taken])
    await runtime.store.write(partial(_write, runtime=runtime, rows=rows))
    for kind, number in await runtime.store.read(http_calls.surplus):
        await runtime.store.write(partial(http_calls.delete_until, kind=kind, number=number))
    return 0


def _row(at: datetime, call: HttpCall) -> dict[str, Any]:
    kept = masked(
        call.body,
        call.answer,
        whose=call.lead,
        id_is_lead=call.target == "/v1/signups",
        is_ours=call.direction == "in",
        is_refusal=call.direction == "in" and call.status >= 400,
    )
    return {
        "at": at,
        "direction": call.direction,
        "tool": call.tool,
        "method": call.method,
        "target": call.target,
        "status": call.status,
        "code": call.code or kept.code,
        "request": call.request,
        "took_ms": round(call.took_ms),
        "body": kept.body,
        "answer": kept.answer,
        "lead": kept.lead,
        "delivery": call.delivery,
    }


def _write(connection: sa.Connection, runtime: Runtime, rows: Sequence[dict[str, Any]]) -> None:
    """But for those of people who were erased meanwhile."""
    http_calls.let_keep(connection)
    named = [_with_person(connection, row) for row in rows]
    keys = {row["lead"]: lead_key(runtime, row["lead"]) for row in named if row["lead"]}
    erased = personal_data.erased_among(connection, list(keys.values()))
    kept = [row for row in named if keys.get(row["lead"]) not in erased]
    if kept:
        http_calls.insert(connection, kept)


def _with_person(connection: sa.Connection, row: dict[str, Any]) -> dict[str, Any]:
    """A contact that HubSpot was asked for is somebody's, once it is linked with a lead."""
    asked = row["delivery"] or ""
    if row["lead"] is not None or not asked.startswith(_HUBSPOT_CONTACT):
        return row
    contact = asked.removeprefix(_HUBSPOT_CONTACT)
    return row | {"lead": external_ids.owner(connection, "hubspot", contact)}
