"""An admin gives log-ins and keys in the console; a new secret is shown once, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.console.pages import page
from service.api.console.sending import once_and_on, place_after, sent
from service.api.console.session import PageRoute, Visitor, sent_once
from service.auth.keyring import ROLES, Role
from service.errors import BadInput, FieldError, NotFound
from service.store.ops import users as people
from service.store.queue import reps
from service.use_cases.access import users
from service.use_cases.access.keys import ShownKey, add_key, revoke_key, rotate_key
from service.use_cases.access.users import ShownPerson
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.tx import Tx, transact

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.post("/team/people")
async def let_in(request: Request) -> Response:
    """A log-in for a person, its password on a page that is never shown again."""
    who, given = await sent(request, "admin")
    roles = tuple(role for role in ROLES if given.get(f"role_{role}") == "yes")
    rep = given.get("rep") or None
    name, login = given.get("name", "").strip(), given.get("login", "").strip()
    if not name:
        raise _wrong("name", "missing", "must be said")
    if "@" not in login:
        raise _wrong("login", "wrong_email", "must be a mail address")

    def work(tx: Tx) -> ShownPerson:
        if rep is not None and "rep" in roles:
            _known_rep(tx, rep)
        return users.add(
            tx.connection,
            login=login,
            name=name,
            roles=roles,
            rep=rep if "rep" in roles else None,
            now=tx.now,
        )

    return await _shown_once(request, who, given, work, what="person.added", said="person_made")


@router.post("/team/people/{person}/password")
async def renew_password(request: Request, person: str) -> Response:
    """A new password, on a page that is never shown again; the old one and its sessions end."""
    who, given = await sent(request, "admin")

    def work(tx: Tx) -> ShownPerson:
        return users.renew(tx.connection, login=_login(tx, person))

    what = "person.password_renewed"
    return await _shown_once(request, who, given, work, what=what, said="password_made")


@router.post("/team/people/{person}/end")
async def end_log_in(request: Request, person: str) -> Response:
    """Let a person in no more, and end their sessions."""
    who, given = await sent(request, "admin")
    _must_be_sure(given)

    def work(tx: Tx) -> str:
        ended = users.end(tx.connection, login=_login(tx, person), now=tx.now)
        tx.audit("person.ended", ended)
        return place_after("/team", "person_ended", "keys")

    return await once_and_on(request, who, given, work)


@router.post("/team/keys")
async def make_key(request: Request) -> Response:
    """A new key, on a page that is never shown again."""
    who, given = await sent(request, "admin")
    role, rep = _role(given.get("role", "")), given.get("rep") or None
    _must_be_sure(given)

    def work(tx: Tx) -> ShownKey:
        if rep is not None:
            _known_rep(tx, rep)
        return add_key(
            tx.connection,
            who.runtime.vault,
            role=role,
            rep=rep if role == "rep" else None,
            person=given.get("person") or None,
            now=tx.now,
        )

    return await _shown_once(request, who, given, work, what="key.added", said="key_made")


@router.post("/team/keys/{key}/rotate")
async def rotate(request: Request, key: str) -> Response:
    """A further secret of a key, on a page that is never shown again; the old one ends later."""
    who, given = await sent(request, "admin")
    hours = who.runtime.settings.key_overlap_hours

    def work(tx: Tx) -> ShownKey:
        vault = who.runtime.vault
        return rotate_key(tx.connection, vault, key=key, overlap_hours=hours, now=tx.now)

    return await _shown_once(request, who, given, work, what="key.rotated", said="key_rotated")


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


async def _shown_once(
    request: Request,
    who: Visitor,
    given: dict[str, str],
    work: Callable[[Tx], ShownKey | ShownPerson],
    *,
    what: str,
    said: str,
) -> Response:
    """The page of the secret that `work` makes, noted as `what`; pressed again, the team's."""
    message = sent_once(request, who.caller, given)
    made: list[ShownKey | ShownPerson] = []

    def job(tx: Tx) -> Answer:
        made.clear()  # a job may run again, and then be a repeat
        return once(tx, message, lambda: make(tx))

    def make(tx: Tx) -> Answer:
        made[:] = [work(tx)]
        tx.audit(what, made[0].id)
        return Answer(status=303, body=place_after("/team", said, "keys"))

    to = await transact(who.runtime, job, actor=who.caller.actor)
    who.runtime.keyring.forget()
    if not made:  # pressed twice: no secret is kept to show it again
        return RedirectResponse(to.body, to.status)
    shown = {
        "made": made[0],
        "is_person": isinstance(made[0], ShownPerson),
        "is_further": what in ("key.rotated", "person.password_renewed"),
        "overlap_hours": who.runtime.settings.key_overlap_hours,
    }
    return await page(request, who, "team", lambda _: shown, "access_made.html")


def _login(tx: Tx, person: str) -> str:
    found = people.find(tx.connection, person)
    if found is None:
        raise NotFound("unknown_person", "nobody who may log in has this id")
    return found.login


def _known_rep(tx: Tx, rep: str) -> None:
    if reps.find(tx.connection, rep) is None:
        raise _wrong("rep", "unknown_rep", "no rep has this id")


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
