"""One account: what a customer's own system shows of it, and how it stands, for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, people, person_body, runtime_of, signed
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.committee import Told
from service.schemas.account_answers import AccountAnswer, MapAnswer
from service.schemas.offer_answers import ProductOfferAnswer
from service.schemas.people import PersonSaid
from service.use_cases.tx import transact
from service.use_cases.views.account_map import account_map, say
from service.use_cases.views.account_page import account_page
from service.use_cases.views.product_offer import product_offer

router = APIRouter()
_REFUSALS = answers(400, 401, 404, 413, 415)
_PEOPLES = answers(400, 401, 403, 404)
_BOTH = people("rep", "manager")


@router.get(
    "/v1/accounts/{account:path}/offer",
    response_model=ProductOfferAnswer,
    responses=_REFUSALS,
    tags=["ingest"],
)
async def offer(
    request: Request,
    account: str,
    lead: Annotated[str | None, Query(description="Who looks; else who it was made to.")] = None,
) -> dict[str, Any]:
    """The open offer in the lead's language, to show in the product; signed over an empty body.

    Seeing it is a view of it. Without one `why` says the reason.
    """
    await signed(request)
    shown = await transact(runtime_of(request), lambda tx: product_offer(tx, account, lead))
    return asdict(shown)


@router.get(
    "/v1/accounts/{account:path}/map",
    response_model=MapAnswer,
    responses=_PEOPLES,
    tags=["accounts"],
)
async def committee(request: Request, account: str, caller: Caller = _BOTH) -> dict[str, Any]:
    """Who plays which part in the purchase, how that is known, who is missing, whom to ask."""
    return await transact(
        runtime_of(request), lambda tx: account_map(tx, account, caller), actor=caller.actor
    )


@router.put(
    "/v1/accounts/{account:path}/people/{lead:path}",
    response_model=MapAnswer,
    responses=answers(400, 401, 403, 404, 409, 413, 415, 422),
    openapi_extra=body(PersonSaid, {"role": "decision_maker", "stance": "supporter"}),
    tags=["accounts"],
)
async def person(request: Request, account: str, lead: str, caller: Caller = _BOTH) -> Response:
    """Write down a person's role or stance; what was said before and is not said now stays."""
    message, given = await person_body(request, PersonSaid, caller)
    told = Told(role=given.role, stance=given.stance, by=caller.rep or caller.key)
    return await answer_once(
        request, message, lambda tx: say(tx, account, lead, caller, told=told), actor=caller.actor
    )


@router.get(
    "/v1/accounts/{account:path}",
    response_model=AccountAnswer,
    responses=_PEOPLES,
    tags=["accounts"],
)
async def show(request: Request, account: str, caller: Caller = _BOTH) -> dict[str, Any]:
    """How an account stands: its people, offers and money."""
    return await transact(
        runtime_of(request), lambda tx: account_page(tx, account, caller), actor=caller.actor
    )
