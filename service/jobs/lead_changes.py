"""What a step has not looked at yet of the leads that changed: its mark, and how it moves on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from service.store.leads import changes
from service.store.leads.changes import Place
from service.store.ops import jobs

MOST = 500
"""Changes looked at in one round."""
_LAP = timedelta(seconds=10)
"""Looked at twice: a transaction may commit after a later one."""


def changes_after(connection: sa.Connection, mark: str) -> Sequence[Place]:
    """When which leads changed since the mark, the longest ago first."""
    found = jobs.find(connection, mark)
    place = (datetime(1970, 1, 1, tzinfo=UTC), "")
    if found is not None:
        at, _, lead = (found.told or "").partition(" ")
        place = (datetime.fromisoformat(at), lead)
    return changes.leads_after(connection, place, MOST)


def move_on(
    connection: sa.Connection, mark: str, looked_at: Sequence[Place], now: datetime
) -> None:
    """The mark after these."""
    at, lead = looked_at[-1] if len(looked_at) == MOST else (now - _LAP, "")
    jobs.put_mark(connection, mark, f"{at.isoformat()} {lead}", now)
