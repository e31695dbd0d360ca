"""Switches a manager turns for every process at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import switches

MAIL_PAUSED = "mail_paused"
MAIL_HELD = "mail_held"
"""Turned by the worker while the mail server refuses us, whatever the mail."""

WEBHOOK_GONE = "webhook_gone"
"""Turned by the worker when the webhook's target answers 410; the reason is its fingerprint."""
UNLISTED_PROXY = "unlisted_proxy"
"""Turned when somebody who is no listed proxy speaks for others; the reason is their address."""

RULE_PAUSED = "rule_paused:"
"""Before a rule's id; turned on by its readers' complaints, off by a person."""
CODE_STOPPED = "code_stopped:"
"""Before a code in its normal form; turned on by a person."""
CODE_PUBLIC = "code_public:"
"""Likewise; turned on when too many strangers presented it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """How a switch stands, who turned it, why and when."""

    is_on: bool
    by: str
    reason: str
    at: datetime


_COLUMNS = tuple(Turned.__slots__)
_ON = Statement(  # few are ever on: one text for whatever their names begin with
    sa.select(switches.c.name, *(switches.c[column] for column in _COLUMNS))
    .where(switches.c.is_on)
    .order_by(switches.c.name)
)


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


def on_under(connection: sa.Connection, prefix: str) -> dict[str, Turned]:
    """The switches that are on of those whose names begin so, by the rest of their names."""
    return {
        name.removeprefix(prefix): Turned(**dict(zip(_COLUMNS, turned, strict=True)))
        for name, *turned in _ON.all(connection)
        if name.startswith(prefix)
    }


def public_codes(connection: sa.Connection) -> dict[str, Turned]:
    """The codes that have gone public and that nobody stopped yet."""
    stopped = on_under(connection, CODE_STOPPED)
    public = on_under(connection, CODE_PUBLIC)
    return {code: turned for code, turned in public.items() if code not in stopped}


def turn(connection: sa.Connection, name: str, turned: Turned) -> None:
    """Turn a switch."""
    values = {column: getattr(turned, column) for column in _COLUMNS}
    changed = connection.execute(sa.update(switches).where(switches.c.name == name).values(values))
    if changed.rowcount == 0:
        connection.execute(switches.insert(), values | {"name": name})
