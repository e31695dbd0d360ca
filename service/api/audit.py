"""What was done, by whose hand: for managers, newest first."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request

from service.api.calls import people, runtime_of
from service.api.problems import answers
from service.auth.keyring import Caller
from service.schemas.team_answers import AuditAnswer
from service.use_cases.views import audit_trail

router = APIRouter(tags=["audit"])
_MANAGER = people("manager")


@router.get("/v1/audit", response_model=AuditAnswer, responses=answers(401, 403, 404, 422))
async def newest(
    request: Request,
    caller: Caller = _MANAGER,
    lead: Annotated[str | None, Query(max_length=255)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """The newest lines; with `lead`, every decision about one lead and every hand on it."""

    def look(connection: sa.Connection) -> dict[str, Any]:
        if lead is None:
            return audit_trail.newest(connection, limit)
        return audit_trail.of_lead(connection, lead, limit)

    return await runtime_of(request).store.read(look)
