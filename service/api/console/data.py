"""Coming into the console and leaving it: sign in, switch the role, sign out."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.calls import address_of, runtime_of, spend_as_unknown
from service.api.console.rendering import shown_page
from service.api.console.session import PageRoute, form, same_origin
from service.auth.sessions import COOKIE, SESSION_SECONDS, Origin
from service.errors import NotKnown
from service.runtime import Runtime
from service.use_cases.access import own_sessions
from service.use_cases.access import sign_in as entry

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Start a session by log-in and password, or by a key's secret."""
    same_origin(request)
    runtime = runtime_of(request)
    spend_as_unknown(request, runtime)
    given = await form(request)
    try:
        if given.get("login"):
            named = await entry.by_password(
                runtime, given["login"], given.get("password", ""), address=address_of(request)
            )
        else:
            named = await entry.by_secret(runtime, given.get("secret", ""))
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=True, has_oidc=runtime.sign_on is not None)
    return await entered(request, runtime, named, RedirectResponse("/", 303))


@router.get("/enter/{token}")
async def enter(request: Request, token: str) -> Response:
    """Start a session from a link its owner was shown."""
    runtime = runtime_of(request)
    spend_as_unknown(request, runtime)
    try:
        named = runtime.sessions.read_entrance(token)
        await entry.of_named(runtime, named)
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=True, has_oidc=runtime.sign_on is not None)
    return await entered(request, runtime, named, RedirectResponse("/", 303))


@router.post("/role")
async def switch_role(request: Request) -> Response:
    """Go on in another role of one's own."""
    role = (await form(request)).get("role", "")
    runtime = runtime_of(request)
    await entry.go_on_as(runtime, request.cookies.get(COOKIE, ""), role)
    return RedirectResponse("/", 303)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, for whoever kept its cookie too."""
    same_origin(request)
    runtime = runtime_of(request)
    with suppress(NotKnown):  # over already
        await own_sessions.end(runtime, request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE)
    return response


async def entered(request: Request, runtime: Runtime, named: str, response: Response) -> Response:
    """The response, with the cookie of a new session."""
    origin = Origin(address=address_of(request), browser=request.headers.get("user-agent", ""))
    is_https = "https" in (request.scope["scheme"], runtime.settings.public_url.partition(":")[0])
    response.set_cookie(
        COOKIE,
        await runtime.sessions.begin(named, origin),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=is_https,
    )
    return response
