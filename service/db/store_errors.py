"""What a driver's error says of the store: a full disk, a read-only store, a lost connection."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

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
FULL = WriteFailure(code="store_full", detail="the store's disk is full; free space there")
READ_ONLY = WriteFailure(
    code="store_read_only", detail="the store takes no writes, it is read-only; make it writable"
)
DISK_ERROR = WriteFailure(
    code="store_disk_error", detail="the store's disk reports an error; check the disk"
)
FAULT = WriteFailure(
    code="store_write_failed",
    detail="the store's writer failed; see store.group_failed in the log, then send it again",
)
_BY_SQLSTATE = {"53100": FULL, "25006": READ_ONLY, "58030": DISK_ERROR}
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: DISK_ERROR,
    sqlite3.SQLITE_FULL: FULL,
}
_MAY_BE_READ_ONLY = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


def is_read_only(folder: Path) -> bool:
    """Whether the system takes no new file there: a read-only file system, or no right to write."""
    try:
        with TemporaryFile(dir=folder):
            return False
    except OSError as error:
        return error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)


def name_read_only(error: object, folder: Path) -> bool:
    """Whether SQLite's error means that its file takes no writes, which its code then says.

    Where a file system has become read-only, SQLite speaks of an I/O error, or of a file that
    cannot be opened.
    """
    code = getattr(error, "sqlite_errorcode", 0) & _SQLITE_BASE
    if isinstance(error, sqlite3.Error) and code in _MAY_BE_READ_ONLY and is_read_only(folder):
        error.sqlite_errorcode = code = sqlite3.SQLITE_READONLY
    return code == sqlite3.SQLITE_READONLY


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
