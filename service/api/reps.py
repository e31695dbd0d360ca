"""The reps' work: who they are, their queue, their claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, time
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, people, person_body, rep_of, runtime_of, their_own
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.lead import StoredLead, lead_json
from service.domain.lead_record import time_text
from service.domain.working_hours import Absence, WorkingHours
from service.schemas import people as bodies
from service.schemas.queue_answers import ClaimAnswer, ClaimEnded, QueueAnswer, RepAnswer
from service.store.leads.idempotency import Message
from service.store.queue import reps
from service.store.queue.queue import QueueItem
from service.use_cases.leads.screened import call_json, screening_json
from service.use_cases.queue import claims
from service.use_cases.queue.reps import change_rep, known_rep
from service.use_cases.tx import Tx

router = APIRouter(tags=["reps"])
_ANA = {
    "name": "Ana",
    "languages": ["pt", "en"],
    "countries": ["BR", "PT"],
    "hours": {"timezone": "America/Sao_Paulo", "start": "09:00", "end": "18:00"},
}
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)
_REP = people("rep")
_MANAGER = people("manager")
_BOTH = people("rep", "manager")


@router.put(
    "/v1/reps/{rep}",
    response_model=RepAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.RepBody, _ANA),
)
async def put_rep(request: Request, rep: str, caller: Caller = _MANAGER) -> Response:
    """Add or change a rep."""
    runtime = runtime_of(request)
    _, given = await person_body(request, bodies.RepBody, caller)
    described = described_rep(rep, given, runtime.settings.default_capacity)
    response = await answer_once(
        request, None, lambda tx: change_rep(tx, described).to_json(), actor=caller.actor
    )
    runtime.board.forget()
    return response


def described_rep(rep: str, given: bodies.RepBody, default_capacity: int) -> reps.Rep:
    """The rep that a body describes."""
    return reps.Rep(
        id=rep,
        name=given.name,
        email=given.email,
        languages=tuple(dict.fromkeys(given.languages)),
        countries=tuple(dict.fromkeys(given.countries)),
        segments=tuple(given.segments),
        capacity=default_capacity if given.capacity is None else given.capacity,
        available=given.available,
        hours=None if given.hours is None else _hours(given.hours),
        absences=tuple(Absence(each.first, each.last) for each in given.absences),
    )


@router.get("/v1/reps/{rep}/queue", response_model=QueueAnswer, responses=_REFUSALS)
async def queue(
    request: Request,
    rep: str,
    caller: Caller = _BOTH,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """The rep's leads in the order they will come, with score, reasons and why now."""
    their_own(caller, rep)
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> dict[str, Any]:
        known_rep(connection, rep)
        return claims.queue_page(Tx(connection, runtime, now, caller.actor), rep, limit=limit)

    return await runtime.store.read(look)


@router.post(
    "/v1/reps/{rep}/claim",
    response_model=ClaimAnswer,
    responses={**_REFUSALS, 204: {"description": "Nothing waits."}},
    openapi_extra=body(bodies.Nothing, {}),
)
async def claim(request: Request, rep: str, caller: Caller = _REP) -> Response:
    """Lease the best lead."""
    their_own(caller, rep)
    message, _ = await person_body(request, bodies.Nothing, caller)

    def take(tx: Tx) -> dict[str, Any] | None:
        claimed = claims.claim_next(tx, rep)
        return None if claimed is None else _claimed_json(tx, claimed)

    return await answer_once(
        request, message, take, actor=caller.actor, check=lambda tx: known_rep(tx.connection, rep)
    )


@router.post(
    "/v1/claims/{claim}/done",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Done, {"version": 1, "disposition": "reached", "objection": "price"}),
)
async def done(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """The work on a lead ended."""
    rep, (message, given) = rep_of(caller), await person_body(request, bodies.Done, caller)
    return await _step(
        request,
        message,
        caller,
        lambda tx: claims.done(
            tx,
            claim,
            rep,
            version=given.version,
            disposition=given.disposition,
            objection=given.objection,
            note=given.note,
            all_colleagues=given.all,
            until=given.until,
        ),
    )


@router.post(
    "/v1/claims/{claim}/release",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Release, {"version": 1, "reason": "speaks Polish"}),
)
async def release(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """Give a lead back."""
    rep, (message, given) = rep_of(caller), await person_body(request, bodies.Release, caller)

    def step(tx: Tx) -> claims.ClaimStep:
        return claims.release(tx, claim, rep, version=given.version, reason=given.reason)

    return await _step(request, message, caller, step)


@router.post(
    "/v1/claims/{claim}/snooze",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Snooze, {"version": 1, "until": "2026-12-01T09:00:00+01:00"}),
)
async def snooze(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """Put a lead to sleep."""
    rep, (message, given) = rep_of(caller), await person_body(request, bodies.Snooze, caller)

    def step(tx: Tx) -> claims.ClaimStep:
        return claims.snooze(tx, claim, rep, version=given.version, until=given.until)

    return await _step(request, message, caller, step)


@router.post(
    "/v1/claims/{claim}/extend",
    response_model=ClaimEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Extend, {"version": 1}),
)
async def extend(request: Request, claim: str, caller: Caller = _REP) -> Response:
    """Keep a lead longer."""
    rep, (message, given) = rep_of(caller), await person_body(request, bodies.Extend, caller)

    def step(tx: Tx) -> claims.ClaimStep:
        return claims.extend(tx, claim, rep, version=given.version)

    return await _step(request, message, caller, step)


def _hours(given: bodies.Hours) -> WorkingHours:
    return WorkingHours(
        timezone=given.timezone,
        days=tuple(sorted(set(given.days))),
        start=time.fromisoformat(given.start),
        end=time.fromisoformat(given.end),
    )


async def _step(
    request: Request,
    message: Message | None,
    caller: Caller,
    step: Callable[[Tx], claims.ClaimStep],
) -> Response:
    def work(tx: Tx) -> dict[str, Any]:
        ended = step(tx)
        return {
            "claim": ended.claim,
            "lead_id": ended.lead_id,
            "state": ended.state,
            "version": ended.version,
            "lease_until": None if ended.lease_until is None else time_text(ended.lease_until),
            "back_at": None if ended.back_at is None else time_text(ended.back_at),
            "suggestion": None if ended.suggestion is None else asdict(ended.suggestion),
        }

    return await answer_once(request, message, work, actor=caller.actor)


def _claimed_json(tx: Tx, claimed: claims.Claimed) -> dict[str, Any]:
    now = tx.now
    score = claimed.lead.score_in_words
    return {
        "claim": claimed.claim,
        "version": claimed.place.version,
        "lease_until": time_text(claimed.lease_until),
        "lead": lead_json(claimed.lead),
        "score": score,
        "reasons": [] if score is None else score["reasons"],
        "why_now": _why_now(claimed.place, claimed.lead, now),
        "call_back": claims.call_back_json(claimed.place, claimed.lead.record),
        "due_at": time_text(claimed.place.due_at),
        "screening": screening_json(claimed.lead.record),
        "call": call_json(tx, claimed.lead.record, claimed.lead.contact.country),
        "colleagues": [
            claims.colleague_json(place, lead, lead.contact.country, now)
            for place, lead in claimed.colleagues
        ],
    }


def _why_now(place: QueueItem, lead: StoredLead, now: datetime) -> str:
    return claims.why_now(place, lead.record, lead.contact.country, lead.hot_at, now)
