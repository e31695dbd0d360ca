"""One lead: how it stands, and an offer for it. And why leads reached no queue."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answered, parts_of, people, person_body
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas import people as bodies
from service.schemas.fact_answers import LeadAnswer
from service.schemas.offer_answers import DecisionAnswer
from service.schemas.team_answers import ShadowAnswer, UnreachedAnswer
from service.use_cases import by_hand
from service.use_cases.leads import shadow
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.views import lead_timeline
from service.use_cases.views.unreached import unreached_view

router = APIRouter(tags=["leads"])
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)
_BOTH = people("rep", "manager")
_MANAGER = people("manager")


@router.get("/v1/leads/{lead:path}", response_model=LeadAnswer, responses=_REFUSALS)
async def show(request: Request, lead: str, caller: Caller = _BOTH) -> dict[str, Any]:
    """The lead, its scores with reasons, its offers and its timeline."""
    parts = parts_of(request)
    now = parts.clock.now()

    def look(connection: sa.Connection) -> dict[str, Any]:
        seen = lead_timeline.view(connection, lead, caller)
        return seen | {"code_url": parts.links.code(lead_timeline.ref_of(connection, lead), now)}

    seen = await parts.store.read(look)
    await parts.store.write(lambda connection: by_hand.saw(connection, caller, lead, now))
    return seen


@router.post(
    "/v1/leads/{lead:path}/offer",
    response_model=DecisionAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.OfferRequest),
)
async def offer(request: Request, lead: str, caller: Caller = _BOTH) -> Response:
    """Decide about an offer; issue it unless it is a dry run."""
    parts = parts_of(request)
    message, given = await person_body(request, bodies.OfferRequest, caller)
    told = {"campaign_code": given.campaign_code, "partner": given.partner}
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        return once(
            connection,
            message,
            now,
            lambda: by_hand.decide(
                connection, parts, caller, lead, now, dry_run=given.dry_run, told=told
            ),
        )

    return answered(await parts.store.write(work))


@router.get("/v1/shadow", response_model=ShadowAnswer, responses=_REFUSALS)
async def would_have(
    request: Request,
    caller: Caller = _MANAGER,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """What a service in shadow mode would have done, newest first."""
    return await parts_of(request).store.read(lambda connection: shadow.newest(connection, limit))


@router.get("/v1/unreached", response_model=UnreachedAnswer, responses=_REFUSALS)
async def unreached(request: Request, caller: Caller = _MANAGER) -> dict[str, Any]:
    """How many leads reached no queue, by the named reason."""
    parts = parts_of(request)
    now = parts.clock.now()
    return await parts.store.read(lambda connection: unreached_view(connection, parts, now))
