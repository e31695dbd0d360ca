"""What redeemed offers still have to be given: a list for people, each task ticked off once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas import people as bodies
from service.schemas.offer_answers import TaskAnswer, TasksAnswer
from service.store.offers import tasks
from service.use_cases.leads.visibility import visible_offer
from service.use_cases.offers.tasks import finish_task, task_of
from service.use_cases.views.offer_view import task_json

router = APIRouter(tags=["offers"])
_BOTH = people("rep", "manager")
_MANAGER = people("manager")
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)


@router.get("/v1/tasks", response_model=TasksAnswer, responses=_REFUSALS)
async def listed(
    request: Request,
    caller: Caller = _MANAGER,
    state: Annotated[Literal["open", "requested", "done", "dropped"], Query()] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Tasks of one state, the oldest first; a machine was asked for the `requested` ones."""
    found = await runtime_of(request).store.read(
        lambda connection: tasks.listed(connection, state=state, limit=limit)
    )
    return {"tasks": [task_json(task) for task in found]}


@router.post(
    "/v1/tasks/{task}/done",
    response_model=TaskAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing, {}),
)
async def done(request: Request, task: str, caller: Caller = _BOTH) -> Response:
    """Say that a give was handed over or taken back, or that what was asked for is so."""
    message, _ = await person_body(request, bodies.Nothing, caller)
    return await answer_once(
        request,
        message,
        lambda tx: task_json(finish_task(tx, task)),
        actor=caller.actor,
        check=lambda tx: visible_offer(tx.connection, task_of(tx.connection, task).offer, caller),
    )
