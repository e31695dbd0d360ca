"""Switches a manager turns for every process at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import switches

MAIL_PAUSED = "mail_paused"
MAIL_HELD = "mail_held"
"""Turned by the worker while the mail server refuses us, whatever the mail."""

WEBHOOK_GONE = "webhook_gone"
"""Turned by the worker when the webhook's target answers 410; the reason is its fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """How a switch stands, who turned it, why and when."""

    is_on: bool
    by: str
    reason: str
    at: datetime


_COLUMNS = tuple(Turned.__slots__)


def find(connection: sa.Connection, name: str) -> Turned | None:
    """How a switch stands; None when nobody ever touched it."""
    row = connection.execute(
        sa.select(*(switches.c[column] for column in _COLUMNS)).where(switches.c.name == name)
    ).first()
    return None if row is None else Turned(**row._mapping)


def is_on(connection: sa.Connection, name: str) -> bool:
    """Whether a switch is on; off until somebody turns it."""
    found = find(connection, name)
    return found is not None and found.is_on


def turn(connection: sa.Connection, name: str, turned: Turned) -> None:
    """Turn a switch."""
    values = {column: getattr(turned, column) for column in _COLUMNS}
    changed = connection.execute(sa.update(switches).where(switches.c.name == name).values(values))
    if changed.rowcount == 0:
        connection.execute(switches.insert(), values | {"name": name})
