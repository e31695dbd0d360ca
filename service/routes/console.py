"""The console at `/`: a person signs in and sees queue, offers and mails."""

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
from service.sessions import COOKIE, SESSION_SECONDS
from service.use_cases import console_view, entry

router = APIRouter(include_in_schema=False)
_FORM_BYTES = 4096


@router.get("/")
async def page(request: Request) -> HTMLResponse:
    """The console, or the form to sign in."""
    parts = parts_of(request)
    try:
        caller, person = await entry.of_session(parts, request.cookies.get(COOKIE, ""))
    except NotKnown:
        return shown_page("sign_in.html", refused=False, has_oidc=parts.sign_on is not None)
    now = parts.clock.now()
    shown = await parts.store.read(
        lambda connection: console_view.view(connection, parts, caller, now)
    )
    others = () if person is None else tuple(r for r in person.roles if r != caller.role)
    name = None if person is None else person.name
    return shown_page("console.html", **shown, person=name, role=caller.role, other_roles=others)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Start a session by log-in and password, or by a key's secret."""
    _same_origin(request)
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    given = await _form(request)
    try:
        if given.get("login"):
            named = await entry.by_password(parts, given["login"], given.get("password", ""))
        else:
            named = await entry.by_secret(parts, given.get("secret", ""))
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=True, has_oidc=parts.sign_on is not None)
    return entered(request, parts, named, RedirectResponse("/", 303))


@router.get("/enter/{token}")
async def enter(request: Request, token: str) -> Response:
    """Start a session from a link its owner was shown."""
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    try:
        key = parts.sessions.read_entrance(token)
        await parts.keyring.owner(key, parts.clock.now())
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=True, has_oidc=parts.sign_on is not None)
    return entered(request, parts, key, RedirectResponse("/", 303))


@router.post("/role")
async def switch_role(request: Request) -> Response:
    """Go on in another role of one's own."""
    _same_origin(request)
    parts = parts_of(request)
    role = (await _form(request)).get("role", "")
    try:
        named = await entry.in_role(parts, request.cookies.get(COOKIE, ""), role)
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=False, has_oidc=parts.sign_on is not None)
    return entered(request, parts, named, RedirectResponse("/", 303))


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    _same_origin(request)
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE)
    return response


def entered(request: Request, parts: Parts, named: str, response: Response) -> Response:
    """The response, with the session in its cookie."""
    is_https = "https" in (request.url.scheme, parts.settings.public_url.partition(":")[0])
    response.set_cookie(
        COOKIE,
        parts.sessions.start(named),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=is_https,
    )
    return response


async def _form(request: Request) -> dict[str, str]:
    body = await read_body(request, _FORM_BYTES, kind="application/x-www-form-urlencoded")
    return dict(parse_qsl(body.decode("ascii", "replace")))


def _same_origin(request: Request) -> None:
    """A form may only come from our own pages. Raises NotAllowed."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if site not in ("same-origin", "none") or is_foreign:
        raise NotAllowed("foreign_origin", "this form was sent from another site")


def shown_page(name: str, status: int = 200, **shown: object) -> HTMLResponse:
    """A page of the console."""
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
