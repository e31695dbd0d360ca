"""Figures about many accounts: rates, how orders were served, channels and what they cost."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from scoring.files.cells import safe_cell
from service.api.calls import answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.account_life import Cost
from service.domain.rates import By
from service.schemas.figure_answers import ChannelsAnswer, CostsAnswer, ModesAnswer, RatesAnswer
from service.schemas.figures import ChannelCosts, Moment
from service.use_cases.tx import Tx
from service.use_cases.views import figures

router = APIRouter(tags=["figures"])
_COSTS = {"costs": [{"month": "2026-11", "amount": {"minor": 50_000, "currency": "USD"}}]}
_REFUSALS = answers(400, 401, 403, 409, 413, 415, 422)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
_MANAGER = people("manager")
_Start = Annotated[Moment | None, Query(alias="from", description="A day or a time; a year ago.")]
_End = Annotated[Moment | None, Query(alias="to", description="Before this; now.")]


@router.get("/v1/rates", response_model=RatesAnswer, responses=_REFUSALS | _CSV)
async def rates(
    request: Request,
    by: By,
    start: _Start = None,
    end: _End = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    caller: Caller = _MANAGER,
) -> Any:
    """Coverage, conversion, repeat and penetration of accounts, by a group."""
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: Any) -> dict[str, Any]:
        tx = Tx(connection, runtime, now, caller.actor)
        return figures.rates_view(tx, by, figures.window_of(tx, start, end))

    found = await runtime.store.read(look)
    if form == "json":
        return found
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(figures.CSV_COLUMNS)
    for row in figures.rates_csv(found):
        writer.writerow("" if cell is None else safe_cell(str(cell)) for cell in row)
    return Response(page.getvalue(), media_type="text/csv; charset=utf-8")


@router.get("/v1/modes", response_model=ModesAnswer, responses=_REFUSALS)
async def modes(
    request: Request, start: _Start = None, end: _End = None, caller: Caller = _MANAGER
) -> dict[str, Any]:
    """Orders, revenue and customers by how they were served, month by month."""
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: Any) -> dict[str, Any]:
        tx = Tx(connection, runtime, now, caller.actor)
        return figures.modes_view(tx, figures.window_of(tx, start, end))

    return await runtime.store.read(look)


@router.get("/v1/channels", response_model=ChannelsAnswer, responses=_REFUSALS)
async def channels(request: Request, caller: Caller = _MANAGER) -> dict[str, Any]:
    """What each source brought and cost: an average, not what more money would bring."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    return await runtime.store.read(
        lambda connection: figures.channels_view(Tx(connection, runtime, now, caller.actor))
    )


@router.put(
    "/v1/channels/{source:path}/costs",
    response_model=CostsAnswer,
    responses=_REFUSALS | answers(404),
    openapi_extra=body(ChannelCosts, _COSTS),
)
async def costs(request: Request, source: str, caller: Caller = _MANAGER) -> Response:
    """Replace what a source cost, month by month."""
    message, given = await person_body(request, ChannelCosts, caller)
    told = [
        Cost(source=source, month=one.month, minor=one.amount.minor, currency=one.amount.currency)
        for one in given.costs
    ]
    return await answer_once(
        request, message, lambda tx: figures.keep_costs(tx, source, told), actor=caller.actor
    )
