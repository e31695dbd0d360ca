"""One's own sessions: the page that lists them, and the form that ends one or all."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.console.pages import page
from service.api.console.session import PageRoute, form, visitor
from service.auth.sessions import COOKIE
from service.console import sessions_page
from service.use_cases.access import own_sessions
from service.use_cases.tx import transact

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/sessions")
async def sessions(request: Request) -> Response:
    """Where the visitor is signed in."""
    who = await visitor(request)
    return await page(request, who, "sessions", lambda look: sessions_page.page(look, who.session))


@router.post("/sessions/end")
async def end(request: Request) -> Response:
    """Sign out at one place, or at every place."""
    who = await visitor(request)
    handle = (await form(request)).get("session", "")
    owner, actor = who.session.owner, who.caller.actor
    if handle == "all":
        await transact(who.runtime, lambda tx: own_sessions.end_all(tx, owner), actor=actor)
        response = RedirectResponse("/", 303)
        response.delete_cookie(COOKIE)
        return response
    await transact(who.runtime, lambda tx: own_sessions.end_one(tx, owner, handle), actor=actor)
    return RedirectResponse("/sessions?said=session_ended", 303)
