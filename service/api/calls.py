"""What every route begins with: who calls, what they sent, and how to tell a repeat."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from service.auth.keyring import Caller, Role
from service.auth.rate_limit import address_name
from service.domain.actor import SERVICE, Actor
from service.domain.webhook_verification import header_of
from service.errors import BadInput, NotAllowed, NotKnown
from service.runtime import Runtime
from service.schemas.parsing import M, parse_json, read_body, read_model
from service.store.leads.idempotency import Message
from service.use_cases.leads.idempotency import Answer, encoded, once
from service.use_cases.tx import Tx, transact

_KEY = re.compile(r"[ -~]{1,255}", re.ASCII)


def runtime_of(request: Request) -> Runtime:
    """The running service's parts."""
    runtime = request.app.state.runtime
    assert isinstance(runtime, Runtime)
    return runtime


async def signed(request: Request) -> tuple[Message, bytes]:
    """A webhook's message and its raw body, once its signature is right. Raises Refusal."""
    runtime = runtime_of(request)
    raw = await read_body(request, runtime.settings.body_limit_bytes)
    settings = runtime.settings
    try:
        key, message_id = await runtime.keyring.sender(
            request.headers, raw, runtime.clock.now(), settings.signature_tolerance_seconds
        )
    except NotKnown:
        spend_as_unknown(request, runtime)
        raise
    runtime.rates.spend(key, settings.ingest_calls_per_minute)
    sent_at = int(header_of(request.headers, "timestamp"))  # verified
    digest = _digest(request, raw)
    return Message(sender=key, id=message_id, body_hash=digest, sent_at=sent_at), raw


async def signed_body(request: Request, model: type[M]) -> tuple[Message, M]:
    """A webhook's message and what it says. Raises Refusal."""
    message, raw = await signed(request)
    return message, read_model(model, parse_json(raw))


async def person_body(request: Request, model: type[M], caller: Caller) -> tuple[Message | None, M]:
    """A person's body, and its message when it carries an Idempotency-Key. Raises Refusal."""
    raw = await read_body(request, runtime_of(request).settings.body_limit_bytes)
    message = _keyed(request, raw, caller)
    return message, read_model(model, parse_json(raw or b"{}"))


def people(*roles: Role) -> Any:
    """A dependency: the caller, of one of these roles; an admin may do what a manager may."""
    allowed = frozenset(roles) | ({"admin"} if "manager" in roles else set())

    async def caller_of(request: Request) -> Caller:
        caller = await key_holder(request)
        if caller.role not in allowed:
            raise NotAllowed("wrong_role", f"a key of role {caller.role} may not do this")
        return caller

    caller_of.roles = allowed  # type: ignore[attr-defined]  # read by the test of the role table
    return Depends(caller_of)


async def key_holder(request: Request) -> Caller:
    """Whose bearer key a call shows. Raises NotKnown, TooMany."""
    runtime = runtime_of(request)
    try:
        caller = await runtime.keyring.person(
            request.headers.get("authorization", ""), runtime.clock.now()
        )
    except NotKnown:
        spend_as_unknown(request, runtime)
        raise
    runtime.rates.spend(caller.key, runtime.settings.person_calls_per_minute)
    return caller


def spend_as_unknown(request: Request, runtime: Runtime) -> None:
    """Count a call that shows no good key against its address. Raises TooMany."""
    runtime.rates.spend(address_of(request), runtime.settings.unknown_calls_per_minute)


def address_of(request: Request) -> str:
    """What the caller's address is counted by."""
    return address_name(request.client.host if request.client else None)


def rep_of(caller: Caller) -> str:
    """The rep a caller is. Raises NotAllowed."""
    if caller.rep is None:
        raise NotAllowed("wrong_role", "this key is no rep's")
    return caller.rep


def their_own(caller: Caller, rep: str) -> None:
    """A rep may only act as themselves. Raises NotAllowed."""
    if caller.role == "rep" and caller.rep != rep:
        raise NotAllowed("not_yours", "this is another rep's")


async def answer(
    request: Request, job: Callable[[Tx], Answer], *, actor: Actor = SERVICE, inline: bool = False
) -> Response:
    """What `job` answers in one transaction; `inline` lets a brief job run on this event loop."""
    given = await transact(runtime_of(request), job, actor=actor, inline=inline)
    if given.status == 204:
        return Response(status_code=204)
    return Response(given.body, given.status, media_type="application/json")


async def answer_once(
    request: Request,
    message: Message | None,
    work: Callable[[Tx], Any],
    *,
    actor: Actor = SERVICE,
    check: Callable[[Tx], object] | None = None,
) -> Response:
    """What `work` returns, as JSON, done at most once for a message; 204 for None.

    `check` raises what refuses the caller, a repeating one too.
    """

    def job(tx: Tx) -> Answer:
        if check is not None:
            check(tx)
        return once(tx, message, lambda: encoded(work(tx)))

    return await answer(request, job, actor=actor)


def _keyed(request: Request, raw: bytes, caller: Caller) -> Message | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadInput("bad_idempotency_key", "Idempotency-Key must be 1 to 255 ASCII characters")
    return Message(sender=caller.key, id=key, body_hash=_digest(request, raw))


def _digest(request: Request, raw: bytes) -> str:
    return hashlib.sha256(request.scope["path"].encode() + b"\n" + raw).hexdigest()
