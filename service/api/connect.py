"""What the tools people have send, each by its own signature, to the same use cases.

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
from service.errors import BadInput, NotKnown
from service.integrations import signatures
from service.integrations.aircall import call_named
from service.integrations.hubspot import read_change
from service.integrations.segment import Source, read_call
from service.integrations.stripe_events import read_event
from service.jobs.run_deliveries import deliver_due
from service.runtime import Runtime
from service.schemas.fact_answers import ConnectAnswer
from service.schemas.parsing import parse_json, read_body
from service.store.ops import jobs
from service.use_cases.intake.inbound import take_changes, take_told
from service.use_cases.tx import Tx

router = APIRouter(tags=["connect"])
_REFUSALS = answers(401, 413, 415, 422)
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_MOST = 5000
T = TypeVar("T")


@router.post(
    "/v1/connect/segment", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def segment(request: Request) -> dict[str, Any]:
    """Segment's Webhooks destination: identify, track, page, screen, group, alias."""
    runtime, raw = await _received(request)
    settings = runtime.settings
    secrets = [(settings.segment_server_secret, True), (settings.segment_secret, False)]
    is_server = _segment_sender(request, runtime, raw, [(s, own) for s, own in secrets if s])
    source = Source(is_server=is_server, traits=runtime.tools.traits, now=runtime.clock.now())
    told, wrong = read_each(parse_json(raw, []), lambda call: read_call(call, source))
    for one in told:
        await runtime.store.write(
            lambda connection, one=one: take_told(Tx(connection, runtime, runtime.clock.now()), one)  # type: ignore[misc]  # bound at once
        )
    return {"taken": len(told), "rejected": wrong}


@router.post(
    "/v1/connect/hubspot", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def hubspot(request: Request) -> dict[str, Any]:
    """HubSpot's webhooks: changes of contacts and deals; the contacts are fetched at once."""
    runtime, raw = await _received(request)
    settings = runtime.settings
    if settings.hubspot_secret is None:
        raise _counted(request, runtime, signatures.off("HubSpot", "hubspot_secret"))
    told = request.scope["query_string"].decode("latin-1")  # its URL cannot be read from any Host
    query = f"?{told}" if told else ""
    try:
        signatures.check_hubspot(
            request.headers.get("x-hubspot-signature-v3", ""),
            request.headers.get("x-hubspot-request-timestamp", ""),
            request.method,
            f"{settings.public_url.rstrip('/')}{request.scope['path']}{query}",
            raw,
            settings.hubspot_secret,
            runtime.clock.now(),
            settings.signature_tolerance_seconds,
        )
    except NotKnown as error:
        raise _counted(request, runtime, error) from None
    read, wrong = read_each(parse_json(raw, []), read_change)
    changes = [change for change in read if change is not None]
    now = runtime.clock.now()
    asked = await runtime.store.write(lambda c: take_changes(Tx(c, runtime, now), changes))
    await asyncio.gather(*(deliver_due(runtime, only=id) for id in asked[:_AT_ONCE]))
    return {"taken": len(read), "rejected": wrong}


@router.post(
    "/v1/connect/stripe", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def stripe(request: Request) -> dict[str, Any]:
    """Stripe's events; what they are about is fetched anew by the worker."""
    runtime, raw = await _received(request)
    settings = runtime.settings
    if settings.stripe_webhook_secret is None:
        raise _counted(request, runtime, signatures.off("Stripe", "stripe_webhook_secret"))
    try:
        signatures.check_stripe(
            request.headers.get("stripe-signature", ""),
            raw,
            settings.stripe_webhook_secret,
            runtime.clock.now(),
            settings.signature_tolerance_seconds,
        )
    except NotKnown as error:
        raise _counted(request, runtime, error) from None
    asked = read_event(parse_json(raw, []), is_live=settings.takes_live_money)
    if asked is not None:
        now = runtime.clock.now()
        await runtime.store.write(
            lambda c: jobs.ask(c, "stripe", asked.what, asked.subject, now=now)
        )
    return {"taken": 1, "rejected": []}


@router.post(
    "/v1/connect/aircall", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def aircall(request: Request) -> dict[str, Any]:
    """Aircall's events of calls; the call is fetched by the worker, and the body is not believed.

    Whatever shows the token is answered 200, since Aircall switches a failing webhook off.
    """
    runtime, raw = await _received(request)
    settings = runtime.settings
    if not settings.aircall_token:
        raise _counted(request, runtime, signatures.off("Aircall", "aircall_token"))
    told = parse_json(raw, [])
    shown = told.get("token") if isinstance(told, dict) else None
    if not signatures.is_one_of(shown if isinstance(shown, str) else "", settings.aircall_token):
        wrong = NotKnown("wrong_token", "the body's token is not that of our webhook")
        raise _counted(request, runtime, wrong)
    call = call_named(told)
    if call is not None:
        now = runtime.clock.now()
        await runtime.store.write(lambda c: jobs.ask(c, "aircall", "call", call, now=now))
    return {"taken": 1, "rejected": []}


_AT_ONCE = 5
"""Contacts fetched before HubSpot's call is answered; the worker fetches the others."""


async def _received(request: Request) -> tuple[Runtime, bytes]:
    runtime = runtime_of(request)
    return runtime, await read_body(request, max(runtime.settings.body_limit_bytes, 1_048_576))


def _segment_sender(
    request: Request, runtime: Runtime, raw: bytes, secrets: list[tuple[str, bool]]
) -> bool:
    """Whether a server's source sent it. Raises NotKnown."""
    if not secrets:
        raise _counted(request, runtime, signatures.off("Segment", "segment_secret"))
    shown = request.headers.get("x-giveget-secret", "")
    is_shown = signatures.is_same(shown, runtime.settings.segment_batch_secret)
    refused: NotKnown | None = None
    for secret, is_server in secrets:
        try:
            signatures.check_segment(
                request.headers.get("x-signature", ""), raw, secret, batch_secret_shown=is_shown
            )
        except NotKnown as error:
            refused = error
        else:
            return is_server
    assert refused is not None
    raise _counted(request, runtime, refused)


def _counted(request: Request, runtime: Runtime, refused: NotKnown) -> NotKnown:
    spend_as_unknown(request, runtime)
    return refused


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
