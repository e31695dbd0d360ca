"""What every page of the console begins with: whose session it is, and that a form is our own.

Its refusals are pages: without a session the form to sign in, else what was refused and a way back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import key_holder, runtime_of, spend_as_unknown
from service.api.console.rendering import shown_page
from service.auth.keyring import Caller
from service.auth.sessions import COOKIE
from service.errors import NotAllowed, NotKnown, Refusal
from service.runtime import Runtime
from service.schemas.parsing import read_body
from service.store.leads.idempotency import Message
from service.store.ops.sessions import Session
from service.store.ops.users import Person
from service.use_cases.access import sign_in

_FORM_BYTES = 262_144
MANAGERS = ("manager", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who looks at the console, in which role."""

    runtime: Runtime
    caller: Caller
    person: Person | None
    session: Session

    @property
    def other_roles(self) -> tuple[str, ...]:
        """What else they may act as."""
        person = self.person
        return () if person is None else tuple(r for r in person.roles if r != self.caller.role)


class PageRoute(APIRoute):
    """A route that answers people in a browser."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own work, with refusals as pages."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            if "authorization" in request.headers:
                return await handle(request)  # a machine, with its key: problems are JSON
            try:
                return await handle(request)
            except NotKnown:
                has_oidc = runtime_of(request).sign_on is not None
                return shown_page("sign_in.html", 401, refused=False, has_oidc=has_oidc)
            except Refusal as error:
                return shown_page(
                    "refused.html",
                    error.status,
                    title=error.title,
                    code=error.code,
                    detail=error.detail,
                    errors=error.errors,
                )

        return handled


async def visitor(request: Request, *roles: str, is_use: bool = True) -> Visitor:
    """Whose session it is, in one of these roles; in any, where none is named.

    A page's own refresh is no use (`is_use`) of it.

    Raises NotKnown, NotAllowed, TooMany.
    """
    runtime = runtime_of(request)
    try:
        session, caller, person = await sign_in.of_session(
            runtime, request.cookies.get(COOKIE, ""), is_use=is_use
        )
    except NotKnown:
        spend_as_unknown(request, runtime)
        raise
    runtime.rates.spend(caller.key, runtime.settings.person_calls_per_minute)
    if roles and caller.role not in roles:
        wanted = " and ".join(f"{role}s" for role in roles)
        raise NotAllowed("wrong_role", f"this is for {wanted}, and you are here as a {caller.role}")
    return Visitor(runtime=runtime, caller=caller, person=person, session=session)


async def is_one_of_us(request: Request) -> bool:
    """Whether who looks at a customer's page is signed in to the console."""
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return False
    try:
        await sign_in.of_session(runtime_of(request), cookie, is_use=False)
    except NotKnown:
        return False
    return True


async def signed_in(request: Request) -> Caller:
    """Whose session it is, or whose bearer key: a table may be fetched by a machine.

    Raises NotKnown, NotAllowed, TooMany.
    """
    if "authorization" in request.headers:
        return await key_holder(request)
    return (await visitor(request)).caller


async def form(request: Request) -> dict[str, str]:
    """A form of our own pages. Raises NotAllowed, BadInput."""
    same_origin(request)
    body = await read_body(request, _FORM_BYTES, kind="application/x-www-form-urlencoded")
    given = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True)
    return {name: text.replace("\0", "\ufffd") for name, text in given}


def same_origin(request: Request) -> None:
    """A form may only come from our own pages. Raises NotAllowed."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or (origin is not None and _is_foreign(origin, request)):
        raise NotAllowed("foreign_origin", "this form was sent from another site")


def sent_once(request: Request, caller: Caller, given: dict[str, str]) -> Message | None:
    """The message of a form that names itself: a second press of its button changes nothing."""
    named = given.get("once", "")
    if not named:
        return None
    said = repr(sorted(given.items())).encode()
    digest = hashlib.sha256(request.scope["path"].encode() + b"\n" + said).hexdigest()
    return Message(sender=caller.key, id=f"form:{named[:100]}", body_hash=digest)


def _is_foreign(origin: str, request: Request) -> bool:
    """Whether a form's page came from elsewhere, or over no TLS where we are asked over it."""
    scheme, _, host = origin.partition("://")
    is_weaker = scheme == "http" and request.scope["scheme"] == "https"
    return is_weaker or host != request.headers.get("host")
