"""An admin makes and revokes keys in the console; a new secret is shown once, and kept nowhere."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.console.pages import page
from service.api.console.sending import once_and_on, place_after, sent
from service.api.console.session import PageRoute, sent_once
from service.auth.keyring import ROLES, Role
from service.errors import BadInput, FieldError
from service.store.queue import reps
from service.use_cases.access.keys import ShownKey, add_key, revoke_key
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.tx import Tx, transact

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.post("/team/keys")
async def make_key(request: Request) -> Response:
    """A new key, on a page that is never shown again."""
    who, given = await sent(request, "admin")
    role, rep = _role(given.get("role", "")), given.get("rep") or None
    _must_be_sure(given)
    message = sent_once(request, who.caller, given)
    made: list[ShownKey] = []

    def job(tx: Tx) -> Answer:
        made.clear()  # a job may run again, and then be a repeat
        return once(tx, message, lambda: work(tx))

    def work(tx: Tx) -> Answer:
        if rep is not None and reps.find(tx.connection, rep) is None:
            raise _wrong("rep", "unknown_rep", "no rep has this id")
        key = add_key(
            tx.connection,
            who.runtime.vault,
            role=role,
            rep=rep if role == "rep" else None,
            person=given.get("person") or None,
            now=tx.now,
        )
        made[:] = [key]
        tx.audit("key.added", key.id)
        return Answer(status=303, body=place_after("/team", "key_made", "keys"))

    to = await transact(who.runtime, job, actor=who.caller.actor)
    who.runtime.keyring.forget()
    if not made:  # pressed twice: no secret is kept to show it again
        return RedirectResponse(to.body, to.status)
    return await page(request, who, "team", lambda _: {"made": made[0]}, "key_made.html")


@router.post("/team/keys/{key}/revoke")
async def revoke(request: Request, key: str) -> Response:
    """End a key and its sessions at once."""
    who, given = await sent(request, "admin")
    _must_be_sure(given)

    def work(tx: Tx) -> str:
        revoke_key(tx.connection, key=key, now=tx.now)
        tx.audit("key.revoked", key)
        return place_after("/team", "key_revoked", "keys")

    response = await once_and_on(request, who, given, work)
    who.runtime.keyring.forget()
    return response


def _role(named: str) -> Role:
    found = next((role for role in ROLES if role == named), None)
    if found is None:
        raise _wrong("role", "wrong_role", f"must be one of {', '.join(ROLES)}")
    return found


def _must_be_sure(given: dict[str, str]) -> None:
    if given.get("sure") != "yes":
        raise _wrong("sure", "not_confirmed", "tick the box to confirm")


def _wrong(field: str, code: str, says: str) -> BadInput:
    error = FieldError(path=field, code=code, message=says)
    return BadInput("wrong_fields", f"{field}: {says}", status=422, errors=[error])
