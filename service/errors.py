"""What the service refuses, each with its HTTP status and a code that never changes.

Refusal
├── BadInput          400/413/415/422, names the fields' paths, never repeats their values
├── NotKnown          401: no key, a wrong key or a wrong signature
├── NotAllowed        403: a good key of the wrong role, or somebody else's lead
├── NotFound          404
├── Conflict          409: an outdated version, or a repeated key with another body
├── TooMany           429
└── Unavailable       503: the store cannot be reached; try again
ConfigurationError    a setting, a model or a policy the service cannot start with
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TITLES = {413: "Body too large", 415: "Unsupported media type", 422: "Wrong fields"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One wrong field: where it is, what is wrong, and a code; never what it held."""

    path: str
    code: str
    message: str


class ConfigurationError(Exception):
    """The service cannot start as configured; the message says what to change."""


class Refusal(Exception):  # noqa: N818  # a refusal is an answer, not a fault
    """Base of everything that is answered with a problem document."""

    status = 400
    title = "Bad request"

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int = 0,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.more = more or {}


class BadInput(Refusal):
    """A body or a parameter that cannot be read as what it should be."""

    def __init__(
        self, code: str, detail: str, *, status: int = 400, errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(code, detail, errors=errors)
        self.status = status
        self.title = _TITLES.get(status, "Bad request")


class NotKnown(Refusal):
    status = 401
    title = "Not authenticated"


class NotAllowed(Refusal):
    status = 403
    title = "Not allowed"


class NotFound(Refusal):
    status = 404
    title = "Not found"


class Conflict(Refusal):
    status = 409
    title = "Conflict"


class TooMany(Refusal):
    status = 429
    title = "Too many requests"


class Unavailable(Refusal):
    status = 503
    title = "Unavailable"

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail, retry_after=1)
