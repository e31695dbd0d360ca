"""The console at `/`: a person signs in with their key and sees queue, offers and mails."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.errors import NotAllowed, NotKnown
from service.parts import Parts
from service.routes.body import read_body
from service.routes.calls import parts_of, spend_as_unknown
from service.security import Caller
from service.sessions import COOKIE, SESSION_SECONDS
from service.use_cases import console_view

router = APIRouter(include_in_schema=False)
_FORM_BYTES = 4096


@router.get("/")
async def page(request: Request) -> HTMLResponse:
    """The console, or the form to sign in."""
    parts = parts_of(request)
    try:
        caller = await _caller(request, parts)
    except NotKnown:
        return _page("sign_in.html", refused=False)
    now = parts.clock.now()
    shown = await parts.store.read(
        lambda connection: console_view.view(connection, parts, caller, now)
    )
    return _page("console.html", **shown)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Start a session for the owner of a key's secret."""
    _same_origin(request)
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    body = await read_body(request, _FORM_BYTES, kind="application/x-www-form-urlencoded")
    secret = dict(parse_qsl(body.decode("ascii", "replace"))).get("secret", "")
    try:
        caller = await parts.keyring.person(f"Bearer {secret}", parts.clock.now())
    except NotKnown:
        return _page("sign_in.html", 401, refused=True)
    return _entered(request, parts, caller)


@router.get("/enter/{token}")
async def enter(request: Request, token: str) -> Response:
    """Start a session from a link its owner was shown."""
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    try:
        key = parts.sessions.read_entrance(token)
        caller = await parts.keyring.owner(key, parts.clock.now())
    except NotKnown:
        return _page("sign_in.html", 401, refused=True)
    return _entered(request, parts, caller)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    _same_origin(request)
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE)
    return response


def _entered(request: Request, parts: Parts, caller: Caller) -> Response:
    response = RedirectResponse("/", 303)
    response.set_cookie(
        COOKIE,
        parts.sessions.start(caller.key),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


async def _caller(request: Request, parts: Parts) -> Caller:
    key = parts.sessions.read(request.cookies.get(COOKIE, ""))
    return await parts.keyring.owner(key, parts.clock.now())


def _same_origin(request: Request) -> None:
    """A form may only come from our own pages. Raises NotAllowed."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowed("foreign_origin", "this form was sent from another site")


def _page(name: str, status: int = 200, **shown: object) -> HTMLResponse:
    return HTMLResponse(_pages().get_template(name).render(shown), status)


def _clock_time(at: datetime) -> str:
    return at.strftime("%-d %b, %H:%M UTC")


@cache
def _pages() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(files("service").joinpath("pages"))),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock_time"] = _clock_time
    environment.filters["iso_time"] = lambda text: _clock_time(datetime.fromisoformat(text))
    return environment
