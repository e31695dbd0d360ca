"""The switch that stops all mail at once, in every process."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.domain.lead_record import time_text
from service.schemas import people as bodies
from service.schemas.team_answers import LiftedAnswer, MailAnswer
from service.store.ops import switches
from service.store.ops.switches import MAIL_HELD, MAIL_PAUSED, Turned
from service.use_cases.access.mail_switch import turn_mail
from service.use_cases.intake import bounces

router = APIRouter(tags=["mail"])
_LIFT = {"email": "jo@acme-foods.example", "reason": "their mailbox was full; they wrote to us"}
_REFUSALS = answers(400, 401, 403, 409, 413, 415, 422)
_MANAGER = people("manager")


@router.get("/v1/mail", response_model=MailAnswer, responses=answers(401, 403))
async def mail(request: Request, caller: Caller = _MANAGER) -> dict[str, Any]:
    """Whether mail leaves."""
    return _switch_json(*await runtime_of(request).store.read(_read))


@router.post(
    "/v1/mail/pause",
    response_model=MailAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.PauseMail, {"reason": "the terms are being changed"}),
)
async def pause(request: Request, caller: Caller = _MANAGER) -> Response:
    """Let no mail leave until it is resumed; what is staged waits."""
    return await _turn(request, caller, is_on=True)


@router.post(
    "/v1/mail/resume",
    response_model=MailAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.PauseMail, {"reason": "the terms are right again"}),
)
async def resume(request: Request, caller: Caller = _MANAGER) -> Response:
    """Let mail leave again."""
    return await _turn(request, caller, is_on=False)


@router.post(
    "/v1/mail/lift",
    response_model=LiftedAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.LiftSuppression, _LIFT),
)
async def lift(request: Request, caller: Caller = _MANAGER) -> Response:
    """Let mail go again to an address that bounced; never to one that asked for no more."""
    message, given = await person_body(request, bodies.LiftSuppression, caller)
    return await answer_once(
        request,
        message,
        lambda tx: {"lifted": bounces.lift(tx, given.email, given.reason)},
        actor=caller.actor,
    )


async def _turn(request: Request, caller: Caller, *, is_on: bool) -> Response:
    message, given = await person_body(request, bodies.PauseMail, caller)
    return await answer_once(
        request,
        message,
        lambda tx: _switch_json(
            turn_mail(tx, paused=is_on, reason=given.reason), _held(tx.connection)
        ),
        actor=caller.actor,
    )


def _read(connection: sa.Connection) -> tuple[Turned | None, str | None]:
    return switches.find(connection, MAIL_PAUSED), _held(connection)


def _held(connection: sa.Connection) -> str | None:
    held = switches.find(connection, MAIL_HELD)
    return held.reason if held is not None and held.is_on else None


def _switch_json(turned: Turned | None, held: str | None) -> dict[str, Any]:
    if turned is None:
        return {"paused": False, "by": None, "reason": None, "at": None, "held": held}
    return {
        "paused": turned.is_on,
        "by": turned.by,
        "reason": turned.reason,
        "at": time_text(turned.at),
        "held": held,
    }
