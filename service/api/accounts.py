"""What a customer's own system asks about an account."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request

from service.api.calls import runtime_of, signed
from service.api.problems import answers
from service.schemas.offer_answers import ProductOfferAnswer
from service.use_cases.tx import transact
from service.use_cases.views.product_offer import product_offer

router = APIRouter(tags=["ingest"])
_REFUSALS = answers(400, 401, 404, 413, 415)


@router.get(
    "/v1/accounts/{account:path}/offer", response_model=ProductOfferAnswer, responses=_REFUSALS
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
