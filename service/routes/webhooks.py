"""What the form, the product and the CRM send: signed, idempotent, durable when answered 2xx."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.routes.answers import SignupAnswer
from service.routes.body import parse_json, read_model
from service.routes.calls import answered, parts_of, signed
from service.routes.document import body
from service.routes.problems import answers
from service.routes.signup_body import Signup
from service.use_cases.signups import take_signup

router = APIRouter(tags=["ingest"])
_REFUSALS = answers(400, 401, 409, 413, 415, 422, 429)


@router.post(
    "/v1/signups", response_model=SignupAnswer, responses=_REFUSALS, openapi_extra=body(Signup)
)
async def signups(request: Request) -> Response:
    """One lead in; its score with reasons, lane and rep out."""
    message, raw = await signed(request)
    signup = read_model(Signup, parse_json(raw))
    return answered(await take_signup(parts_of(request), signup, message, raw))
