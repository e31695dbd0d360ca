"""Keys as people change them: a further secret, or an end at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answer, answer_once, people, person_body, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.errors import NotAllowed, NotFound
from service.schemas import people as bodies
from service.schemas.team_answers import KeyAnswer, KeyEnded
from service.store.ops import keys
from service.use_cases.access.keys import ShownKey, revoke_key, rotate_key
from service.use_cases.leads.idempotency import Answer, encoded, once
from service.use_cases.tx import Tx

router = APIRouter(tags=["keys"])
_REFUSALS = answers(401, 403, 404, 409, 413, 415, 422)
_MANAGER = people("manager")
_ABOVE_A_MANAGER = ("manager", "admin")


@router.post(
    "/v1/keys/{key}/rotate",
    response_model=KeyAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing, {}),
)
async def rotate(request: Request, key: str, caller: Caller = _MANAGER) -> Response:
    """A further secret, shown this once; the old one works on for the overlap."""
    runtime = runtime_of(request)
    message, _ = await person_body(request, bodies.Nothing, caller)
    made: list[ShownKey] = []

    def work(tx: Tx) -> Answer:
        _may_change(tx.connection, key, caller)
        hours = runtime.settings.key_overlap_hours
        made[:] = [
            rotate_key(tx.connection, runtime.vault, key=key, overlap_hours=hours, now=tx.now)
        ]
        tx.audit("key.rotated", key)
        return encoded(asdict(made[0]) | {"secret": None})  # no secret is kept for repeats

    def job(tx: Tx) -> Answer:
        made.clear()  # a job may run again, and then be a repeat
        kept = once(tx, message, lambda: work(tx))
        return encoded(asdict(made[0])) if made else kept

    response = await answer(request, job, actor=caller.actor)
    runtime.keyring.forget()
    return response


@router.post(
    "/v1/keys/{key}/revoke",
    response_model=KeyEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing, {}),
)
async def revoke(request: Request, key: str, caller: Caller = _MANAGER) -> Response:
    """End a key and its sessions at once."""
    message, _ = await person_body(request, bodies.Nothing, caller)

    def work(tx: Tx) -> dict[str, Any]:
        _may_change(tx.connection, key, caller)
        revoke_key(tx.connection, key=key, now=tx.now)
        tx.audit("key.revoked", key)
        return {"id": key, "revoked": True}

    response = await answer_once(request, message, work, actor=caller.actor)
    runtime_of(request).keyring.forget()
    return response


def _may_change(connection: sa.Connection, key: str, caller: Caller) -> None:
    """Who gets a secret may act as its owner: no manager as another manager or as an admin."""
    found = keys.find(connection, key)
    if found is None:
        raise NotFound("unknown_key", "there is no such key, or it is revoked")
    if caller.role != "admin" and found[0] in _ABOVE_A_MANAGER and key != caller.key:
        raise NotAllowed("wrong_role", "only an admin changes another manager's key")
