"""Keys as people change them: a further secret, or an end at once."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import answered, hand_of, parts_of, people, person_body
from service.api.document import body
from service.api.problems import answers
from service.auth.keyring import Caller
from service.errors import NotAllowed, NotFound
from service.schemas import people as bodies
from service.schemas.team_answers import KeyAnswer, KeyEnded
from service.store.ops import audit, keys
from service.use_cases.access.keys import revoke_key, rotate_key
from service.use_cases.leads.idempotency import Answer, answer, once

router = APIRouter(tags=["keys"])
_REFUSALS = answers(401, 403, 404, 409, 413, 415, 422)
_MANAGER = people("manager")
_ABOVE_A_MANAGER = ("manager", "admin")


@router.post(
    "/v1/keys/{key}/rotate",
    response_model=KeyAnswer,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing),
)
async def rotate(request: Request, key: str, caller: Caller = _MANAGER) -> Response:
    """A further secret, shown this once; the old one works on for the overlap."""
    parts = parts_of(request)
    message, _ = await person_body(request, bodies.Nothing, caller)
    now = parts.clock.now()
    shown: list[str] = []

    def work(connection: sa.Connection) -> Answer:
        _may_change(connection, key, caller)
        made = rotate_key(
            connection, key=key, overlap_hours=parts.settings.key_overlap_hours, now=now
        )
        audit.note(connection, hand_of(caller), "key.rotated", key, now)
        shown[:] = [made.secret]
        return answer(asdict(made) | {"secret": None})  # what is kept for repeats holds no secret

    def job(connection: sa.Connection) -> Answer:
        shown.clear()  # a job may run again, and then be a repeat
        return once(connection, message, now, lambda: work(connection))

    given = await parts.store.write(job)
    parts.keyring.forget()
    if shown:
        told = json.loads(given.body) | {"secret": shown[0]}
        given = replace(given, body=json.dumps(told, separators=(",", ":")))
    return answered(given)


@router.post(
    "/v1/keys/{key}/revoke",
    response_model=KeyEnded,
    responses=_REFUSALS,
    openapi_extra=body(bodies.Nothing),
)
async def revoke(request: Request, key: str, caller: Caller = _MANAGER) -> Response:
    """End a key and its sessions at once."""
    parts = parts_of(request)
    message, _ = await person_body(request, bodies.Nothing, caller)
    now = parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        _may_change(connection, key, caller)
        revoke_key(connection, key=key, now=now)
        audit.note(connection, hand_of(caller), "key.revoked", key, now)
        return answer({"id": key, "revoked": True})

    given = await parts.store.write(lambda c: once(c, message, now, lambda: work(c)))
    parts.keyring.forget()
    return answered(given)


def _may_change(connection: sa.Connection, key: str, caller: Caller) -> None:
    """Who gets a secret may act as its owner: no manager as another manager or as an admin."""
    found = keys.find(connection, key)
    if found is None:
        raise NotFound("unknown_key", "there is no such key, or it is revoked")
    if caller.role != "admin" and found[0] in _ABOVE_A_MANAGER and key != caller.key:
        raise NotAllowed("wrong_role", "only an admin changes another manager's key")
