"""Reads a body once: size, type, JSON, then the model; refuses with paths, never values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import pydantic_core
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from service.errors import BadInput, FieldError

M = TypeVar("M", bound=BaseModel)
RAW_BODY = "giveget.body"
"""Where a request's scope has the body that was read, for who writes the call down."""
_DEEPEST = 64
_LARGEST = 2**63
_PATH_LENGTH = 200
_ID = re.compile("(^i|_i|I)ds?$")
"""Keys whose values name something: `id`, `lead_id`, `external_ids`, `userId`."""
_SURROGATE = re.compile("[\ud800-\udfff]")


async def read_body(request: Request, limit: int, *, kind: str = "application/json") -> bytes:
    """The raw body of media type `kind`; raises BadInput 413 or 415."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    media_type = request.headers.get("content-type", kind).partition(";")[0].strip()
    if media_type.lower() != kind:
        raise BadInput("wrong_media_type", f"send Content-Type: {kind}", status=415)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    raw = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    request.scope[RAW_BODY] = raw
    return raw


def parse_json(raw: bytes, cleaned: list[str] | None = None) -> Any:
    """The value a body holds; raises BadInput for what the two stores would not both keep.

    That is NaN and infinities, NUL and lone surrogates in text, whole numbers beyond 64 bits,
    and nesting deeper than 64. Who gives a list `cleaned` loses nobody for a NUL: it is taken out
    of texts, but for names of things, and the paths of those texts are appended.
    """
    try:
        value = pydantic_core.from_json(raw, allow_inf_nan=False, cache_strings="keys")
    except (ValueError, RecursionError):
        raise BadInput("bad_json", "the body is not JSON") from None
    if cleaned is not None and rb"\u0000" in raw:
        value = without_nul(value, cleaned)
    _check(value, "", 0)
    return value


def without_nul(value: Any, cleaned: list[str], path: str = "", depth: int = 0) -> Any:
    """A value of JSON without NUL in its texts; in an id it stays, since without it the id would be
    another's, and within an address two dots stand for it, which no address has."""
    if isinstance(value, str) and "\0" in value:
        cleaned.append(path)
        name = path.rpartition(".")[2].lower()
        return value.strip("\0").replace("\0", ".." if name == "email" else "")
    if depth >= _DEEPEST:
        return value  # refused by who checks it
    if isinstance(value, list):
        return [
            without_nul(each, cleaned, f"{path}.{index}", depth + 1)
            for index, each in enumerate(value)
        ]
    if isinstance(value, dict):
        return {
            key: inner
            if _ID.search(key)
            else without_nul(inner, cleaned, f"{path}.{key}" if path else key, depth + 1)
            for key, inner in value.items()
        }
    return value


def read_model(model: type[M], value: Any) -> M:
    """The body as `model`; raises BadInput 422 naming every wrong field."""
    if not isinstance(value, dict):
        raise BadInput("not_an_object", "the body must be a JSON object", status=422)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise wrong_fields(found) from None


def wrong_fields(found: Iterable[Mapping[str, Any]]) -> BadInput:
    """The 422 for what pydantic found, without the values it found it in."""
    errors = [
        FieldError(
            path=".".join(str(part) for part in one["loc"])[:_PATH_LENGTH],
            code=one["type"],
            message=one["msg"],
        )
        for one in found
    ]
    paths = ", ".join(e.path or "the body" for e in errors[:5])
    return BadInput("wrong_fields", f"cannot be read: {paths}", status=422, errors=errors)


def _too_large(limit: int) -> BadInput:
    return BadInput("body_too_large", f"a body may have {limit:,} bytes", status=413)


def _check(value: Any, path: str, depth: int) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise _bad_value(path, "nul_character", "text must not contain NUL")
        if not value.isascii() and _SURROGATE.search(value):
            raise _bad_value(path, "lone_surrogate", "text must be valid Unicode")
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if not -_LARGEST <= value < _LARGEST:
            raise _bad_value(path, "number_too_large", "a whole number must fit 64 bits")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _bad_value(path, "number_not_finite", "a number must be finite")
    elif depth >= _DEEPEST:
        raise BadInput("too_deep", f"JSON may be nested {_DEEPEST} levels deep")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, path, depth + 1)
            _check(inner, f"{path}.{key}" if path else key, depth + 1)
    else:
        for index, inner in enumerate(value):
            _check(inner, f"{path}.{index}", depth + 1)


def _bad_value(path: str, code: str, message: str) -> BadInput:
    shown = _SURROGATE.sub("\ufffd", path.replace("\0", "\ufffd"))[:_PATH_LENGTH]
    error = FieldError(path=shown, code=code, message=message)
    return BadInput(code, message, status=422, errors=[error])
