"""What mail providers tell of our mails: bounces, complaints and unsubscribes, each signed its way.

A repeat changes nothing. What cannot be read is said by its index; the others are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from service.api.calls import runtime_of, spend_as_unknown
from service.api.connect import read_each
from service.api.problems import answers
from service.auth.keyring import verify
from service.domain.webhook_signature import signing_key
from service.errors import NotKnown
from service.integrations import mail_signatures
from service.integrations.mail_providers import (
    MailEvent,
    read_mailgun,
    read_postmark,
    read_resend,
    read_sendgrid,
    read_ses,
)
from service.integrations.signatures import off
from service.runtime import Runtime
from service.schemas.fact_answers import ConnectAnswer
from service.schemas.parsing import parse_json, read_body
from service.use_cases.intake.mail_events import take_mail_events
from service.use_cases.tx import transact

router = APIRouter(tags=["connect"])
_REFUSALS = answers(401, 413, 415, 422)
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_MOST_BYTES = 1_048_576
Read = Callable[[Any, str], Sequence[MailEvent]]


@router.post(
    "/v1/connect/ses", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def ses(request: Request) -> dict[str, Any]:
    """Amazon SES, through a topic of SNS; the topic's subscription is confirmed by itself."""
    runtime = runtime_of(request)
    is_text = request.headers.get("content-type", "").startswith("text/plain")  # as SNS sends it
    kind = "text/plain" if is_text else "application/json"
    body = parse_json(await read_body(request, _MOST_BYTES, kind=kind), [])
    sns = runtime.tools.sns
    if sns is None:
        raise _counted(request, off("Amazon SES", "ses_topic"))
    try:
        if not await sns.check(body):
            return {"taken": 1, "rejected": []}
    except NotKnown as error:
        raise _counted(request, error) from None
    return await _take(runtime, body, read_ses, str(body.get("MessageId")))


@router.post(
    "/v1/connect/postmark", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def postmark(request: Request) -> dict[str, Any]:
    """Postmark's webhooks for bounces, spam complaints and subscription changes."""
    runtime, raw, credentials = await _asked(request, "Postmark", "postmark_credentials")
    with_it = request.headers.get("authorization", "")
    _proven(request, lambda: mail_signatures.check_postmark(with_it, credentials))
    return await _take(runtime, parse_json(raw, []), read_postmark)


@router.post(
    "/v1/connect/sendgrid", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def sendgrid(request: Request) -> dict[str, Any]:
    """SendGrid's signed event webhook."""
    runtime, raw, key = await _asked(request, "SendGrid", "sendgrid_public_key")
    header = "x-twilio-email-event-webhook-"
    signature = request.headers.get(f"{header}signature", "")
    timestamp = request.headers.get(f"{header}timestamp", "")
    _proven(request, lambda: mail_signatures.check_sendgrid(signature, timestamp, raw, key))
    return await _take(runtime, parse_json(raw, []), read_sendgrid)


@router.post(
    "/v1/connect/mailgun", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def mailgun(request: Request) -> dict[str, Any]:
    """Mailgun's webhooks for permanent failures, complaints and unsubscribes."""
    runtime, raw, key = await _asked(request, "Mailgun", "mailgun_signing_key")
    body = parse_json(raw, [])
    _proven(request, lambda: mail_signatures.check_mailgun(body, key))
    return await _take(runtime, body, read_mailgun)


@router.post(
    "/v1/connect/resend", response_model=ConnectAnswer, responses=_REFUSALS, openapi_extra=_BODY
)
async def resend(request: Request) -> dict[str, Any]:
    """Resend's webhooks, signed as Standard Webhooks are."""
    runtime, raw, secret = await _asked(request, "Resend", "resend_secret")
    shown: list[str] = []

    def check() -> None:
        shown[:] = verify(
            request.headers,
            raw,
            signing_keys=[("resend", signing_key(secret))],
            now=runtime.clock.now(),
            tolerance_seconds=runtime.settings.signature_tolerance_seconds,
        )

    _proven(request, check)
    return await _take(runtime, parse_json(raw, []), read_resend, shown[1])


async def _asked(request: Request, tool: str, setting: str) -> tuple[Runtime, bytes, str]:
    """The running service, the body, and what the setting holds. Raises NotKnown without it."""
    runtime = runtime_of(request)
    raw = await read_body(request, _MOST_BYTES)
    secret = getattr(runtime.settings, setting)
    if secret is None:
        raise _counted(request, off(tool, setting))
    return runtime, raw, str(secret)


def _proven(request: Request, check: Callable[[], None]) -> None:
    try:
        check()
    except NotKnown as error:
        raise _counted(request, error) from None


def _counted(request: Request, refused: NotKnown) -> NotKnown:
    spend_as_unknown(request, runtime_of(request))
    return refused


async def _take(runtime: Runtime, body: Any, read: Read, message_id: str = "") -> dict[str, Any]:
    told, wrong = read_each(body, lambda one: read(one, message_id))
    events = [event for one in told for event in one]
    await transact(runtime, lambda tx: take_mail_events(tx, events))
    return {"taken": len(told), "rejected": wrong}
