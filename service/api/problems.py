"""Every error as `application/problem+json` (RFC 9457), with a stable code and no input in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.errors import Refusal
from service.schemas.fields import Answer
from service.schemas.parsing import wrong_fields

MEDIA_TYPE = "application/problem+json"
ERRORS = "/docs/errors"
"""Below it each code has a page: a problem's `type` is its address, on whatever host answered."""


class WrongField(Answer):
    """One wrong field of a body."""

    path: str
    code: str
    message: str


class Problem(Answer):
    """What was refused and what to do about it."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[WrongField] = Field(default_factory=list)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": "Refused; see `code`.", "content": content}
        for status in sorted({*statuses, 400, 414, 429, 500, 503})
    }


def pages(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that shows pages: those of these statuses are pages too."""
    shown = {
        status: {"description": "A page that says so.", "content": {"text/html": {}}}
        for status in statuses
    }
    return answers() | shown


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """A problem document."""
    body: dict[str, Any] = {
        "type": f"{ERRORS}/{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    body |= more or {}
    return Response(
        json.dumps(body, ensure_ascii=True), status, headers=headers, media_type=MEDIA_TYPE
    )


def refused(error: Refusal) -> Response:
    """The answer to a refusal."""
    headers = {"retry-after": str(error.retry_after)} if error.retry_after else {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    errors = [{"path": e.path, "code": e.code, "message": e.message} for e in error.errors]
    return problem(error.status, error.code, error.title, error.detail, errors, headers, error.more)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""

    async def on_refusal(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return refused(error)

    async def on_http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code, detail = _HTTP.get(error.status_code, ("refused", "the request cannot be answered"))
        headers = dict(error.headers) if error.headers else None
        return problem(
            error.status_code, code, code.replace("_", " ").capitalize(), detail, None, headers
        )

    async def on_parameters(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refused(wrong_fields(error.errors()))

    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(RequestValidationError, on_parameters)
    app.add_exception_handler(HTTPException, on_http)


_HTTP = {
    404: ("no_such_route", "there is nothing at this path"),
    405: ("method_not_allowed", "this path does not take this method"),
    400: ("bad_request", "the request cannot be read"),
    413: ("body_too_large", "the body is too large"),
}
