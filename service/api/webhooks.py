"""What the form, the product and the CRM send: signed, idempotent, durable when answered 2xx.

`router` documents these calls; `bare_routes` serve them. They read and check their bodies
themselves, and what FastAPI does around an endpoint would cost them as much as that does.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from service.api.calls import answer, answer_once, runtime_of, signed, signed_body
from service.api.document import body
from service.api.problems import answers
from service.domain.lead_record import to_text
from service.errors import BadInput
from service.schemas.fact_answers import (
    BounceTaken,
    EventsAnswer,
    OutcomeTaken,
    SignupAnswer,
    Taken,
)
from service.schemas.fact_warnings import IN_FUTURE, NO_CURRENCY, currencies, lies_ahead
from service.schemas.facts import Bounce, Event, Events, Outcome, Touch
from service.schemas.parsing import parse_json, read_model
from service.schemas.screenings import ScreeningBody, ScreeningTakenAnswer
from service.schemas.signup import Signup
from service.use_cases.intake.bounces import store_bounce
from service.use_cases.intake.facts import (
    FactTaken,
    RejectedEvent,
    named,
    store_events,
    store_outcome,
    store_touch,
)
from service.use_cases.intake.screenings import store_screening
from service.use_cases.intake.signups import SignupTaken, is_stranger, read_signup, store_signup
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.leads.identity import person_ids
from service.use_cases.tx import Tx
from service.use_cases.views.offer_view import named_offer_json

router = APIRouter(tags=["ingest"])
body(Event)  # the document speaks of it inside a batch
_AT = "2026-11-02T09:00:00Z"
_SIGNUP = {
    "id": "42",
    "email": "maria.silva@acme-foods.example",
    "title": "VP Operations",
    "seats": 80,
    "country": "BR",
    "signed_up_at": _AT,
    "external_ids": {"user": "u-42"},
    "consent": {"ground": "consent", "at": _AT, "wording": "Write to me.", "source": "form"},
    "attributes": {"employees": {"value": 700, "source": "enrichment", "known_at": _AT}},
}
_EVENT = {"id": "e-1", "lead_id": "42", "name": "project created", "at": _AT}
_TOUCH = {"id": "t-1", "lead_id": "42", "kind": "call", "by": "ada", "at": _AT}
_BOUNCE = {"id": "b-1", "email": "jo@acme-foods.example", "kind": "hard", "at": _AT}
_SCREENING = {
    "id": "s-1",
    "lead_id": "42",
    "result": "interested",
    "answers": {"team": "12 planners", "objection": "price"},
    "by_machine": True,
    "at": _AT,
}
_OUTCOME = {
    "id": "o-1",
    "lead_id": "42",
    "kind": "converted",
    "at": _AT,
    "plan": "business",
    "seats": 80,
    "term_months": 12,
    "prepaid": True,
    "amount": {"minor": 2_380_800, "currency": "USD"},
}
_REFUSALS = answers(401, 409, 413, 415, 422)


@router.post(
    "/v1/signups",
    response_model=SignupAnswer,
    responses=_REFUSALS,
    openapi_extra=body(Signup, _SIGNUP),
)
async def signups(request: Request) -> Response:
    """One lead in; its score with reasons, lane and rep out."""
    message, raw = await signed(request)
    runtime = runtime_of(request)
    cleaned: list[str] = []
    body = parse_json(raw, cleaned)
    if cleaned:
        raw = to_text(body).encode()  # as a replay may read it
    given = read_signup(runtime, read_model(Signup, body), message, raw, cleaned=cleaned)

    def take(tx: Tx) -> Answer:
        is_first = is_stranger(tx, given)

        def work() -> Answer:
            return _signup_answer(store_signup(tx, given, is_stranger=is_first))

        return once(tx, message, work, is_first=is_first)

    return await answer(request, take, inline=runtime.board.is_quick)


@router.post(
    "/v1/events",
    response_model=EventsAnswer,
    responses=_REFUSALS,
    openapi_extra=body(Events, {"events": [_EVENT]}),
)
async def events(request: Request) -> Response:
    """A batch of what people did; each is taken, known already, or rejected with a code."""
    message, raw = await signed(request)
    batch = read_model(Events, parse_json(raw, []))
    good: dict[int, Event] = {}
    rejected: list[RejectedEvent] = []
    for index, given in enumerate(batch.events):
        try:
            event = read_model(Event, given)
        except BadInput as error:
            first = error.errors[0] if error.errors else None
            code, path = (first.code, first.path) if first else (error.code, "")
            rejected.append(RejectedEvent(index=index, code=code, path=path))
            continue
        if event.lead_id is None and not person_ids(event.external_ids):
            rejected.append(RejectedEvent(index=index, code="nobody_named", path="lead_id"))
        else:
            good[index] = event

    def take(tx: Tx) -> dict[str, Any]:
        taken = store_events(tx, list(good.values()), rejected)
        wrong = [{"index": r.index, "code": r.code, "path": r.path} for r in taken.rejected]
        late = set(taken.in_future)
        told = [_warning(f"events.{i}.at", IN_FUTURE) for i, e in good.items() if e.id in late]
        return {
            "accepted": taken.accepted,
            "duplicates": taken.duplicates,
            "rejected": wrong,
            "warnings": told,
        }

    return await answer_once(request, message, take)


@router.post(
    "/v1/touches", response_model=Taken, responses=_REFUSALS, openapi_extra=body(Touch, _TOUCH)
)
async def touches(request: Request) -> Response:
    """A person was in touch with a lead."""
    message, touch = await signed_body(request, Touch)
    named(touch)

    def take(tx: Tx) -> dict[str, Any]:
        taken = store_touch(tx, touch)
        told = [_warning("at", IN_FUTURE)] if taken.in_future else []
        return _fact_json(taken) | {"warnings": told}

    return await answer_once(request, message, take)


@router.post(
    "/v1/screenings",
    response_model=ScreeningTakenAnswer,
    responses=_REFUSALS,
    openapi_extra=body(ScreeningBody, _SCREENING),
)
async def screening_calls(request: Request) -> Response:
    """A machine or a person called to ask whether somebody should."""
    message, raw = await signed(request)
    told = parse_json(raw)
    if isinstance(told, dict) and isinstance(told.get("result"), str):
        told = told | {"result": runtime_of(request).tools.call_results.result_of(told["result"])}
    screening = read_model(ScreeningBody, told)
    named(screening)

    def take(tx: Tx) -> dict[str, Any]:
        taken = store_screening(tx, screening)
        return {
            "lead_id": taken.lead_id,
            "duplicate": taken.is_duplicate,
            "warnings": list(taken.warnings),
        }

    return await answer_once(request, message, take)


@router.post(
    "/v1/bounces",
    response_model=BounceTaken,
    responses=_REFUSALS,
    openapi_extra=body(Bounce, _BOUNCE),
)
async def bounces(request: Request) -> Response:
    """A mail came back, or somebody complained."""
    message, bounce = await signed_body(request, Bounce)

    def take(tx: Tx) -> dict[str, Any]:
        taken = store_bounce(tx, bounce)
        return {"suppressed": taken.is_suppressed, "duplicate": taken.is_duplicate}

    return await answer_once(request, message, take)


@router.post(
    "/v1/outcomes",
    response_model=OutcomeTaken,
    responses=_REFUSALS,
    openapi_extra=body(Outcome, _OUTCOME),
)
async def outcomes(request: Request) -> Response:
    """A trial ended."""
    message, outcome = await signed_body(request, Outcome)
    named(outcome)
    told: list[dict[str, str]] = []
    if outcome.amount is not None and outcome.amount.currency not in currencies():
        told.append(_warning("amount.currency", NO_CURRENCY))

    def take(tx: Tx) -> dict[str, Any]:
        taken = store_outcome(tx, outcome, message.sender)
        ahead = None if taken.is_duplicate else lies_ahead(outcome, tx.now)
        late = [] if ahead is None else [_warning("at", ahead)]
        said = _fact_json(taken) | {"warnings": [*told, *late]}
        if taken.is_duplicate or taken.lead_id is None:
            return said
        offer = None if taken.offer is None else named_offer_json(taken.offer)
        return said | {"offer": offer}

    return await answer_once(request, message, take)


def _signup_answer(taken: SignupTaken) -> Answer:
    """The score stands in it as it was stored a moment ago, without being read and written anew."""
    lead = taken.lead
    about = to_text(
        {
            "lead_id": lead.id,
            "lane": lead.lane,
            "lane_why": lead.lane_why,
            "rep": lead.rep,
            "duplicate": taken.is_duplicate,
            "warnings": taken.warnings,
        }
    )
    return Answer(status=200, body=f'{about[:-1]},"score":{lead.score_json or "null"}}}')


def _warning(field: str, of: tuple[str, str]) -> dict[str, str]:
    return {"field": field, "code": of[0], "message": of[1]}


def _fact_json(taken: FactTaken) -> dict[str, Any]:
    return {"lead_id": taken.lead_id, "duplicate": taken.is_duplicate}


class _BareRoute(Route):
    """A Starlette route that leaves its name for the metrics, as FastAPI's do."""

    def matches(self, scope: Scope) -> tuple[Match, Any]:
        found, more = super().matches(scope)
        return found, more if found is Match.NONE else {**more, "route": self}


def bare_routes() -> list[Route]:
    """Every call of `router`, without FastAPI around it."""
    return [
        _BareRoute(route.path, route.endpoint, methods=sorted(route.methods or ()))
        for route in router.routes
        if isinstance(route, APIRoute)
    ]
