"""The reps' work: who they are, their queue, their claims."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answered, hand_of, parts_of, people, person_body, their_own
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.working_hours import WorkingHours
from service.runtime import Parts
from service.schemas import people as bodies
from service.schemas.queue_answers import ClaimAnswer, ClaimEnded, QueueAnswer, RepAnswer
from service.store.leads.idempotency import Message
from service.store.ops import audit
from service.store.queue import reps
from service.use_cases import by_hand
from service.use_cases.leads.idempotency import Answer, answer, once
from service.use_cases.queue import claims

router = APIRouter(tags=["reps"])
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)
_REP = people("rep")
_MANAGER = people("manager")
_BOTH = people("rep", "manager")


@router.put(
    "/v1/reps/{rep}",
    response_model=RepAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.RepBody),
)
async def put_rep(request: Request, rep: str, caller: Caller = _MANAGER) -> Response:
    """Add or change a rep."""
    parts = parts_of(request)
    _, given = await person_body(request, bodies.RepBody, caller)
    capacity = parts.settings.default_capacity if given.capacity is None else given.capacity
    described = reps.Rep(
        id=rep,
        name=given.name,
        email=given.email,
        languages=tuple(language.lower() for language in given.languages),
        countries=tuple(country.upper() for country in given.countries),
        segments=tuple(given.segments),
        capacity=capacity,
        available=given.available,
        hours=None if given.hours is None else _hours(given.hours),
    )
    now = parts.clock.now()

    def put(connection: sa.Connection) -> None:
        reps.put(connection, described, now)
        audit.note(connection, hand_of(caller), "rep.changed", rep, now)

    await parts.store.write(put)
    parts.board.forget()
    return answered(answer(described.to_json()))


@router.get("/v1/reps/{rep}/queue", response_model=QueueAnswer, responses=_REFUSALS)
async def queue(
    request: Request,
    rep: str,
    caller: Caller = _BOTH,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """The rep's leads in the order they will come, with score, reasons and why now."""
    their_own(caller, rep)
    parts = parts_of(request)
    now = parts.clock.now()

    def look(connection: sa.Connection) -> dict[str, Any]:
        by_hand.known_rep(connection, rep)
        return claims.queue_page(connection, parts, rep, limit=limit, now=now)

    return await parts.store.read(look)


@router.post(
    "/v1/reps/{rep}/claim",
    response_model=ClaimAnswer,
    responses={**_REFUSALS, 204: {"description": "Nothing waits."}},
    openapi_extra=body(bodies.Nothing),
)
async def claim(request: Request, rep: str, caller: Caller = _REP) -> Response:
    """Lease the best lead."""
    their_own(caller, rep)
    parts = parts_of(request)
    message, _ = await person_body(request, bodies.Nothing, caller)
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        by_hand.known_rep(connection, rep)
        return once(
            connection,
            message,
            now,
            lambda: by_hand.claim(connection, parts, caller, rep, now),
        )

    return answered(await parts.store.write(work))


@router.post(
    "/v1/claims/{claim}/done",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Done),
)
async def done(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """The work on a lead ended."""
    message, given = await person_body(request, bodies.Done, caller)
    return await _step(
        request,
        message,
        caller,
        claims.done,
        claim,
        version=given.version,
        disposition=given.disposition,
        objection=given.objection,
        note=given.note,
    )


@router.post(
    "/v1/claims/{claim}/release",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Release),
)
async def release(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """Give a lead back."""
    message, given = await person_body(request, bodies.Release, caller)
    return await _step(
        request,
        message,
        caller,
        claims.release,
        claim,
        version=given.version,
        reason=given.reason,
    )


@router.post(
    "/v1/claims/{claim}/snooze",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Snooze),
)
async def snooze(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """Put a lead to sleep."""
    message, given = await person_body(request, bodies.Snooze, caller)
    return await _step(
        request, message, caller, claims.snooze, claim, version=given.version, until=given.until
    )


@router.post(
    "/v1/claims/{claim}/extend",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Extend),
)
async def extend(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """Keep a lead longer."""
    message, given = await person_body(request, bodies.Extend, caller)
    return await _step(request, message, caller, claims.extend, claim, version=given.version)


def _hours(given: bodies.Hours) -> WorkingHours:
    return WorkingHours(
        timezone=given.timezone,
        days=tuple(sorted(set(given.days))),
        start=time.fromisoformat(given.start),
        end=time.fromisoformat(given.end),
    )


async def _step(
    request: Request, message: Message | None, caller: Caller, step: Any, claim: str, **given: Any
) -> Response:
    parts: Parts = parts_of(request)
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        return once(
            connection,
            message,
            now,
            lambda: by_hand.step(connection, parts, caller, step, claim, now, **given),
        )

    return answered(await parts.store.write(work))
