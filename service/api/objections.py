"""The team's list of objections, and how often each was heard before which step."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas import people as bodies
from service.schemas.team_answers import ObjectionsAnswer
from service.store.queue.objections import Objection
from service.use_cases.queue.objections import change_objections, view

router = APIRouter(tags=["reps"])
_OBJECTIONS = {"objections": [{"id": "price", "label": "The price"}]}
_REFUSALS = answers(400, 401, 403, 409, 413, 415, 422)
_BOTH = people("rep", "manager")
_MANAGER = people("manager")


@router.get("/v1/objections", response_model=ObjectionsAnswer, responses=_REFUSALS)
async def listed(request: Request, caller: Caller = _BOTH) -> dict[str, Any]:
    """The list in its order, with counts by the step before which each was heard."""
    return await runtime_of(request).store.read(view)


@router.put(
    "/v1/objections",
    response_model=ObjectionsAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Objections, _OBJECTIONS),
)
async def put(request: Request, caller: Caller = _MANAGER) -> Response:
    """Replace the list; what was written down under a retired one stays counted."""
    message, given = await person_body(request, bodies.Objections, caller)
    listed = [Objection(id=each.id, label=each.label) for each in given.objections]
    return await answer_once(
        request, message, lambda tx: change_objections(tx, listed), actor=caller.actor
    )
