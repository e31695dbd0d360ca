"""PostgreSQL's advisory locks, all in one list, so that no two of ours are one by accident.

SQLite's one writer is each of these locks already. A number stays what it is: versions that run
side by side during an upgrade keep one another out by it.
"""

from __future__ import annotations

from enum import IntEnum, unique

import sqlalchemy as sa


@unique
class AdvisoryLock(IntEnum):
    """What one transaction at a time does; those named `…_OF` are taken by a name."""

    MIGRATING = 0x67_69_76_65
    ISSUING = 0x67_69_76_66
    SEALING = 0x67_69_76_67
    COUNTING = 0x67_69_76_68
    KEEPING_CALLS = 0x67_69_76_69
    BEGINNING_MAILS = 0x67_69_76_6D
    CLAIMING_OF = 0x67_67_00_03
    ORDERING_REPORTS_OF = 0x67_67_00_04


def take(
    connection: sa.Connection, lock: AdvisoryLock, *, of: str | None = None, shared: bool = False
) -> None:
    """Wait for a lock and hold it until the transaction ends; `shared` by any who share it."""
    if connection.dialect.name == "postgresql":
        how = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        key = [sa.literal(int(lock))] + ([] if of is None else [sa.func.hashtext(of)])
        connection.execute(sa.select(getattr(sa.func, how)(*key)))


def is_taken(connection: sa.Connection, lock: AdvisoryLock) -> bool:
    """Take a lock if nobody has it; whether we hold it now."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(int(lock)))))
