"""What redeemed offers still have to be given: a list for people, each task ticked off once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answered, parts_of, people, person_body
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.errors import NotFound
from service.schemas import people as bodies
from service.schemas.offer_answers import TaskAnswer, TasksAnswer
from service.store.offers import offers, tasks
from service.use_cases import by_hand
from service.use_cases.leads.idempotency import Answer, answer, once
from service.use_cases.offers.issuing import task_json
from service.use_cases.offers.tasks import finish_task
from service.use_cases.views import lead_timeline

router = APIRouter(tags=["offers"])
_BOTH = people("rep", "manager")
_MANAGER = people("manager")
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)


@router.get("/v1/tasks", response_model=TasksAnswer, responses=_REFUSALS)
async def listed(
    request: Request,
    caller: Caller = _MANAGER,
    state: Annotated[Literal["open", "done", "dropped"], Query()] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Tasks of one state, the oldest first."""
    found = await parts_of(request).store.read(
        lambda connection: tasks.listed(connection, state=state, limit=limit)
    )
    return {"tasks": [task_json(task) for task in found]}


@router.post(
    "/v1/tasks/{task}/done",
    response_model=TaskAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing),
)
async def done(request: Request, task: str, caller: Caller = _BOTH) -> Response:
    """Say that a give was handed over or taken back, or that what was asked for is so."""
    parts = parts_of(request)
    message, _ = await person_body(request, bodies.Nothing, caller)
    now = parts.clock.now()

    def finish(connection: sa.Connection) -> Answer:
        finished = finish_task(connection, parts, task, by_hand.hand_of(caller), now)
        return answer(task_json(finished))

    def work(connection: sa.Connection) -> Answer:
        found = tasks.find(connection, task)
        offer = None if found is None else offers.find(connection, found.offer)
        if offer is None:
            raise NotFound("unknown_task", "there is no such task")
        lead_timeline.visible(connection, offer.lead, caller)
        return once(connection, message, now, lambda: finish(connection))

    return answered(await parts.store.write(work))
