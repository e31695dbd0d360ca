"""What a browser is shown where a fault of ours leaves it without an answer."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from service.api.console.rendering import shown_page
from service.api.languages import locale_for
from service.api.public import message
from service.runtime import Runtime

_CUSTOMERS = ("/o/", "/u/", "/c/", "/y/", "/r/", "/a/")


def fault_page(runtime: Runtime, scope: Scope, request: str) -> Response | None:
    """A page that names the logged request; None for programs, which are told as programs are.

    It asks no store, which may be what failed: so the seller's console shows no menu of a role.
    """
    headers = Headers(scope=scope)
    if "text/html" not in headers.get("accept", "") or "authorization" in headers:
        return None
    if scope["path"].startswith(_CUSTOMERS):
        failed = Request(scope)
        tongue = locale_for(failed, None)
        return message(failed, tongue, "failed", 500, runtime=runtime, code=request)
    return shown_page("fault.html", 500, code=request)
