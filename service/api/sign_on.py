"""Single sign-on into the console, where a provider is set."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.calls import runtime_of, spend_as_unknown
from service.api.console.data import entered
from service.api.console.rendering import shown_page
from service.auth.oidc import Flow, SingleSignOn
from service.auth.sessions import FLOW_COOKIE, FLOW_SECONDS
from service.errors import NotFound, NotKnown
from service.runtime import Runtime
from service.use_cases.access import sign_in

router = APIRouter(include_in_schema=False)


@router.get("/sign-in/oidc")
async def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    runtime = runtime_of(request)
    spend_as_unknown(request, runtime)
    place, flow = await _provider(runtime).begin()
    response = RedirectResponse(place, 303)
    response.set_cookie(
        FLOW_COOKIE,
        runtime.sessions.begin_flow(flow.to_json()),
        max_age=FLOW_SECONDS,
        path="/sign-in",
        httponly=True,
        samesite="lax",  # it comes back from another site
        secure=runtime.settings.public_url.startswith("https"),
    )
    return response


@router.get("/sign-in/oidc/callback")
async def callback(request: Request) -> Response:
    """The browser is back: whom the provider names may come in, if they are known here."""
    runtime = runtime_of(request)
    spend_as_unknown(request, runtime)
    given = request.query_params
    try:
        flow = Flow(**runtime.sessions.read_flow(request.cookies.get(FLOW_COOKIE, "")))
        email = await _provider(runtime).finish(
            flow, code=given.get("code", ""), state=given.get("state", "")
        )
        named = await sign_in.by_email(runtime, email)
    except NotKnown:
        return shown_page("sign_in.html", 401, refused=True, has_oidc=True)
    # a page, not a redirect: coming from another site, a strict cookie would not be sent along
    response = await entered(request, runtime, named, shown_page("entered.html"))
    response.delete_cookie(FLOW_COOKIE, path="/sign-in")
    return response


def _provider(runtime: Runtime) -> SingleSignOn:
    if runtime.sign_on is None:
        raise NotFound("no_single_sign_on", "no provider is set: see the oidc_issuer setting")
    return runtime.sign_on
