"""The team's list of objections, and how often each was heard before which step."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answered, parts_of, people, person_body
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas import people as bodies
from service.schemas.team_answers import ObjectionsAnswer
from service.store.queue.objections import Objection
from service.use_cases import by_hand
from service.use_cases.leads.idempotency import Answer, answer, once
from service.use_cases.queue.objections import view

router = APIRouter(tags=["reps"])
_REFUSALS = answers(400, 401, 403, 409, 413, 415, 422)
_BOTH = people("rep", "manager")
_MANAGER = people("manager")


@router.get("/v1/objections", response_model=ObjectionsAnswer, responses=_REFUSALS)
async def listed(request: Request, caller: Caller = _BOTH) -> dict[str, Any]:
    """The list in its order, with counts by the step before which each was heard."""
    return await parts_of(request).store.read(view)


@router.put(
    "/v1/objections",
    response_model=ObjectionsAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Objections),
)
async def put(request: Request, caller: Caller = _MANAGER) -> Response:
    """Replace the list; what was written down under a retired one stays counted."""
    parts = parts_of(request)
    message, given = await person_body(request, bodies.Objections, caller)
    now = parts.clock.now()

    def replace(connection: sa.Connection) -> Answer:
        listed = [Objection(id=each.id, label=each.label) for each in given.objections]
        by_hand.keep_objections(connection, caller, listed, now)
        return answer(view(connection))

    def work(connection: sa.Connection) -> Answer:
        return once(connection, message, now, lambda: replace(connection))

    return answered(await parts.store.write(work))
