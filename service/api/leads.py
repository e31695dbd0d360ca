"""One lead: how it stands, and an offer for it. And why leads reached no queue."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas import people as bodies
from service.schemas.fact_answers import LeadAnswer
from service.schemas.offer_answers import DecisionAnswer
from service.schemas.team_answers import ShadowAnswer, UnreachedAnswer
from service.use_cases.leads import shadow
from service.use_cases.leads.visibility import note_seen, visible
from service.use_cases.offers.requests import Requested, decide_offer
from service.use_cases.tx import Tx, transact
from service.use_cases.views import lead_timeline
from service.use_cases.views.channels import channels_json
from service.use_cases.views.unreached import unreached_view

router = APIRouter(tags=["leads"])
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)
_BOTH = people("rep", "manager")
_MANAGER = people("manager")


@router.get("/v1/leads/{lead:path}", response_model=LeadAnswer, responses=_REFUSALS)
async def show(request: Request, lead: str, caller: Caller = _BOTH) -> dict[str, Any]:
    """The lead, its scores with reasons, its offers and its timeline."""
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> dict[str, Any]:
        seen = lead_timeline.view(connection, lead, caller)
        stored = visible(connection, lead, caller)
        return seen | {
            "code_url": runtime.links.code(stored.pseudonym, now),
            "channels": channels_json(connection, stored, runtime.grounds),
        }

    seen = await runtime.store.read(look)
    await transact(runtime, lambda tx: note_seen(tx, lead), actor=caller.actor)
    return seen


@router.post(
    "/v1/leads/{lead:path}/offer",
    response_model=DecisionAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.OfferRequest, {"dry_run": True}),
)
async def offer(request: Request, lead: str, caller: Caller = _BOTH) -> Response:
    """Decide about an offer; issue it unless it is a dry run."""
    message, given = await person_body(request, bodies.OfferRequest, caller)
    told = {"campaign_code": given.campaign_code, "partner": given.partner}

    def work(tx: Tx) -> dict[str, Any]:
        return _requested_json(decide_offer(tx, lead, caller, dry_run=given.dry_run, told=told))

    return await answer_once(request, message, work, actor=caller.actor)


@router.get("/v1/shadow", response_model=ShadowAnswer, responses=_REFUSALS)
async def would_have(
    request: Request, caller: Caller = _MANAGER, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> dict[str, Any]:
    """What a service in shadow mode would have done, newest first."""
    return await runtime_of(request).store.read(lambda connection: shadow.newest(connection, limit))


@router.get("/v1/unreached", response_model=UnreachedAnswer, responses=_REFUSALS)
async def unreached(request: Request, caller: Caller = _MANAGER) -> dict[str, Any]:
    """How many leads reached no queue, by the named reason."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    return await runtime.store.read(
        lambda connection: unreached_view(Tx(connection, runtime, now, caller.actor))
    )


def _requested_json(requested: Requested) -> dict[str, Any]:
    decision: dict[str, Any] = requested.decision.to_json()
    return decision | {
        "offer_id": None if requested.issued is None else requested.issued.id,
        "issued": requested.issued is not None,
        "notes": requested.notes,
    }
