"""The team's list of objections, and how often each was heard before which step."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.routes import people_bodies as bodies
from service.routes.calls import answered, parts_of, people, person_body
from service.routes.document import body
from service.routes.problems import answers
from service.routes.team_answers import ObjectionsAnswer
from service.security import Caller
from service.store.objections import Objection
from service.use_cases import by_hand
from service.use_cases.objections import view
from service.use_cases.once import Answer, answer, once

router = APIRouter(tags=["reps"])
_REFUSALS = answers(400, 401, 403, 409, 413, 415, 422)
_BOTH = people("rep", "manager")
_MANAGER = people("manager")


@router.get("/v1/objections", response_model=ObjectionsAnswer, responses=_REFUSALS)
async def listed(request: Request, caller: Caller = _BOTH) -> dict[str, Any]:
    """The list in its order, with counts by the step before which each was heard."""
    return await parts_of(request).store.read(view)


@router.put(
    "/v1/objections", response_model=ObjectionsAnswer, responses=_REFUSALS,
    openapi_extra=body(bodies.Objections),
)  # fmt: skip
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
