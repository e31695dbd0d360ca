"""What the tools people have send, each proven by its connector, to the same use cases.

A repeat changes nothing and is answered like the first time. What one event of a batch has wrong
is said by its index; the others are taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.requests import Request

from service.api.calls import runtime_of, spend_as_unknown
from service.api.problems import answers
from service.errors import BadInput, NotFound, NotKnown
from service.integrations.contract import Call, Connector
from service.jobs.run_deliveries import deliver_due
from service.runtime import Runtime
from service.schemas.fact_answers import ConnectAnswer
from service.schemas.parsing import parse_json, read_body
from service.use_cases.intake.inbound import take_reading
from service.use_cases.tx import transact

router = APIRouter(tags=["connect"])
_EXAMPLE = {
    "type": "track",
    "messageId": "m-1",
    "userId": "u-42",
    "event": "Project created",
    "timestamp": "2026-11-02T09:00:00Z",
}
_BODY = {"content": {"application/json": {"schema": {}, "example": _EXAMPLE}}, "required": True}
_MOST = 5000
_MOST_BYTES = 1_048_576
T = TypeVar("T")


@router.post(
    "/v1/connect/{name}",
    response_model=ConnectAnswer,
    responses=answers(401, 404, 413, 415, 422),
    openapi_extra={"requestBody": _BODY},
)
async def connect(request: Request, name: str) -> dict[str, Any]:
    """What a tool sends, as it signs and shapes it; the answer says how much was taken.

    `name` is the tool's: segment, hubspot, stripe, aircall, ses, postmark, sendgrid, mailgun,
    resend, or that of a connector of your own. The example is Segment's.
    """
    runtime = runtime_of(request)
    connector = runtime.tools.connectors.get(name)
    if connector is None:
        spend_as_unknown(request, runtime)
        raise NotFound("unknown_connector", "no connector of this name is installed here")
    try:
        call = await _received(request, runtime, connector)
    except BadInput:  # what cannot be read proves nothing
        spend_as_unknown(request, runtime)
        raise
    try:
        proof = await connector.check(call)
    except NotKnown:
        spend_as_unknown(request, runtime)
        raise
    read, wrong = read_each(call.json, lambda one: connector.read(one, proof, call))
    asked: list[str] = []
    for together in [read] if connector.is_one else [[one] for one in read]:
        asked += await transact(runtime, lambda tx, these=together: take_reading(tx, name, these))  # type: ignore[misc]  # bound at once
    await asyncio.gather(*(deliver_due(runtime, only=id) for id in asked[: connector.at_once]))
    return {"taken": len(read), "rejected": wrong}


async def _received(request: Request, runtime: Runtime, connector: Connector) -> Call:
    """The call as its connector is given it. Raises BadInput."""
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = told if told in connector.media_types else connector.media_types[0]
    limit = max(runtime.settings.body_limit_bytes, _MOST_BYTES)
    raw = await read_body(request, limit, kind=kind)
    query = request.scope["query_string"].decode("latin-1")
    address = f"{runtime.settings.public_url.rstrip('/')}{request.scope['path']}"
    return Call(
        method=request.method,
        url=f"{address}?{query}" if query else address,  # the Host header may be anybody's
        headers=request.headers,
        body=raw,
        json=parse_json(raw, []),
        now=runtime.clock.now(),
        tolerance_seconds=runtime.settings.signature_tolerance_seconds,
    )


def read_each(body: Any, read: Callable[[Any], T]) -> tuple[list[T], list[dict[str, Any]]]:
    """Every element of a batch, or the one there is; what was wrong, by index."""
    batch = body if isinstance(body, list) else [body]
    if len(batch) > _MOST:
        raise BadInput("batch_too_large", f"a batch may have {_MOST} elements", status=422)
    good: list[T] = []
    wrong = []
    for index, one in enumerate(batch):
        try:
            good.append(read(one))
        except BadInput as error:
            first = error.errors[0] if error.errors else None
            path = first.path if first else ""
            wrong.append(
                {"index": index, "code": first.code if first else error.code, "path": path}
            )
    return good, wrong
