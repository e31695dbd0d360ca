"""Long lists for another system: by cursor, with filters, or only what changed since a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from service.api.calls import people, runtime_of
from service.api.problems import answers
from service.auth.keyring import Caller
from service.errors import BadInput, FieldError
from service.schemas.fields import Time
from service.schemas.list_answers import (
    AccountsPage,
    DeliveriesPage,
    EventsPage,
    KeysPage,
    LeadsPage,
    RepsPage,
)
from service.store.leads.lists import LeadFilter
from service.use_cases.tx import transact
from service.use_cases.views import lists
from service.use_cases.views.lists import Span

router = APIRouter(tags=["lists"])
_REFUSALS = answers(401, 403, 422)
_BOTH = people("rep", "manager")
_MANAGER = people("manager")
_TIME: TypeAdapter[datetime] = TypeAdapter(Time)
_Name = Annotated[str | None, Query(min_length=1, max_length=255)]


def _span(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    updated_since: Annotated[
        str | None, Query(max_length=40, description="RFC 3339 with an offset; inclusive.")
    ] = None,
) -> Span:
    _refuse_unknown(request)
    since = None
    if updated_since is not None:
        try:
            since = _TIME.validate_python(updated_since)
        except ValidationError as error:
            first = error.errors()[0]
            wrong = FieldError(path="updated_since", code=first["type"], message=first["msg"])
            raise BadInput(
                "wrong_fields", "a parameter cannot be read", status=422, errors=[wrong]
            ) from None
    return Span(cursor=cursor, limit=limit, updated_since=since)


def _refuse_unknown(request: Request) -> None:
    """A filter that the list does not have would be answered with everybody.

    Raises BadInput.
    """
    asked = request.scope["route"].dependant
    known = [each.alias for part in (asked, *asked.dependencies) for each in part.query_params]
    said = f"no such filter; there are {', '.join(known)}"
    wrong = [
        FieldError(path=name, code="unknown_parameter", message=said)
        for name in sorted(request.query_params.keys() - set(known))
    ]
    if wrong:
        raise BadInput("wrong_fields", "a parameter is unknown", status=422, errors=wrong)


_SPAN = Depends(_span)


@router.get("/v1/leads", response_model=LeadsPage, responses=_REFUSALS)
async def leads(
    request: Request,
    caller: Caller = _BOTH,
    span: Span = _SPAN,
    rep: _Name = None,
    lane: Literal["rep", "offer", "self_serve"] | None = None,
    grade: Annotated[str | None, Query(pattern="^[A-D][1-4]$")] = None,
    account: _Name = None,
    outcome: Literal["open", "converted", "lost"] | None = None,
) -> dict[str, Any]:
    """Leads, those that changed longest ago first; a rep sees their own.

    To keep a copy: page to the end, then ask with the last `updated_at` as `updated_since`.
    """
    wanted = LeadFilter(rep=rep, lane=lane, grade=grade, account=account, outcome=outcome)
    return await transact(
        runtime_of(request),
        lambda tx: lists.leads_view(tx, caller, wanted, span),
        actor=caller.actor,
    )


@router.get("/v1/accounts", response_model=AccountsPage, responses=_REFUSALS)
async def accounts(
    request: Request, caller: Caller = _MANAGER, span: Span = _SPAN, rep: _Name = None
) -> dict[str, Any]:
    """Accounts, by id: whose they are, since when they pay, when they were last touched."""
    return await runtime_of(request).store.read(
        lambda connection: lists.accounts_view(connection, rep, span)
    )


@router.get("/v1/events", response_model=EventsPage, responses=_REFUSALS)
async def events(
    request: Request,
    caller: Caller = _MANAGER,
    span: Span = _SPAN,
    lead: _Name = None,
    name: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> dict[str, Any]:
    """Events, by id; `updated_since` goes by when they were received."""
    return await transact(
        runtime_of(request), lambda tx: lists.events_view(tx, lead, name, span), actor=caller.actor
    )


@router.get("/v1/reps", response_model=RepsPage, responses=_REFUSALS)
async def reps(request: Request, caller: Caller = _MANAGER, span: Span = _SPAN) -> dict[str, Any]:
    """Reps, by id, as `PUT /v1/reps/{rep}` answers them."""
    return await runtime_of(request).store.read(
        lambda connection: lists.reps_view(connection, span)
    )


@router.get("/v1/keys", response_model=KeysPage, responses=_REFUSALS)
async def keys(
    request: Request,
    caller: Caller = _MANAGER,
    span: Span = _SPAN,
    role: Literal["ingest", "rep", "manager", "admin"] | None = None,
) -> dict[str, Any]:
    """Keys, by id: whose they are, and when they ended; never a secret."""
    return await runtime_of(request).store.read(
        lambda connection: lists.keys_view(connection, role, span)
    )


@router.get("/v1/deliveries", response_model=DeliveriesPage, responses=_REFUSALS)
async def deliveries(
    request: Request,
    caller: Caller = _MANAGER,
    span: Span = _SPAN,
    tool: _Name = None,
    state: Literal["due", "sending", "done", "failed"] | None = None,
    webhook_id: _Name = None,
) -> dict[str, Any]:
    """What was to be told to or fetched from tools and the webhook's target, by id.

    An event's row has the `webhook_id` under which the target gets it, and `webhook_id` finds the
    row of one, for as long as calls are kept; it is null of all others.
    """
    return await runtime_of(request).store.read(
        lambda connection: lists.deliveries_view(connection, tool, state, webhook_id, span)
    )
