"""The ledger of offers, and what people and orders do to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from offers.money import Money
from offers.terms import Order
from service.api.calls import answer_once, people, person_body, runtime_of, signed_body
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.lead_record import time_text
from service.schemas import people as bodies
from service.schemas.offer_answers import OfferAnswer, OfferPage, OffersAnswer
from service.store.offers import offers, redemptions, remarks, tasks
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.visibility import visible_offer
from service.use_cases.offers import lifecycle
from service.use_cases.offers.gives import standing
from service.use_cases.offers.redeeming import redeem as redeem_offer
from service.use_cases.tx import Tx
from service.use_cases.views.offer_view import (
    give_json,
    offer_json,
    owed_json,
    redeemed_json,
    remark_json,
    reversal_json,
    task_json,
)

router = APIRouter(tags=["offers"])
_ORDER = {
    "plan": "business",
    "seats": 100,
    "term_months": 12,
    "prepaid": True,
    "paid_at": "2026-11-30T10:00:00Z",
    "amount": {"minor": 2_976_000, "currency": "USD"},
    "invoice": "INV-1001",
}
_REFUSALS = answers(400, 401, 403, 404, 409, 413, 415, 422)
_BOTH = people("rep", "manager")
_REP = people("rep")


@router.get("/v1/offers", response_model=OffersAnswer, responses=_REFUSALS)
async def newest(
    request: Request, caller: Caller = _BOTH, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    """The newest offers; a rep sees those of their own leads."""
    rep = caller.rep if caller.role == "rep" else None
    found = await runtime_of(request).store.read(
        lambda connection: offers.newest(connection, limit=limit, rep=rep)
    )
    return {"offers": [offer_json(offer) for offer in found]}


@router.get("/v1/offers/{offer}", response_model=OfferPage, responses=_REFUSALS)
async def show(request: Request, offer: str, caller: Caller = _BOTH) -> dict[str, Any]:
    """One offer, with how its gives stand and what is to be done for it."""

    def look(connection: sa.Connection) -> dict[str, Any]:
        found = visible_offer(connection, offer, caller)
        to_do = tasks.of_offer(connection, found.id)
        used = redemptions.of_offer(connection, found.id)
        until = None if used is None else used.commitment_until
        committed = None if until is None else time_text(until)
        return offer_json(found) | {
            "gives": [give_json(give) for give in standing(to_do)],
            "owes": [owed_json(task) for task in to_do if task.kind == "owed"],
            "tasks": [task_json(task) for task in to_do],
            "commitment_until": committed,
            "remarks": [remark_json(one) for one in remarks.of_offer(connection, found.id)],
        }

    return await runtime_of(request).store.read(look)


@router.post(
    "/v1/offers/{offer}/approve",
    response_model=OfferAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Approve, {"comment": "Fine for this quarter."}),
)
async def approve(request: Request, offer: str, caller: Caller = _BOTH) -> Response:
    """Release an offer that waits for approval, as asked or for other seats or less discount."""
    message, told = await person_body(request, bodies.Approve, caller)
    approval = lifecycle.Approval(
        comment=told.comment, seats=told.seats, percent_off=told.percent_off
    )

    def work(tx: Tx) -> dict[str, Any]:  # who approves is another than the lead's own rep
        return offer_json(lifecycle.approve(tx, offer, caller, approval))

    return await answer_once(request, message, work, actor=caller.actor)


@router.post(
    "/v1/offers/{offer}/withdraw",
    response_model=OfferAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing, {}),
)
async def withdraw(request: Request, offer: str, caller: Caller = _BOTH) -> Response:
    """Take an open offer back."""
    return await _step(request, offer, caller, lambda tx: lifecycle.withdraw(tx, offer, caller))


@router.post(
    "/v1/offers/{offer}/accept",
    response_model=OfferAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Accept, {"seats": 60}),
)
async def accept(request: Request, offer: str, caller: Caller = _REP) -> Response:
    """The customer said yes to their rep, for as many seats as quoted or as they chose."""
    message, given = await person_body(request, bodies.Accept, caller)
    return await answer_once(
        request,
        message,
        lambda tx: offer_json(lifecycle.accept(tx, offer, caller.key, seats=given.seats)),
        actor=caller.actor,
        check=lambda tx: visible_offer(tx.connection, offer, caller),
    )


@router.post(
    "/v1/offers/{offer}/redeem",
    response_model=dict[str, Any],
    responses=_REFUSALS,
    openapi_extra=body(bodies.Redeem, {"order": _ORDER}),
    tags=["ingest"],
)
async def redeem(request: Request, offer: str) -> Response:
    """Redeem an offer, by id or code; a refusal lists each unmet condition and by how much."""
    message, given = await signed_body(request, bodies.Redeem)
    order = _order(given.order)
    return await answer_once(
        request, message, lambda tx: redeemed_json(redeem_offer(tx, offer, order, message.sender))
    )


@router.post(
    "/v1/offers/{offer}/reverse",
    response_model=dict[str, Any],
    responses=_REFUSALS,
    openapi_extra=body(bodies.Reverse, {"order": _ORDER | {"seats": 40}}),
    tags=["ingest"],
)
async def reverse(request: Request, offer: str) -> Response:
    """A redeemed order was refunded or changed: below a lasting get the gives go back."""
    message, given = await signed_body(request, bodies.Reverse)
    order = None if given.order is None else _order(given.order)
    return await answer_once(
        request,
        message,
        lambda tx: reversal_json(lifecycle.reverse(tx, offer, order, message.sender)),
    )


def _order(given: bodies.OrderBody) -> Order:
    amount = given.amount
    return Order(
        plan=given.plan,
        seats=given.seats,
        term_months=given.term_months,
        prepaid=given.prepaid,
        period_months=given.period_months,
        paid_at=given.paid_at,
        begun_at=given.begun_at,
        amount=None if amount is None else Money(minor=amount.minor, currency=amount.currency),
        billing_country=given.billing_country,
        invoice=given.invoice,
        shows=given.shows or {},
    )


async def _step(
    request: Request, offer: str, caller: Caller, step: Callable[[Tx], StoredOffer]
) -> Response:
    message, _ = await person_body(request, bodies.Nothing, caller)
    return await answer_once(
        request,
        message,
        lambda tx: offer_json(step(tx)),
        actor=caller.actor,
        check=lambda tx: visible_offer(tx.connection, offer, caller),
    )
