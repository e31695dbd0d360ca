"""A machine that was asked for a give answers: it handed it over, or it could not."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, signed_body
from service.api.document import body
from service.api.problems import answers
from service.schemas import people as bodies
from service.schemas.offer_answers import GiveAnswer
from service.use_cases.offers.gives import answer_done, answer_failed
from service.use_cases.views.offer_view import give_json

router = APIRouter(tags=["ingest"])
_REFUSALS = answers(400, 401, 404, 409, 413, 415, 422)


@router.post(
    "/v1/gives/{give}/done",
    response_model=GiveAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing, {}),
)
async def done(request: Request, give: str) -> Response:
    """A give was handed over, or what was given was taken back."""
    message, _ = await signed_body(request, bodies.Nothing)
    return await answer_once(
        request, message, lambda tx: give_json(answer_done(tx, give, message.sender))
    )


@router.post(
    "/v1/gives/{give}/failed",
    response_model=GiveAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.GiveFailed, {"reason": "the workspace is on another plan"}),
)
async def failed(request: Request, give: str) -> Response:
    """It could not be done; a person does it, who reads the reason."""
    message, given = await signed_body(request, bodies.GiveFailed)
    return await answer_once(
        request, message, lambda tx: give_json(answer_failed(tx, give, given.reason))
    )
