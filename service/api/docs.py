"""What the service says of its own calls and errors: pages without a script or an outside request.

A problem's `type` is the address of its page here. Anybody may ask for these, and writing a large
one takes milliseconds in which nothing else is answered, so each is written once.
"""

from __future__ import annotations

from functools import cache

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from service.api.console.rendering import shown_page
from service.api.problem_codes import catalogue
from service.api.problems import ERRORS
from service.api.reference import by_tag, operations
from service.errors import NotFound

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def document(request: Request) -> Response:
    """The OpenAPI document."""
    state = request.app.state
    if not hasattr(state, "openapi_text"):
        state.openapi_text = JSONResponse(request.app.openapi()).body
    return Response(state.openapi_text, media_type=JSONResponse.media_type)


@router.get("/docs")
async def calls(request: Request) -> HTMLResponse:
    """Every call, made from the OpenAPI document."""
    state = request.app.state
    if not hasattr(state, "docs_page"):
        groups = by_tag(operations(request.app.openapi()))
        state.docs_page = shown_page("docs_api.html", groups=groups).body
    return HTMLResponse(state.docs_page)


@router.get(ERRORS)
async def errors() -> HTMLResponse:
    """Every code."""
    return HTMLResponse(_errors_page())


@router.get(f"{ERRORS}/{{code}}")
async def error(code: str) -> HTMLResponse:
    """What one code means. Raises NotFound."""
    found = catalogue().problems.get(code)
    if found is None:
        raise NotFound("no_such_route", "there is no error of this code")
    return shown_page("docs_error.html", one=found)


@cache
def _errors_page() -> bytes:
    return bytes(shown_page("docs_errors.html", catalogue=catalogue()).body)
