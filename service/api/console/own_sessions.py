"""One's own sessions: the page that lists them, and the form that ends one or all."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.console.pages import page
from service.api.console.session import PageRoute, form, sent_once, visitor
from service.auth.sessions import COOKIE
from service.console import sessions_page
from service.use_cases.access import own_sessions
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.tx import Tx, transact

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
    given = await form(request)
    handle, owner = given.get("session", ""), who.session.owner
    message = sent_once(request, who.caller, given)

    def work(tx: Tx) -> Answer:
        if handle == "all":
            own_sessions.end_all(tx, owner)
            return Answer(status=303, body="/")
        own_sessions.end_one(tx, owner, handle)
        return Answer(status=303, body="/sessions?said=session_ended")

    to = await transact(
        who.runtime, lambda tx: once(tx, message, lambda: work(tx)), actor=who.caller.actor
    )
    response = RedirectResponse(to.body, to.status)
    if handle == "all":
        response.delete_cookie(COOKIE)
    return response
