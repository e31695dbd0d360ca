"""What a driver's error says of the store: a full disk, a read-only store, a lost connection."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from service.errors import Unavailable

_SQLITE_BASE = 0xFF  # an extended result code holds the plain one in its low byte


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailure:
    """Why a write failed: a stable code, and a sentence that says what to do."""

    code: str
    detail: str


UNREACHABLE = WriteFailure(
    code="store_unavailable", detail="the store cannot be reached; send it again"
)
FULL = WriteFailure(
    code="store_full", detail="the store's disk is full; free space there, then send it again"
)
READ_ONLY = WriteFailure(
    code="store_read_only",
    detail="the store takes no writes, it is read-only; make it writable, then send it again",
)
DISK_ERROR = WriteFailure(
    code="store_disk_error",
    detail="the store's disk reports an error; check the disk, then send it again",
)
FAULT = WriteFailure(
    code="store_write_failed",
    detail="the store's writer failed; see store.group_failed in the log, then send it again",
)
_BY_SQLSTATE = {"53100": FULL, "25006": READ_ONLY, "58030": DISK_ERROR}
_BY_SQLITE_CODE = {8: READ_ONLY, 10: DISK_ERROR, 13: FULL}


def failure_of(error: DBAPIError) -> WriteFailure:
    """The failure that a driver's error means; UNREACHABLE where it says nothing closer."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _BY_SQLITE_CODE.get(code & _SQLITE_BASE, UNREACHABLE)
    return _BY_SQLSTATE.get(getattr(error.orig, "sqlstate", None) or "", UNREACHABLE)


def lost_a_lock(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended the transaction because two waited for each other."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


def is_the_stores(error: DBAPIError) -> bool:
    """Whether the store is at fault, not the job's statement."""
    return (
        error.connection_invalidated
        or isinstance(error, OperationalError | InterfaceError)
        or failure_of(error) is READ_ONLY  # psycopg takes it for an internal error
    )


def as_unavailable(error: DBAPIError) -> BaseException:
    """The refusal a caller gets where the store is at fault, else the error itself."""
    if is_the_stores(error):
        failure = failure_of(error)
        return Unavailable(failure.code, failure.detail)
    return error
