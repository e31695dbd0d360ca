"""Single sign-on into the console, where a provider is set."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.calls import parts_of, spend_as_unknown
from service.api.console.data import entered
from service.api.console.rendering import shown_page
from service.auth.oidc import Flow, SingleSignOn
from service.auth.sessions import FLOW_COOKIE, FLOW_SECONDS
from service.errors import NotFound, NotKnown
from service.runtime import Parts
from service.use_cases.access import sign_in

router = APIRouter(include_in_schema=False)


@router.get("/sign-in/oidc")
async def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    place, flow = await _provider(parts).begin()
    response = RedirectResponse(place, 303)
    response.set_cookie(
        FLOW_COOKIE,
        parts.sessions.begin_flow(flow.to_json()),
        max_age=FLOW_SECONDS,
        path="/sign-in",
        httponly=True,
        samesite="lax",  # it comes back from another site
        secure=parts.settings.public_url.startswith("https"),
    )
    return response


@router.get("/sign-in/oidc/callback")
async def callback(request: Request) -> Response:
    """The browser is back: whom the provider names may come in, if they are known here."""
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    given = request.query_params
    try:
        flow = Flow(**parts.sessions.read_flow(request.cookies.get(FLOW_COOKIE, "")))
        email = await _provider(parts).finish(
            flow, code=given.get("code", ""), state=given.get("state", "")
        )
        named = await sign_in.by_email(parts, email)
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=True, has_oidc=True)
    # a page, not a redirect: coming from another site, a strict cookie would not be sent along
    response = entered(request, parts, named, shown_page("entered.html"))
    response.delete_cookie(FLOW_COOKIE, path="/sign-in")
    return response


def _provider(parts: Parts) -> SingleSignOn:
    if parts.sign_on is None:
        raise NotFound("no_single_sign_on", "no provider is set: see the oidc_issuer setting")
    return parts.sign_on
